/** Routes of service providers of the older form (contract/saml.md 2): the relayed sign-on, and our metadata for each. */
import Router from '@koa/router';
import type Koa from 'koa';
import type { Caller } from '../base/caller.ts';
import { forbidden, notFound } from '../base/errors.ts';
import type { ServiceProviderId, TenantId } from '../base/ids.ts';
import { assertMayCall } from '../http/permission.ts';
import { sendPostingPage } from '../http/posting-page.ts';
import { pathId } from '../http/route.ts';
import type { PublishedCertificate } from '../keys/saml-certificate-store.ts';
import { type ServiceProvider, serviceProviderEndpoints } from '../service-providers/service-provider.ts';
import { chooseLanguage } from '../texts/language.ts';
import { SAML_TEXTS } from '../texts/saml-texts.ts';
import { readRelayed } from './incoming.ts';
import type { LegacySignOn } from './legacy-sign-on.ts';
import { LEGACY_SIGN_ON } from './legacy-sign-on-schema.ts';
import { METADATA_TYPE, signedMetadata } from './metadata.ts';
import type { Reply } from './respond.ts';
import { NAME_ID } from './saml-names.ts';

export interface LegacyRouterParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  /** @throws 401 without a good token. */
  readonly authenticate: (ctx: Koa.Context) => Promise<Caller>;
  readonly legacySignOn: LegacySignOn;
  readonly providers: {
    find(tenantId: TenantId, id: ServiceProviderId): Promise<ServiceProvider | undefined>;
  };
  readonly certificates: {
    list(
      tenantId: TenantId,
      owner: { serviceProviderId: ServiceProviderId },
    ): Promise<readonly PublishedCertificate[]>;
  };
}

export function createLegacyRouter(parts: LegacyRouterParts): Koa.Middleware {
  const router = new Router();
  router.get(LEGACY_SIGN_ON.path, (ctx) => signOn(parts, ctx));
  const signOnOnly = router.routes() as unknown as Koa.Middleware;
  const methods = router.allowedMethods() as unknown as Koa.Middleware;
  const metadataRouter = new Router();
  // The same address, with a token, is a row of the management API.
  metadataRouter.get('/v1/serviceprovider/saml2/:serviceProviderId', (ctx, next) =>
    wantsMetadata(ctx) ? metadata(parts, ctx) : next(),
  );
  const metadataOnly = metadataRouter.routes() as unknown as Koa.Middleware;
  return (ctx, next) => metadataOnly(ctx, () => signOnOnly(ctx, () => methods(ctx, next)));
}

const wantsMetadata = (ctx: Koa.Context): boolean =>
  ctx.get('authorization') === '' && ctx.accepts('application/samlmetadata+xml', 'xml', 'json') !== 'json';

async function signOn({ authenticate, legacySignOn }: LegacyRouterParts, ctx: Koa.Context): Promise<void> {
  const caller = await authenticate(ctx);
  assertMayCall(LEGACY_SIGN_ON, caller, {});
  if (caller.kind !== 'user') throw forbidden('This kind of token cannot be used here');
  const id = pathId<ServiceProviderId>(ctx, 'serviceProviderId');
  const reply = await legacySignOn.answer(caller, id, readRelayed(ctx.querystring));
  ctx.vary('Accept');
  // Whoever takes anything gets the page, which the application passes on to the browser as it is.
  if (ctx.accepts('html', 'json') === 'json') sendJson(ctx, reply);
  else sendPage(ctx, reply);
}

const fieldsOf = ({ response, relayState }: Reply) => ({
  SAMLResponse: response,
  ...(relayState !== undefined && { RelayState: relayState }),
});

function sendJson(ctx: Koa.Context, reply: Reply): void {
  ctx.status = LEGACY_SIGN_ON.status;
  ctx.set('cache-control', 'no-store');
  ctx.body = { result: { SsoUrl: reply.acsUrl, ...fieldsOf(reply) } };
}

function sendPage(ctx: Koa.Context, reply: Reply): void {
  const lang = chooseLanguage([], ctx.get('Accept-Language'));
  const t = SAML_TEXTS[lang];
  sendPostingPage(ctx, 200, {
    action: reply.acsUrl,
    fields: fieldsOf(reply),
    title: t.signingIn,
    button: t.goOn,
    lang,
  });
}

async function metadata(parts: LegacyRouterParts, ctx: Koa.Context): Promise<void> {
  const { tenantId, origin, providers, certificates, legacySignOn } = parts;
  const serviceProviderId = pathId<ServiceProviderId>(ctx, 'serviceProviderId');
  const provider = await providers.find(tenantId, serviceProviderId);
  if (!provider) throw notFound('There is no service provider with this ID');
  const { issuer, ssoUrl } = serviceProviderEndpoints(origin, serviceProviderId);
  const published = await certificates.list(tenantId, { serviceProviderId });
  ctx.body = await signedMetadata(
    { entityId: issuer, ssoUrl, wantsSigned: false, formats: [NAME_ID.persistent] },
    {
      certificates: published.map(({ pem }) => pem),
      signer: await legacySignOn.signerOf(provider),
      now: new Date(),
    },
  );
  ctx.vary('Accept');
  ctx.type = METADATA_TYPE;
}
