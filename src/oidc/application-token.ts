/**
 * Decides which of our tokens an application's own key may sign. The application may know its private half, so the
 * token is foreign input: every claim that we or a resource server act on is looked at.
 */
import type { JWTPayload } from 'jose';
import type { AppId, ClientId, TenantId } from '../base/ids.ts';
import type { Client } from '../clients/client.ts';
import type { HeldApplicationKey } from '../keys/key-ring.ts';
import type { Resource } from '../resources/resource.ts';
import { type ApplicationTokenClaims, readApplicationToken } from './application-token-schema.ts';

/** What has to be known of the client that the token names. */
export type Speaker = Pick<Client, 'appId' | 'appKind' | 'resourceIds'>;

/**
 * @returns a function that is true where the key of this name may speak so: the tenant's keys for everybody, an
 * application's for its own clients alone, to the resources that they have, and it makes nobody an administrator.
 */
export function keySpeaksFor(parts: {
  applicationKeys: readonly HeldApplicationKey[];
  tenantId: TenantId;
  findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Speaker | undefined>;
  findResource: (uri: string) => Promise<Pick<Resource, 'resourceId'> | undefined>;
}) {
  const owners = new Map(parts.applicationKeys.map(({ publicJwk, appId }) => [publicJwk.kid, appId]));
  return async (kid: string | undefined, payload: JWTPayload): Promise<boolean> => {
    // We always name the key. A token without a name could have been signed by any of them.
    if (kid === undefined) return false;
    const owner: AppId | undefined = owners.get(kid);
    if (owner === undefined) return true;
    const claims = readApplicationToken(payload);
    if (claims?.app_id !== owner) return false;
    const client = await parts.findClient(parts.tenantId, claims.client_id as ClientId);
    if (client?.appId !== owner || !mayHaveRoles(client, claims)) return false;
    const resource = await parts.findResource(claims.aud);
    return resource === undefined || client.resourceIds.includes(resource.resourceId);
  };
}

/** C13: a client token names no roles; those of an administrator come with a management application alone. */
const mayHaveRoles = ({ appKind }: Speaker, { sub, client_id, roles }: ApplicationTokenClaims): boolean =>
  sub === client_id ? appKind === 'management' || roles.length === 0 : !roles.includes('Admin');
