/** Builds the engine: one line per policy, no logic. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { JWK } from 'jose';
import type Provider from 'oidc-provider';
import type { Configuration, ExternalSigningKey, KoaContextWithOIDC } from 'oidc-provider';
import type { ClientId, TenantId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Client } from '../clients/client.ts';
import type { ConsentStore } from '../consents/consent-store.ts';
import type { DelegatedConsentStore } from '../consents/delegated-consent-store.ts';
import type { GroupStore } from '../groups/group-store.ts';
import type { CertificateOf } from '../http/client-certificate.ts';
import type { FetchOutside } from '../http/outbound.ts';
import type { Sealer } from '../keys/sealer.ts';
import type { Messages } from '../messages/message.ts';
import type { OrganizationMemberStore } from '../organizations/organization-member-store.ts';
import type { Resource } from '../resources/resource.ts';
import type { RoleStore } from '../roles/role-store.ts';
import { AttemptLimit } from '../storage/attempt-limit.ts';
import type { Database } from '../storage/database.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import type { Tenant } from '../tenants/tenant-store.ts';
import type { PasskeyStore } from '../users/passkey-store.ts';
import type { UserStore } from '../users/user-store.ts';
import { addAccessTokenHash } from './access-token-hash.ts';
import { findAccount, requestedTokenClaims } from './account.ts';
import { modelAdapter } from './adapter/adapter.ts';
import { sharedInputUri } from './adapter/device-input.ts';
import type { StateReader } from './adapter/state-reader.ts';
import { ENABLED_ALGORITHMS } from './algorithms.ts';
import { normalizeAuthorizationRequest } from './authorization-request.ts';
import { clientFetch, queueLogout } from './back-channel-logout.ts';
import { type BackchannelParts, backchannel } from './backchannel.ts';
import { answerBusy, noteServerErrors } from './busy-answers.ts';
import { allowDelegatedAccess } from './delegated-grant.ts';
import { type DeviceParts, deviceFlow } from './device-flow.ts';
import { deviceFront } from './device-front.ts';
import { ACR_VALUES, DISCOVERY, trimDiscovery } from './discovery.ts';
import { provedPath } from './dpop-proof.ts';
import { explainRefusals, noteRefusals } from './error-descriptions.ts';
import { exactPaths } from './exact-paths.ts';
import { letGrantsRemember } from './grant-memory.ts';
import { acceptHandoffs } from './house-requests.ts';
import { assertLoginType } from './login-type.ts';
import { announceAliases } from './mutual-tls-aliases.ts';
import { bareResume, outerErrors } from './outer-errors.ts';
import { errorPage, signedOutPage, signOutPage } from './pages.ts';
import { EngineWithPages } from './passing-page.ts';
import { type PasswordGrantParts, servePasswordGrant } from './password-grant.ts';
import { assertAllowedScopes, assertScopesHaveUser } from './policies/allowed-scopes.ts';
import { assertHub, type FindHub } from './policies/central-login.ts';
import { ENGINE_CLAIMS } from './policies/claim-names.ts';
import { assertClaimsParameter } from './policies/claims-parameter.ts';
import { assertionAudiences, checkAssertion } from './policies/client-assertions.ts';
import { examineCertificate, mutualTls } from './policies/client-certificates.ts';
import { settingsOf } from './policies/client-settings.ts';
import { assertRegisteredConsentUri } from './policies/consent-page.ts';
import { nonceSecret, requiresNonce } from './policies/dpop-nonces.ts';
import { fapiProfile } from './policies/fapi.ts';
import { grantFor } from './policies/grant-reuse.ts';
import { refuseForeignGrantTypes } from './policies/grant-types.ts';
import { issuedCertificates } from './policies/issued-certificates.ts';
import { refuseOutsideService } from './policies/organization-sign-in.ts';
import { requiresPkce } from './policies/pkce.ts';
import { redirectUriAllowed } from './policies/redirect-uris.ts';
import { refreshTokenIssue, refreshTokenRotation } from './policies/refresh-tokens.ts';
import { assertOne, DEFAULT_RESOURCE, resourceServer, SCOPES } from './policies/resource-servers.ts';
import { refuseUnsupportedPrompt } from './policies/supported-prompts.ts';
import { timeToLive } from './policies/time-to-live.ts';
import { extraTokenClaims } from './policies/token-claims.ts';
import { lifetimes } from './policies/token-lifetimes.ts';
import { mayIntrospect, mayRevoke } from './policies/token-readers.ts';
import { pollingPace } from './polling-pace.ts';
import { interactionPath } from './prompts/interaction-path.ts';
import type { PasskeyOfferParts } from './prompts/passkey-offer.ts';
import { promptPolicy } from './prompts/prompts.ts';
import { tellMetAcr } from './prompts/requested-acr.ts';
import { requestState, withRequestState } from './request-state.ts';
import { noteSessionEnds } from './session-ends.ts';
import { letSessionsRemember } from './session-memory.ts';
import type { LogoutNotices } from './sessions/logout-notices.ts';
import type { SamlVisits } from './sessions/saml-visits.ts';
import type { SessionControl } from './sessions/session-control.ts';
import { signOutEverywhere } from './sign-out.ts';
import { acceptSignedBearer, acceptSignedForm } from './signed-tokens.ts';
import { answerWithIdToken } from './ticket-id-token.ts';
import { acceptTickets, signInByTicket } from './ticket-sign-in.ts';
import { detectReplays, usedOnce } from './used-once.ts';
import { rolesOfUser } from './user-roles.ts';
import type { VerifiedToken } from './verified-token.ts';
import { noteVouchedRequest } from './vouched-request.ts';

export interface EngineParts extends Omit<PasswordGrantParts, 'tenantId'> {
  readonly issuer: string;
  readonly tenantId: TenantId;
  readonly db: Database;
  readonly ephemeral: EphemeralStore;
  readonly states: StateReader;
  readonly sealer: Sealer;
  readonly keys: readonly (JWK | ExternalSigningKey)[];
  readonly verify: (token: string) => Promise<VerifiedToken | undefined>;
  readonly users: Pick<UserStore, 'find' | 'findMembership' | 'findMember'>;
  readonly roles: Pick<RoleStore, 'ofUser'>;
  readonly groups: Pick<GroupStore, 'ofUser'>;
  readonly passkeys: Pick<PasskeyStore, 'list'>;
  readonly passkeyOffer: PasskeyOfferParts['passkeyOffer'];
  readonly organizations: Pick<OrganizationMemberStore, 'mayEnter' | 'rolesOf'>;
  readonly consents: Pick<ConsentStore, 'findCovering'>;
  readonly delegatedConsents: Pick<DelegatedConsentStore, 'findCovering'>;
  readonly messages: Messages;
  readonly sendLimit: BackchannelParts['sendLimit'];
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly findResource: (uri: string) => Promise<Resource | undefined>;
  /** The tenant's numbers, cached and kept true by the change feed. */
  readonly tenant: () => Tenant;
  readonly certificateOf: CertificateOf;
  readonly findHub: FindHub;
  readonly sessions: Pick<SessionControl, 'leaveAll' | 'ending'>;
  readonly samlVisits: SamlVisits;
  readonly logoutNotices: Pick<LogoutNotices, 'add'>;
  /** Calls what clients have registered. */
  readonly fetchClient: FetchOutside;
  /** Origin of the port that asks for client certificates. */
  readonly mtlsUrl: URL | undefined;
  /** For every address that a client or a certificate names. */
  readonly fetchOutside: FetchOutside;
  readonly log: Logger;
}

