/** Routes of the sign-in at organizations' OpenID Connect providers (contract/saml.md 3). */
import Router from '@koa/router';
import type { Context, Next } from 'koa';
import type { OrganizationId } from '../base/ids.ts';
import { faultsOnPage } from '../http/fault-page.ts';
import { pathId } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import { CALLBACK_PATH } from '../organizations/oidc-identity-provider.ts';
import { ssoStart } from '../organizations/sso-start-schema.ts';
import { SAML_TEXTS } from '../texts/saml-texts.ts';
import type { OrganizationSignIn } from './organization-sign-in.ts';

const person = (handle: (ctx: Context) => Promise<void>) =>
  faultsOnPage((lang) => ({ title: SAML_TEXTS[lang].refused, advice: SAML_TEXTS[lang].startAgain }), handle);

export function createFederationRouter(signIn: Pick<OrganizationSignIn, 'start' | 'receive'>): Router {
  const router = new Router();
  router.get('/v1/auth/sso/start', (ctx, next) => person((context) => start(signIn, context, next))(ctx));
  router.get(
    CALLBACK_PATH,
    person(async (ctx) => goTo(ctx, await signIn.receive(ctx, undefined))),
  );
  router.get(
    `${CALLBACK_PATH}/:organization_id`,
    person(async (ctx) =>
      goTo(ctx, await signIn.receive(ctx, pathId<OrganizationId>(ctx, 'organization_id'))),
    ),
  );
  return router;
}

/** Where the organization has no provider of this kind, those of other kinds come next. */
async function start(signIn: Pick<OrganizationSignIn, 'start'>, ctx: Context, next: Next): Promise<void> {
  const url = await signIn.start(ctx, validate(ssoStart, { ...ctx.query }));
  if (url === undefined) await next();
  else goTo(ctx, url);
}

function goTo(ctx: Context, url: string): void {
  ctx.status = 303;
  ctx.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  ctx.redirect(url);
}
