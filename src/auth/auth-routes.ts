/** The authentication API, as far as it exists: signing out, and the answer to a CIBA request (contract/oidc.md 11, 14). */
import Router from '@koa/router';
import type Koa from 'koa';
import type { Caller } from '../base/caller.ts';
import { readJsonBody } from '../http/json-body.ts';
import { type CompletionParts, completeBackchannel } from './backchannel-completion.ts';
import { logout } from './logout.ts';

export interface AuthParts {
  /** @throws 401 without a good token. */
  authenticate(ctx: Koa.Context): Promise<Caller>;
  readonly logout: Parameters<typeof logout>[0];
  readonly backchannel: CompletionParts;
}

export function createAuthRouter(parts: AuthParts): Koa.Middleware {
  const router = new Router();
  router.post('/v1/auth/logout', async (ctx) => {
    ctx.set('cache-control', 'no-store');
    ctx.body = await logout(parts.logout, await parts.authenticate(ctx as unknown as Koa.Context));
  });
  router.post('/auth/backchannel/complete', async (context) => {
    const ctx = context as unknown as Koa.Context;
    ctx.set('cache-control', 'no-store');
    const caller = await parts.authenticate(ctx);
    await readJsonBody(ctx);
    const { body = {} } = ctx.request as { body?: unknown };
    await completeBackchannel(parts.backchannel, caller, body);
    ctx.status = 204;
  });
  const routes = router.routes() as unknown as Koa.Middleware;
  const methods = router.allowedMethods() as unknown as Koa.Middleware;
  return (ctx, next) => routes(ctx, () => methods(ctx, next));
}
