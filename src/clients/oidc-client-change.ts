/** What making and changing an OIDC client writes beside what every client has. */
import type { SystemAuthor } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import type { Database } from '../storage/database.ts';
import { DEFAULT_SETTINGS, type OidcClient } from './client.ts';
import { type ClientInput, forOidc } from './client-input.ts';
import { assertMayActAs, isLimited, touchesAuthentication } from './client-limits.ts';
import { inheritRoles, setClientRoles } from './client-roles.ts';
import { mergeSettings } from './client-rules.ts';
import { ClientStore, type NewClient } from './client-store.ts';

type Author = ManagementCaller | SystemAuthor;
export type ClientHead = Pick<NewClient, 'tenantId' | 'clientId' | 'appId' | 'isDefault' | 'name'>;

/** @throws 400 for settings that break a rule. */
export async function insertOidcClient(
  trx: Database,
  author: Author,
  head: ClientHead,
  body: ClientInput,
): Promise<void> {
  const input = forOidc(body);
  const settings = mergeSettings(DEFAULT_SETTINGS, input);
  await new ClientStore(trx).insert({ ...head, protocol: 'oidc', spEntityId: null, settings });
  await setClientRoles(trx, author, { clientId: head.clientId, roles: [] }, input.role_ids ?? []);
  if (isLimited(author) && !settings.is_third_party) await inheritRoles(trx, author, head.clientId);
}

/** @throws 400, 403 */
export async function updateOidcClient(
  trx: Database,
  caller: ManagementCaller,
  client: OidcClient,
  body: ClientInput,
): Promise<void> {
  const input = forOidc(body);
  // A client that stops being a third party would be one without roles.
  if (touchesAuthentication(input, client.settings) || input.is_third_party === false)
    assertMayActAs(caller, client);
  const settings = mergeSettings(client.settings, input);
  await new ClientStore(trx).update(client, { name: input.name ?? client.name, spEntityId: null, settings });
  if (input.role_ids !== undefined) await setClientRoles(trx, caller, client, input.role_ids);
}
