/** Former passwords, and failed attempts to prove something, counted for all nodes. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table password_history (
    tenant_id text not null references tenants on delete cascade,
    entry_id bigint generated always as identity primary key,
    user_id text not null references users on delete cascade,
    password_hash text not null,
    created_at timestamptz not null default now()
  )`.execute(db);
  await sql`create index on password_history (user_id, entry_id)`.execute(db);
  await sql`create index on password_history (tenant_id)`.execute(db);
  // The key is a keyed hash: nobody reads in it who was meant, and an unknown user leaves the same row as a known one.
  await sql`create table failure_counts (
    tenant_id text not null references tenants on delete cascade,
    key text not null,
    failures integer not null,
    pending integer not null,
    reserved_at timestamptz not null,
    locked_until timestamptz,
    expires_at timestamptz not null,
    primary key (tenant_id, key)
  )`.execute(db);
  await sql`create index on failure_counts (expires_at)`.execute(db);
}
