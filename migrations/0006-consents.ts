/** What users allow third-party clients, and the grants that rest on it. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table consents (
    tenant_id text not null references tenants,
    consent_id text primary key,
    client_id text not null references clients on delete cascade,
    user_id text not null references users on delete cascade,
    scope text not null,
    resource text not null default '',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    expires_at timestamptz not null
  )`.execute(db);
  await sql`create index on consents (client_id, user_id)`.execute(db);
  await sql`create index on consents (user_id)`.execute(db);
  await sql`create index on consents (expires_at)`.execute(db);
  // Ending a consent ends its grants, and with them the refresh tokens, in the same statement.
  await sql`alter table grants add column consent_id text references consents on delete cascade`.execute(db);
  await sql`create index on grants (consent_id) where consent_id is not null`.execute(db);
}
