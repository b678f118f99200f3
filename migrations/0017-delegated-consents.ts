/** What users allow one another to do in their place, and the grants that rest on it. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table delegated_consents (
    tenant_id text not null references tenants,
    consent_id text primary key,
    app_id text references applications on delete cascade,
    actor_id text not null references users on delete cascade,
    subject_id text not null references users on delete cascade,
    permissions jsonb not null,
    validity_seconds bigint not null,
    created_at timestamptz not null default now(),
    granted_at timestamptz,
    expires_at timestamptz not null
  )`.execute(db);
  await sql`create index on delegated_consents (actor_id, subject_id)`.execute(db);
  await sql`create index on delegated_consents (subject_id)`.execute(db);
  await sql`create index on delegated_consents (app_id)`.execute(db);
  await sql`create index on delegated_consents (expires_at)`.execute(db);
  // Ending a consent ends its grants, and with them the tokens, in the same statement.
  await sql`alter table grants
    add column delegated_consent_id text references delegated_consents on delete cascade`.execute(db);
  await sql`create index on grants (delegated_consent_id) where delegated_consent_id is not null`.execute(db);
}
