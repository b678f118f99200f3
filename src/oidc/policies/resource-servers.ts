/** Decides which resource a token is for: the named one if it is on the client's list, else the implicit default. */
import { errors, type ResourceServer } from 'oidc-provider';
import type { Resource } from '../../resources/resource.ts';
import type { Tenant } from '../../tenants/tenant-store.ts';
import type { EngineSettings } from '../adapter/client-model.ts';
import { thirdPartyScopes } from './allowed-scopes.ts';
import { lifetimes } from './token-lifetimes.ts';

/** The engine wants an absolute URI for every resource; this one never leaves the server. */
export const DEFAULT_RESOURCE = 'urn:tessera:default-resource';

export const SCOPES = ['openid', 'profile', 'email', 'phone', 'address', 'offline_access'];

/** @throws InvalidTarget where a request names several resources (D9, R67). */
export function assertOne(requested: unknown): void {
  if (Array.isArray(requested) && requested.length > 1)
    throw new errors.InvalidTarget('one request can name one resource; send one request for each');
}

/** @throws InvalidTarget for another resource than the one first granted (RFC 8707 section 2.2). */
export function assertGranted(requested: unknown, granted: string | undefined): void {
  if (requested !== undefined && requested !== granted)
    throw new errors.InvalidTarget(
      'this grant is for another resource; leave resource out or repeat that one',
    );
}

/** @throws InvalidTarget for a resource that does not exist or is not on the client's list (D9, R62, R148). */
export function resourceServer(
  tenant: Tenant,
  settings: EngineSettings,
  uri: string,
  resource: Resource | undefined,
): ResourceServer {
  if (uri !== DEFAULT_RESOURCE && !(resource && settings.resourceIds.includes(resource.resourceId)))
    throw new errors.InvalidTarget('the requested resource is not on the list of this client');
  return {
    audience: resource?.uri ?? tenant.defaultAudience,
    scope: (settings.isThirdParty ? thirdPartyScopes(settings) : SCOPES).join(' '),
    accessTokenFormat: 'jwt',
    accessTokenTTL: lifetimes(tenant, settings, resource).accessToken,
    jwt: { sign: { alg: resource?.signingAlg ?? 'RS256' } },
  };
}
