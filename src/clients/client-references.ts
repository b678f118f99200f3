/** What a client names: resources and a client group of its own tenant, and an entity ID of its own. */
import type { SystemAuthor } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { invalid, taken } from '../base/errors.ts';
import type { ClientId, ResourceId, SsoGroupId } from '../base/ids.ts';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '../storage/database.ts';
import { ClientGroupStore } from './client-group-store.ts';
import type { ClientStore } from './client-store.ts';

type Author = ManagementCaller | SystemAuthor;

/** What a refusal of the database means to whoever wrote a client; any other error comes back as it is. */
export function clientFault(error: unknown): unknown {
  if (isUniqueViolation(error, 'clients_sp_entity_id'))
    return taken('sp_entity_id is already taken by another client');
  // What the list names went away between the look and the write.
  return isForeignKeyViolation(error) ? invalid('resources or role_ids: unknown resource or role') : error;
}

/**
 * Looks only at a group that the client joins now: one that it is in already cannot go away, and waiting for that
 * one with the client locked could be in vain, as who deletes a group waits for its clients.
 * @throws 400 for an id that is no client group of the tenant.
 */
export async function assertGroup(
  db: Database,
  { tenantId }: Author,
  groupId: string | undefined,
  current = '',
): Promise<void> {
  if (groupId === undefined || groupId === '' || groupId === current) return;
  if (await new ClientGroupStore(db).hold(tenantId, groupId as SsoGroupId)) return;
  throw invalid(`client_group_id: unknown client group ${groupId.slice(0, 100)}`);
}

/** @throws 400 naming every id that is no resource of the tenant (contract R65). */
export async function setResources(
  store: ClientStore,
  author: Author,
  clientId: ClientId,
  resources: readonly string[],
): Promise<void> {
  const ids = [...new Set(resources)] as ResourceId[];
  const known = await store.knownResources(author.tenantId, ids);
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw invalid(...unknown.map((id) => `resources: unknown resource ${id.slice(0, 100)}`));
  await store.setResources(author.tenantId, clientId, ids);
}
