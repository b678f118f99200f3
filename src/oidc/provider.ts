/** Builds the engine: one line per policy, no logic. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { JWK } from 'jose';
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import type { ClientId, TenantId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Client } from '../clients/client.ts';
import type { Sealer } from '../keys/sealer.ts';
import type { Resource } from '../resources/resource.ts';
import type { Database } from '../storage/database.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import type { Tenant } from '../tenants/tenant-store.ts';
import type { UserStore } from '../users/user-store.ts';
import { findAccount } from './account.ts';
import { modelAdapter } from './adapter/adapter.ts';
import type { StateReader } from './adapter/state-reader.ts';
import { bareResume, outerErrors } from './outer-errors.ts';
import { errorPage, signedOutPage, signOutPage } from './pages.ts';
import { settingsOf } from './policies/client-settings.ts';
import { grantFor } from './policies/grant-reuse.ts';
import { requiresPkce } from './policies/pkce.ts';
import { refreshTokenIssue, refreshTokenRotation } from './policies/refresh-tokens.ts';
import { DEFAULT_RESOURCE, resourceServer, SCOPES } from './policies/resource-servers.ts';
import { accessTokenClaims } from './policies/token-claims.ts';
import { grantTtl, lifetimes, refreshTokenTtl } from './policies/token-lifetimes.ts';
import { mayIntrospect, mayRevoke } from './policies/token-readers.ts';
import { promptPolicy } from './prompts/prompts.ts';
import { requestState, withRequestState } from './request-state.ts';
import { acceptSignedBearer, acceptSignedForm } from './signed-tokens.ts';
import type { VerifiedToken } from './verified-token.ts';

export interface EngineParts {
  readonly issuer: string;
  readonly tenantId: TenantId;
  readonly db: Database;
  readonly ephemeral: EphemeralStore;
  readonly states: StateReader;
  readonly sealer: Sealer;
  readonly keys: readonly JWK[];
  readonly verify: (token: string) => Promise<VerifiedToken | undefined>;
  readonly users: Pick<UserStore, 'find'>;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly findResource: (uri: string) => Promise<Resource | undefined>;
  /** The tenant's numbers, cached and kept true by the change feed. */
  readonly tenant: () => Tenant;
  readonly log: Logger;
}

const now = (): number => Math.floor(Date.now() / 1000);
const SESSION_SECONDS = 1_209_600;

