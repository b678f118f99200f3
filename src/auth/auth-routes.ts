/** The authentication API, as far as it exists: signing out with a user's token (contract/oidc.md 11). */
import Router from '@koa/router';
import type Koa from 'koa';
import type { Caller } from '../base/caller.ts';
import { logout } from './logout.ts';

export interface AuthParts {
  /** @throws 401 without a good token. */
  authenticate(ctx: Koa.Context): Promise<Caller>;
  readonly logout: Parameters<typeof logout>[0];
}

export function createAuthRouter(parts: AuthParts): Koa.Middleware {
  const router = new Router();
  router.post('/v1/auth/logout', async (ctx) => {
    ctx.set('cache-control', 'no-store');
    ctx.body = await logout(parts.logout, await parts.authenticate(ctx as unknown as Koa.Context));
  });
  const routes = router.routes() as unknown as Koa.Middleware;
  const methods = router.allowedMethods() as unknown as Koa.Middleware;
  return (ctx, next) => routes(ctx, () => methods(ctx, next));
}
