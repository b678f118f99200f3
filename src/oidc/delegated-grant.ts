/** The grant type of delegated access: a user's token becomes one with which that user acts for another (oidc.md 5, 16). */
import type { X509Certificate } from 'node:crypto';
import type Provider from 'oidc-provider';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import {
  checkDpopReplay,
  checkDpopRequired,
  checkMtlsCert,
  resolveRequestedResources,
  validateDpop,
} from 'oidc-provider/lib/helpers/grants.js';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { DelegatedConsent } from '../consents/delegated-consent.ts';
import type { DelegatedConsentStore } from '../consents/delegated-consent-store.ts';
import type { CertificateOf } from '../http/client-certificate.ts';
import { isStorable } from '../http/validate.ts';
import type { UserStore } from '../users/user-store.ts';
import { DELEGATED_ACCESS } from './adapter/client-grant-types.ts';
import type { StateReader } from './adapter/state-reader.ts';
import { keepMemory, memoryOf } from './grant-memory.ts';
import { holdsCertificate } from './policies/certificate-binding.ts';
import { settingsOf } from './policies/client-settings.ts';
import { requestState } from './request-state.ts';
import { tokenStatus } from './token-status.ts';
import type { VerifiedToken } from './verified-token.ts';

export interface DelegatedParts {
  readonly tenantId: TenantId;
  readonly states: StateReader;
  readonly verify: (token: string) => Promise<VerifiedToken | undefined>;
  readonly users: Pick<UserStore, 'find'>;
  readonly delegatedConsents: Pick<DelegatedConsentStore, 'findCovering'>;
  readonly certificateOf: CertificateOf;
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const PARAMETERS = [
  'actor_token',
  'actor_token_type',
  'subject_identifier',
  'subject_identifier_type',
  'scope',
  'resource',
];
/** Seconds by which the grant outlives its token. */
const LEEWAY = 600;
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export function allowDelegatedAccess(provider: Provider, parts: DelegatedParts): void {
  provider.registerGrantType(
    DELEGATED_ACCESS,
    (ctx) => exchange(provider, parts, ctx as unknown as KoaContextWithOIDC),
    PARAMETERS,
    ['resource'],
  );
}

async function exchange(provider: Provider, parts: DelegatedParts, ctx: KoaContextWithOIDC): Promise<void> {
  assertParameters(ctx);
  const proof = await validateDpop(provider, ctx);
  const certificate = checkMtlsCert(provider, ctx);
  checkDpopRequired(provider, ctx, proof);
  const actorId = await actorOf(parts, ctx, proof?.thumbprint);
  const { consent, permissions } = await delegated(parts, ctx, actorId);
  const [resourceServer] = await resolveRequestedResources(provider, ctx);
  const { client } = ctx.oidc;
  if (!resourceServer || !client) throw new errors.InvalidTarget();
  await checkDpopReplay(provider, ctx, proof, client.clientId);
  const seconds = secondsOf(consent, resourceServer.accessTokenTTL);
  const scope = permissions.join(' ');
  const token = new provider.AccessToken({
    accountId: consent.subjectId,
    client,
    grantId: await saveGrant(provider, ctx, { consent, permissions, seconds }),
    gty: 'delegated_access',
    scope,
    expiresIn: seconds,
    resourceServer,
  } as never);
  bind(token, certificate, proof?.thumbprint);
  ctx.oidc.entity('AccessToken', token);
  ctx.body = {
    access_token: await token.save(),
    expires_in: seconds,
    issued_token_type: ACCESS_TOKEN,
    scope,
    token_type: token.tokenType,
  };
}

/** As long as the resource says, but never longer than the consent. */
function secondsOf({ expiresAt }: DelegatedConsent, most = 3600): number {
  const left = Math.floor((expiresAt.getTime() - Date.now()) / 1000);
  return Math.max(1, Math.min(most, left));
}

/** What the token rests on; it goes with the consent. @returns its id */
async function saveGrant(
  provider: Provider,
  ctx: KoaContextWithOIDC,
  given: { consent: DelegatedConsent; permissions: readonly string[]; seconds: number },
): Promise<string> {
  const { consent, permissions, seconds } = given;
  requestState().delegatedConsent = consent;
  const grant = new provider.Grant({
    clientId: ctx.oidc.client?.clientId,
    accountId: consent.subjectId,
    expiresIn: seconds + LEEWAY,
  } as never);
  keepMemory(grant, { delegation: { actorId: consent.actorId, permissions } });
  const id = await grant.save();
  ctx.oidc.entity('Grant', grant);
  return id;
}

/** RFC 8705 section 3, RFC 9449 section 5. */
function bind(token: object, certificate: X509Certificate | undefined, thumbprint: string | undefined): void {
  const bindable = token as { setThumbprint(kind: 'x5t' | 'jkt', value: unknown): void };
  if (certificate) bindable.setThumbprint('x5t', certificate);
  if (thumbprint !== undefined) bindable.setThumbprint('jkt', thumbprint);
}

/** @throws InvalidRequest */
function assertParameters({ oidc }: KoaContextWithOIDC): void {
  const params = oidc.params ?? {};
  for (const name of ['actor_token', 'subject_identifier', 'scope'])
    if (text(params[name]) === '') throw new errors.InvalidRequest(`the parameter ${name} is missing`);
  if (![undefined, ACCESS_TOKEN].includes(params.actor_token_type as string | undefined))
    throw new errors.InvalidRequest(`actor_token_type must be ${ACCESS_TOKEN}`);
  if (![undefined, 'user_id'].includes(params.subject_identifier_type as string | undefined))
    throw new errors.InvalidRequest('subject_identifier_type must be user_id');
}

/**
 * Who acts: the user of a live token of this application, held by who may hold it, who acts for nobody else.
 * @throws InvalidGrant
 */
async function actorOf(
  parts: DelegatedParts,
  ctx: KoaContextWithOIDC,
  thumbprint: string | undefined,
): Promise<UserId> {
  const verified = await parts.verify(text(ctx.oidc.params?.actor_token));
  const status = verified && (await tokenStatus(parts.states, verified));
  if (verified?.kind !== 'AccessToken' || !status?.isLive)
    throw new errors.InvalidGrant('actor_token must be a valid access token of a user');
  const { claims } = verified;
  const client = await ctx.oidc.provider.Client.find(claims.client_id);
  if (!client || !ctx.oidc.client || settingsOf(client).isThirdParty)
    throw new errors.InvalidGrant('actor_token must not come from a third-party client');
  if (settingsOf(client).appId !== settingsOf(ctx.oidc.client).appId)
    throw new errors.InvalidGrant('actor_token must come from a client of the same application');
  if (memoryOf(status.grant?.payload).delegation)
    throw new errors.InvalidGrant('actor_token must be of a user who acts for nobody else');
  const isHeld =
    holdsCertificate(claims, parts.certificateOf(ctx.req)) &&
    (claims.cnf?.jkt === undefined || claims.cnf.jkt === thumbprint);
  if (!isHeld) throw new errors.InvalidGrant('actor_token is bound to a key: prove that you hold it');
  return claims.sub as UserId;
}

/**
 * What the consent permits of what is asked; `openid` alone asks for all of it.
 * @throws InvalidGrant in the same words for an unknown subject, a disabled one, and one without consent; InvalidScope
 */
async function delegated(
  { tenantId, users, delegatedConsents }: DelegatedParts,
  { oidc }: KoaContextWithOIDC,
  actorId: UserId,
): Promise<{ consent: DelegatedConsent; permissions: readonly string[] }> {
  const subjectId = text(oidc.params?.subject_identifier) as UserId;
  const appId = (oidc.client && settingsOf(oidc.client).appId) as AppId;
  const asked = [...oidc.requestParamScopes].filter((name) => name !== '' && name !== 'openid');
  const nothing = () => new errors.InvalidGrant('this user has not let the actor act for them');
  if (!isStorable(subjectId)) throw nothing();
  const subject = await users.find(tenantId, subjectId);
  const delegation = { tenantId, appId, actorId, subjectId };
  const any = subject && (await delegatedConsents.findCovering(delegation, []));
  if (!any || subject.status === 'Disabled') throw nothing();
  const consent = await delegatedConsents.findCovering(delegation, asked);
  if (!consent)
    throw new errors.InvalidScope('the consent of this user does not permit all of that', asked.join(' '));
  return { consent, permissions: asked.length > 0 ? asked : consent.permissions };
}
