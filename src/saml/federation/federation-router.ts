/** Routes of the sign-on at organizations' identity providers (contract/saml.md 3). */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { AppId, OrganizationId } from '../../base/ids.ts';
import { sendPostingPage } from '../../http/posting-page.ts';
import { pathId } from '../../http/route.ts';
import { validate } from '../../http/validate.ts';
import { SAML_TEXTS } from '../../texts/saml-texts.ts';
import { readMessage } from '../incoming.ts';
import { languageOf, onPage } from '../saml-router.ts';
import { redirectTo } from './federated-request.ts';
import { type FederatedSignOn, FINISH_PATH } from './federated-sign-on.ts';
import { ssoStart } from './start-schema.ts';

export interface FederationRouterParts {
  readonly signOn: FederatedSignOn;
  readonly origin: string;
}

export function createFederationRouter({ signOn, origin }: FederationRouterParts): Router {
  const router = new Router();
  router.get('/v1/auth/sso/start', (ctx) => onPage(ctx, () => start(signOn, ctx)));
  router.post('/v1/auth/sso/organizations/:organization_id/applications/:appId/complete', (ctx) =>
    onPage(ctx, () => receive(signOn, ctx, origin)),
  );
  router.get(FINISH_PATH, (ctx) => onPage(ctx, async () => goTo(ctx, await signOn.finish(ctx))));
  return router;
}

async function start(signOn: FederatedSignOn, ctx: Context): Promise<void> {
  const { provider, request } = await signOn.start(ctx, validate(ssoStart, { ...ctx.query }));
  if (provider.ssoBinding === 'redirect') return goTo(ctx, redirectTo(provider.ssoUrl, request));
  const t = SAML_TEXTS[languageOf(ctx)];
  sendPostingPage(ctx, 200, {
    action: provider.ssoUrl,
    fields: { SAMLRequest: Buffer.from(request).toString('base64') },
    title: t.signingIn,
    button: t.goOn,
  });
}

async function receive(signOn: FederatedSignOn, ctx: Context, origin: string): Promise<void> {
  const place = {
    organizationId: pathId<OrganizationId>(ctx, 'organization_id'),
    appId: pathId<AppId>(ctx, 'appId'),
  };
  // Now the browser comes with its cookie, which the post of another site did not bring.
  goTo(ctx, `${origin}${await signOn.receive(await readMessage(ctx), place, ctx.ip)}`);
}

function goTo(ctx: Context, url: string): void {
  ctx.status = 303;
  ctx.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  ctx.redirect(url);
}
