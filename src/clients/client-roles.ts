/** Gives client roles of the tenant to a client: first-party clients of end-user applications only (contract D12). */
import type { SystemAuthor } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { forbidden, invalid } from '../base/errors.ts';
import type { ClientId, RoleId } from '../base/ids.ts';
import { RoleStore } from '../roles/role-store.ts';
import type { Database } from '../storage/database.ts';
import type { Client, OidcClient } from './client.ts';
import { ClientStore } from './client-store.ts';

type Target = Pick<OidcClient, 'clientId' | 'roles'>;

/**
 * Replaces the list.
 * @throws 400 naming every id that is no client role of the tenant, 403 where a client with roles would lift its own limits.
 */
export async function setClientRoles(
  db: Database,
  author: ManagementCaller | SystemAuthor,
  { clientId, roles }: Target,
  roleIds: readonly string[],
): Promise<void> {
  const { tenantId } = author;
  const ids = [...new Set(roleIds)] as RoleId[];
  if (ids.join() === roles.map((role) => role.roleId).join()) return;
  if (author.kind === 'client' && author.permissions !== undefined)
    throw forbidden('A client that has roles itself cannot change role_ids');
  const known = await new RoleStore(db).known({ tenantId, appId: null }, ids);
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0) throw invalid(...unknown.map((id) => `role_ids: unknown role ${id}`));
  await new ClientStore(db).setRoles(tenantId, clientId, ids);
}

/** Gives a new client the roles of the client that makes it, so that it may do no more (contract D15). */
export async function inheritRoles(
  db: Database,
  author: ManagementCaller | SystemAuthor,
  clientId: ClientId,
): Promise<void> {
  if (author.kind === 'system') return;
  const store = new ClientStore(db);
  const maker = await store.find(author.tenantId, author.clientId);
  if (!maker?.roles.length) throw forbidden('The client of this token has lost its roles; get a new token');
  await store.setRoles(
    author.tenantId,
    clientId,
    maker.roles.map(({ roleId }) => roleId),
  );
}

/** Looks at the client as it is after a write, so that neither the roles nor what forbids them slip in alone. @throws 400 */
export function assertRolesAllowed(client: Client): void {
  if (client.protocol === 'saml' || client.roles.length === 0) return;
  const reason = refusal(client);
  if (reason !== undefined) throw invalid(`role_ids cannot be given to ${reason}`);
}

function refusal({ appKind, settings }: Pick<OidcClient, 'appKind' | 'settings'>): string | undefined {
  if (appKind === 'management') return 'a client of a management application';
  // A client of somebody else's has limited control over user data (R97).
  if (settings.is_third_party) return 'a third-party client';
  return settings.client_group_id === '' ? undefined : 'a client of a client group';
}