function configuration(parts: EngineParts): Configuration {
  const { tenant } = parts;
  const loadResource = async (uri: string | undefined): Promise<Resource | undefined> => {
    const resource =
      uri === undefined || uri === DEFAULT_RESOURCE ? undefined : await parts.findResource(uri);
    if (resource) requestState().resource = resource;
    else delete requestState().resource;
    return resource;
  };
  const numbersFor = (client: Parameters<typeof settingsOf>[0]) =>
    lifetimes(tenant(), settingsOf(client), requestState().resource);
  const secure = parts.issuer.startsWith('https:');
  return {
    adapter: modelAdapter({
      ...parts,
      prepareLifetimes: async (uri) => void (await loadResource(uri)),
      graceSeconds: () => tenant().refreshGraceSeconds,
    }),
    jwks: { keys: [...parts.keys] } as NonNullable<Configuration['jwks']>,
    routes: {
      authorization: '/auth',
      token: '/token',
      introspection: '/token/introspection',
      revocation: '/token/revocation',
      userinfo: '/me',
      jwks: '/jwks',
      pushed_authorization_request: '/request',
      device_authorization: '/device/auth',
      code_verification: '/device',
      backchannel_authentication: '/backchannel',
      end_session: '/session/end',
    },
    scopes: SCOPES,
    responseTypes: ['code'],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      email: ['email', 'email_verified'],
      phone: ['phone_number', 'phone_number_verified'],
      address: ['address'],
      profile: [
        'name',
        'given_name',
        'family_name',
        'middle_name',
        'picture',
        'birthdate',
        'locale',
        'updated_at',
      ],
    },
    subjectTypes: ['public'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'],
    },
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: mayIntrospect },
      revocation: { enabled: true, allowedPolicy: mayRevoke },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => DEFAULT_RESOURCE,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_ctx, uri, client) =>
          resourceServer(tenant(), settingsOf(client), uri, await loadResource(uri)),
      },
      rpInitiatedLogout: { enabled: true, logoutSource: signOutPage, postLogoutSuccessSource: signedOutPage },
      userinfo: { enabled: true },
      claimsParameter: { enabled: true },
    },
    extraClientMetadata: { properties: ['tessera'] },
    extraParams: ['custom_message'],
    extraTokenClaims: async (_ctx, token) =>
      token.client &&
      accessTokenClaims(
        parts.tenantId,
        token as Parameters<typeof accessTokenClaims>[1],
        settingsOf(token.client),
      ),
    pkce: { required: (_ctx, client) => requiresPkce(settingsOf(client)) },
    issueRefreshToken: refreshTokenIssue,
    rotateRefreshToken: (ctx) => refreshTokenRotation(ctx, numbersFor, now()),
    expiresWithSession: async () => false,
    loadExistingGrant: grantFor,
    findAccount: (_ctx, sub) => findAccount(parts.users, parts.tenantId, sub),
    interactions: { url: (_ctx, interaction) => `/login/${interaction.uid}`, policy: promptPolicy() },
    renderError: errorPage,
    ttl: {
      AccessToken: (_ctx, token, client) =>
        token.resourceServer?.accessTokenTTL ?? numbersFor(client).accessToken,
      ClientCredentials: (_ctx, token, client) =>
        token.resourceServer?.accessTokenTTL ?? numbersFor(client).accessToken,
      AuthorizationCode: 60,
      IdToken: 3600,
      Interaction: 3600,
      Session: SESSION_SECONDS,
      RefreshToken: (_ctx, token, client) => refreshTokenTtl(numbersFor(client), token.iiat ?? now(), now()),
      Grant: (ctx: KoaContextWithOIDC) =>
        ctx.oidc.client
          ? grantTtl(numbersFor(ctx.oidc.client), ctx.oidc.requestParamScopes.has('offline_access'))
          : SESSION_SECONDS,
    },
    cookies: {
      keys: [parts.sealer.derive('cookies')],
      names: { session: 'tessera_session', interaction: 'tessera_interaction', resume: 'tessera_resume' },
      // Lax, not Strict: the browser comes back in a redirect chain that another site began.
      long: { httpOnly: true, sameSite: 'lax', signed: true, secure },
      short: { httpOnly: true, sameSite: 'lax', signed: true, secure },
    },
    clientBasedCORS: () => false,
    clockTolerance: 5,
  };
}

/** @returns the engine; mount it below `/oidc`. */
export function createProvider(parts: EngineParts): Provider {
  const provider = new Provider(parts.issuer, configuration(parts));
  const { origin } = new URL(parts.issuer);
  // Every link is built on the configured address; no request header has a say (pitfall 7).
  provider.OIDCContext.prototype.urlFor = function urlFor(name: string, options?: object) {
    return new URL(provider.pathFor(name, options as never), origin).href;
  };
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(secret: string) {
    const actual = hash('sha256', secret, 'buffer');
    return settingsOf(this)
      .secretHashes.map((known) => timingSafeEqual(Buffer.from(known, 'base64url'), actual))
      .includes(true);
  };
  provider.use(outerErrors);
  provider.use(bareResume);
  provider.use((_ctx, next) => withRequestState(next));
  provider.use(acceptSignedForm(parts.verify, ['/token/introspection', '/token/revocation']));
  provider.use(acceptSignedBearer(parts.verify, '/me'));
  provider.use(async (ctx, next) => {
    await next();
    const { successor } = requestState();
    const body = ctx.body as { refresh_token?: string } | undefined;
    if (successor !== undefined && body?.refresh_token !== undefined) body.refresh_token = successor;
  });
  provider.on('server_error', (ctx, error) =>
    parts.log.error({ err: error, path: ctx.path }, 'the engine failed'),
  );
  return provider;
}
