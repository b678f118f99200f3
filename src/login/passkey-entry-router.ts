/** GET `/v1/auth/webauthn`: a sign-in at the authorization endpoint that begins with the passkey (contract/authentication.md 8). */
import Router from '@koa/router';

/** The endpoint holds the request against the client's rules: nothing of it is believed here. */
export function createPasskeyEntryRouter(): Router {
  const router = new Router();
  router.get('/v1/auth/webauthn', (ctx) => {
    const query = new URLSearchParams(ctx.querystring);
    query.set('loginType', 'webauthn-direct');
    if (!query.has('scope')) query.set('scope', 'openid');
    ctx.status = 302;
    ctx.set('Cache-Control', 'no-store');
    ctx.redirect(`/oidc/auth?${query}`);
  });
  return router;
}
