/** Every kind of line, and what of a tenant does not move: the one place to look at when a table is added. */
import { CONFIGURATION_KINDS } from './configuration-kinds.ts';
import { MEMBER_KINDS } from './group-kinds.ts';
import type { RowKind } from './row-kind.ts';
import { TRUST_KINDS } from './trust-kinds.ts';
import { USER_TABLES } from './user-transfer-store.ts';

/** They name users, so they follow them. */
export const AFTER_USERS: readonly RowKind[] = [...MEMBER_KINDS, ...TRUST_KINDS];
export const ROW_KINDS: readonly RowKind[] = [...CONFIGURATION_KINDS, ...AFTER_USERS];

/** Tables whose rows stand in the line of another object: which columns of them move. */
const WITHIN_OTHERS: Readonly<Record<string, readonly string[]>> = {
  ...USER_TABLES,
  // The `service_providers` in the settings of an application.
  application_service_providers: ['app_id', 'service_provider_id'],
};

/** Columns that move, by table. `tenant_id` is that of the tenant that takes them. */
export function movedColumns(): Map<string, Set<string>> {
  const moved = new Map(Object.entries(WITHIN_OTHERS).map(([table, columns]) => [table, new Set(columns)]));
  for (const { table, columns, columnOf } of ROW_KINDS) {
    const known = moved.get(table) ?? new Set();
    for (const member of Object.keys(columns)) known.add(columnOf?.[member] ?? member);
    moved.set(table, known);
  }
  for (const columns of moved.values()) columns.delete('tenant_id');
  return moved;
}

/** Tables of a tenant that stay where they are, and why. */
export const NOT_MOVED: Readonly<Record<string, string>> = {
  tenants: 'an import goes into the tenant of the deployment, which has a name and lifetimes of its own',
  signing_keys: 'private keys stay with the master key that seals them; the other deployment has its own',
  application_signing_keys: 'private keys stay with the master key that seals them; make or upload new ones',
  grants: 'they hold sessions and tokens, which end with a move: people sign in again',
  refresh_tokens: 'tokens are bound to the keys and the address of the deployment that issued them',
  revoked_tokens: 'no token of the old deployment is good in the new one',
  ephemeral_items: 'sessions, codes and one-time values live for minutes or hours',
  application_login_secrets: 'sealed under the master key of one deployment; enter them again',
  organization_oidc_providers:
    'the client secret is sealed under the master key of one deployment; set them again',
  totp_authenticators: 'sealed under the master key of one deployment; people enrol their app again',
  recovery_codes: 'they belong to an authenticator app, which stays',
  failure_counts: 'counts of wrong guesses live for minutes',
  logout_notices: 'what one deployment still has to tell its clients about sessions that stay with it',
  outbox: 'messages that one deployment still has to send',
  audit_events: 'a trail tells what happened in one deployment; the import adds its own events',
};

/** Columns that stay, of tables that move. */
export const COLUMNS_NOT_MOVED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  password_history: { entry_id: 'only counts up; the list in the line of the user keeps the order' },
  saml_certificates: {
    sealed_private_key: 'stays with the master key that seals it; a new key is made where there is none',
    not_before: 'stands in the certificate',
    not_after: 'stands in the certificate',
    created_at: 'the certificate here is another one',
    warned_at: 'each deployment tells in its own trail',
  },
};
