/** What the database has to say when a client or its roles are written. */
import type { AppId, ClientId } from '../../base/ids.ts';
import { assertGroup } from '../../clients/client-references.ts';
import { assertRolesAllowed } from '../../clients/client-roles.ts';
import { ClientStore } from '../../clients/client-store.ts';
import { type Ground, type Line, RefusedLine } from './row-kind.ts';
import { keyForClient } from './saml-keys.ts';

/** @throws 400 for a client group that is not there, RefusedLine for a second default client */
export async function assertClientFits({ db, tenantId }: Ground, line: Line): Promise<void> {
  const { client_group_id } = line.settings as { client_group_id?: string };
  await assertGroup(db, { kind: 'system', tenantId }, client_group_id);
  if (line.is_default !== true) return;
  const other = await new ClientStore(db).findDefault(tenantId, line.app_id as AppId);
  if (other && other.clientId !== line.client_id)
    throw new RefusedLine(`is_default: the default client of the application is ${other.clientId}`);
}

/** Neither the roles nor what forbids them slip in alone (contract D12). @throws 400 */
export async function assertRolesFit({ db, tenantId }: Ground, line: Line): Promise<void> {
  const client = await new ClientStore(db).find(tenantId, line.client_id as ClientId);
  if (client) assertRolesAllowed(client);
}

/** @throws 400; StartError where a SAML client needs a key and the master key is missing */
export async function settleClient(ground: Ground, line: Line): Promise<void> {
  await assertRolesFit(ground, line);
  if (line.protocol === 'saml') await keyForClient(ground, line);
}