const SESSION_COOKIE = 'tessera_session';

const deviceParts = ({ db, tenantId, ephemeral }: EngineParts): DeviceParts => ({
  guesses: new AttemptLimit({ ephemeral, tenantId, kind: 'DeviceGuess', most: 20, seconds: 600 }),
  sharedInputUri: () => sharedInputUri(db, tenantId),
});

const now = (): number => Math.floor(Date.now() / 1000);

function configuration(parts: EngineParts): Configuration {
  const { tenant } = parts;
  const rolesOf = rolesOfUser(parts);
  const loadResource = async (uri: string | undefined): Promise<Resource | undefined> => {
    const resource =
      uri === undefined || uri === DEFAULT_RESOURCE ? undefined : await parts.findResource(uri);
    if (resource) requestState().resource = resource;
    else delete requestState().resource;
    return resource;
  };
  const resourceServerFor = async (
    ctx: KoaContextWithOIDC,
    uri: string,
    client: Parameters<typeof settingsOf>[0],
  ) => {
    assertScopesHaveUser(ctx);
    assertOne(ctx.oidc.params?.resource);
    return resourceServer(tenant(), settingsOf(client), uri, await loadResource(uri));
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
    claims: ENGINE_CLAIMS,
    subjectTypes: ['public'],
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'self_signed_tls_client_auth',
      'tls_client_auth',
      'none',
    ],
    enabledJWA: ENABLED_ALGORITHMS,
    acrValues: ACR_VALUES,
    discovery: DISCOVERY,
    assertJwtClientAuthClaimsAndHeader: checkAssertion,
    features: {
      devInteractions: { enabled: false },
      introspection: { enabled: true, allowedPolicy: mayIntrospect },
      revocation: { enabled: true, allowedPolicy: mayRevoke },
      clientCredentials: { enabled: true },
      mTLS: mutualTls(parts.certificateOf),
      resourceIndicators: {
        enabled: true,
        // Of several resources at the token endpoint none is chosen: the engine then answers invalid_target.
        defaultResource: async (_ctx, _client, oneOf) => oneOf ?? DEFAULT_RESOURCE,
        useGrantedResource: async () => true,
        getResourceServerInfo: resourceServerFor,
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: signOutPage, postLogoutSuccessSource: signedOutPage },
      userinfo: { enabled: true },
      claimsParameter: {
        enabled: true,
        assertClaimsParameter: (_ctx, claims) => assertClaimsParameter(claims),
      },
      pushedAuthorizationRequests: { enabled: true },
      deviceFlow: deviceFlow(deviceParts(parts)),
      ciba: backchannel(parts),
      fapi: { enabled: true, profile: fapiProfile },
      dPoP: { enabled: true, nonceSecret: nonceSecret(parts.sealer), requireNonce: requiresNonce },
      encryption: { enabled: true },
      jwtIntrospection: { enabled: true },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    },
    fetch: clientFetch(parts.fetchClient),
    extraClientMetadata: { properties: ['tessera'] },
    extraParams: {
      createNewUser: null,
      loginType: assertLoginType,
      acr_values: assertHub(parts.findHub),
      custom_message: null,
      org_id: refuseOutsideService,
      prompt: refuseUnsupportedPrompt,
      scope: assertAllowedScopes,
      consent_uri: assertRegisteredConsentUri,
    },
    extraTokenClaims: extraTokenClaims(parts.tenantId, rolesOf, (ctx) =>
      requestedTokenClaims({ ...parts, rolesOf }, ctx),
    ),
    pkce: { required: (_ctx, client) => requiresPkce(settingsOf(client)) },
    issueRefreshToken: refreshTokenIssue,
    rotateRefreshToken: (ctx) =>
      refreshTokenRotation(ctx, { numbersFor, assertResource: resourceServerFor, now: now() }),
    // The contract wants redirect_uri in every request that was not pushed (oidc.md 3.1).
    allowOmittingSingleRegisteredRedirectUri: false,
    expiresWithSession: async () => false,
    loadExistingGrant: (ctx) => grantFor(parts, ctx),
    findAccount: (ctx, sub) => findAccount({ ...parts, rolesOf }, ctx, sub),
    interactions: { url: interactionPath(parts.findHub), policy: promptPolicy(parts) },
    renderError: errorPage,
    ttl: timeToLive(numbersFor, now),
    cookies: {
      keys: [parts.sealer.derive('cookies')],
      names: { session: SESSION_COOKIE, interaction: 'tessera_interaction', resume: 'tessera_resume' },
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
  const provider = new EngineWithPages(parts.issuer, configuration(parts));
  letGrantsRemember(provider);
  letSessionsRemember(provider);
  addAccessTokenHash(provider);
  const { origin } = new URL(parts.issuer);
  // Every link is built on the configured address; no request header has a say (pitfall 7).
  provider.OIDCContext.prototype.urlFor = function urlFor(name: string, options?: object) {
    const path = provider.pathFor(name, options as never);
    return new URL(name === this.route ? provedPath(this, path) : path, origin).href;
  };
  provider.Client.prototype.compareClientSecret = async function compareClientSecret(secret: string) {
    const actual = hash('sha256', secret, 'buffer');
    return settingsOf(this)
      .secretHashes.map((known) => timingSafeEqual(Buffer.from(known, 'base64url'), actual))
      .includes(true);
  };
  provider.Client.prototype.redirectUriAllowed = function allowed(uri) {
    return redirectUriAllowed(settingsOf(this), uri);
  };
  provider.Client.prototype.postLogoutRedirectUriAllowed = function allowed(uri) {
    return redirectUriAllowed(settingsOf(this), uri);
  };
  const { clientJwtAuthExpectedAudience } = provider.OIDCContext.prototype;
  provider.OIDCContext.prototype.clientJwtAuthExpectedAudience = function audiences() {
    return assertionAudiences(clientJwtAuthExpectedAudience.call(this));
  };
  allowDelegatedAccess(provider, parts);
  servePasswordGrant(provider, parts);
  refuseForeignGrantTypes(provider);
  detectReplays(provider, usedOnce(parts));
  noteRefusals(provider);
  noteServerErrors(provider, parts.log);
  signInByTicket(provider);
  tellMetAcr(provider);
  noteSessionEnds(provider, (session, end) => parts.sessions.ending(session, end));
  queueLogout(provider, (notices) => parts.logoutNotices.add(notices));
  provider.use(outerErrors);
  provider.use(exactPaths);
  provider.use(bareResume);
  provider.use((_ctx, next) => withRequestState(next));
  provider.use(answerBusy(parts.log));
  provider.use(noteVouchedRequest);
  provider.use(signOutEverywhere(provider, parts));
  provider.use(acceptTickets(parts));
  provider.use(answerWithIdToken(provider));
  provider.use(acceptHandoffs(parts));
  provider.use(explainRefusals);
  provider.use(trimDiscovery);
  provider.use(announceAliases(parts.mtlsUrl));
  provider.use(pollingPace(parts));
  provider.use(normalizeAuthorizationRequest());
  provider.use(
    deviceFront({ ...deviceParts(parts), action: `${parts.issuer}/device`, sessionCookie: SESSION_COOKIE }),
  );
  provider.use(examineCertificate({ ...parts, isIssuedTo: issuedCertificates(parts) }));
  provider.use(acceptSignedForm(parts.verify, ['/token/introspection', '/token/revocation']));
  provider.use(acceptSignedBearer(parts.verify, '/me'));
  provider.use(async (ctx, next) => {
    await next();
    const { successor } = requestState();
    const body = ctx.body as { refresh_token?: string } | undefined;
    if (successor !== undefined && body?.refresh_token !== undefined) body.refresh_token = successor;
  });
  return provider;
}
