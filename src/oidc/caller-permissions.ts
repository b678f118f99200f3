/** Adds to a client's token what the client's roles permit now (contract D15). */
import type { Caller } from '../base/caller.ts';
import { unauthorized } from '../base/errors.ts';
import type { ClientId, TenantId } from '../base/ids.ts';
import type { Client } from '../clients/client.ts';
import { effectivePermissions } from '../roles/role.ts';

export interface PermissionParts {
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
}

/** The token may be older than the roles: the cached client, which follows every change, says what holds. @throws 401 */
export async function withPermissions({ findClient }: PermissionParts, caller: Caller): Promise<Caller> {
  if (caller.kind !== 'client') return caller;
  const client = await findClient(caller.tenantId, caller.clientId);
  if (!client) throw unauthorized();
  if (client.roles.length === 0) return caller;
  return { ...caller, permissions: new Set(effectivePermissions(client.roles)) };
}
