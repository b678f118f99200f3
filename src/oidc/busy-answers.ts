/** Says of a fault of the database that passes what it is: the same request can succeed a moment later (RFC 6749 section 4.1.2.1, RFC 9110 section 15.6.4). */
import type { Context, Middleware } from 'koa';
import type Provider from 'oidc-provider';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { Logger } from '../base/logger.ts';
import { isPassing } from '../storage/database.ts';
import { errorPage } from './pages.ts';
import { requestState } from './request-state.ts';

/** The engine answers such a fault like any other of its own; it is noted here for `answerBusy`. */
export function noteServerErrors(provider: Provider, log: Logger): void {
  provider.on('server_error', (ctx, error) => {
    log.error({ err: error, path: ctx.path }, 'the engine failed');
    if (isPassing(error)) requestState().isBusy = true;
  });
}

/** Puts 503 in the place of what the engine has answered, or of a fault that came up before its endpoints. */
export const answerBusy =
  (log: Logger): Middleware =>
  async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!isPassing(error)) throw error;
      log.error({ err: error, path: ctx.path }, 'the engine failed');
      requestState().isBusy = true;
    }
    if (requestState().isBusy) refuse(ctx);
  };

function refuse(ctx: Context): void {
  const fault = new errors.TemporarilyUnavailable('the server is busy; send the request again');
  const out = { error: fault.error, error_description: fault.error_description ?? '' };
  ctx.status = 503;
  ctx.set('retry-after', '1');
  ctx.set('cache-control', 'no-store');
  if (ctx.accepts('json', 'html') === 'html') errorPage(ctx as unknown as KoaContextWithOIDC, out, fault);
  else ctx.body = out;
}
