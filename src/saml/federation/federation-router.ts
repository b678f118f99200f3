/** Routes of the sign-on at organizations' identity providers (contract/saml.md 3). */
import Router from '@koa/router';
import type { Context } from 'koa';
import type { AppId, OrganizationId } from '../../base/ids.ts';
import { pathId } from '../../http/route.ts';
import { validate } from '../../http/validate.ts';
import { ssoStart } from '../../organizations/sso-start-schema.ts';
import { readMessage } from '../incoming.ts';
import { onPage, send } from '../saml-pages.ts';
import { redirectTo } from './federated-request.ts';
import { type FederatedSignOn, FINISH_PATH } from './federated-sign-on.ts';
import { olderStart } from './older-schema.ts';

export interface FederationRouterParts {
  readonly signOn: FederatedSignOn;
  readonly origin: string;
}

export function createFederationRouter({ signOn, origin }: FederationRouterParts): Router {
  const router = new Router();
  const person = (handle: (ctx: Context) => Promise<void>) => onPage('refused', handle);
  router.get(
    '/v1/auth/sso/start',
    person((ctx) => start(signOn, ctx, validate(ssoStart, { ...ctx.query }))),
  );
  router.get(
    '/v1/auth/sso/saml/start',
    person((ctx) => start(signOn, ctx, validate(olderStart, { ...ctx.query }))),
  );
  router.post(
    '/v1/auth/sso/organizations/:organization_id/applications/:appId/complete',
    person((ctx) => receive(signOn, ctx, origin)),
  );
  router.get(
    FINISH_PATH,
    person(async (ctx) => goTo(ctx, await signOn.finish(ctx))),
  );
  return router;
}

async function start(
  signOn: FederatedSignOn,
  ctx: Context,
  asked: Parameters<FederatedSignOn['start']>[1],
): Promise<void> {
  const { provider, request } = await signOn.start(ctx, asked);
  if (provider.ssoBinding === 'redirect') return goTo(ctx, redirectTo(provider.ssoUrl, request));
  const fields = { SAMLRequest: Buffer.from(request).toString('base64') };
  send(ctx, { binding: 'post', action: provider.ssoUrl, fields }, 'signingIn');
}

async function receive(signOn: FederatedSignOn, ctx: Context, origin: string): Promise<void> {
  const place = {
    organizationId: pathId<OrganizationId>(ctx, 'organization_id'),
    appId: pathId<AppId>(ctx, 'appId'),
  };
  // Now the browser comes with its cookie, which the post of another site did not bring.
  goTo(ctx, `${origin}${await signOn.receive(await readMessage(ctx), place)}`);
}

function goTo(ctx: Context, url: string): void {
  ctx.status = 303;
  ctx.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  ctx.redirect(url);
}
