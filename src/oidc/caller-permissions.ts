/** What the roles of a client let its tokens do now (contract D15). */
import type { Client } from '../clients/client.ts';
import { effectivePermissions } from '../roles/role.ts';

/**
 * The token may be older than the roles: the cached client, which follows every change, says what holds.
 * Nothing for a client without roles, which may do everything within its reach.
 */
export const permissionsOf = (client: Pick<Client, 'roles'>): { permissions?: ReadonlySet<string> } =>
  client.roles.length === 0 ? {} : { permissions: new Set(effectivePermissions(client.roles)) };
