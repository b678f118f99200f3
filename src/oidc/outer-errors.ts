/** The engine's own form for refusals that the engine gives no body, or only half of one (contract D14). */
import type { Context, Middleware } from 'koa';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { UnservedEndpoint } from './page-faults.ts';
import { errorPage } from './pages.ts';

const UNSERVED = 'there is no such endpoint, or it does not take this method';
const WITHOUT_DESCRIPTION: Readonly<Record<string, string>> = {
  request_not_supported: 'the parameter request is not supported; send the parameters themselves',
  request_uri_not_supported:
    'request_uri is taken at the authorization endpoint, and only from a pushed request',
  registration_not_supported: 'the parameter registration is not supported',
};

/** First of the engine's middleware: every 4xx below the mount point has `error` and `error_description`. */
export const outerErrors: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof errors.OIDCProviderError)) throw error;
    return refuse(ctx, error.statusCode, error);
  }
  if (ctx.status < 400) return;
  const body = ctx.body as { error?: string; error_description?: string } | string | null | undefined;
  if (body === undefined || body === null) return refuse(ctx, ctx.status, new UnservedEndpoint(UNSERVED));
  if (typeof body === 'object' && body.error !== undefined)
    body.error_description ??= WITHOUT_DESCRIPTION[body.error] ?? 'the request was refused';
};

function refuse(ctx: Context, status: number, error: errors.OIDCProviderError): void {
  const out = { error: error.error, error_description: error.error_description ?? '' };
  ctx.status = status;
  if (ctx.accepts('json', 'html') === 'html') errorPage(ctx as unknown as KoaContextWithOIDC, out, error);
  else ctx.body = out;
}

/** A sign-in comes back without parameters. The engine's error handler would trip over some that are not its own. */
export const bareResume: Middleware = (ctx, next) => {
  if (/^\/(auth|device)\/[^/]+$/.test(ctx.path)) ctx.querystring = '';
  return next();
};
