/** Signing keys, grants, refresh tokens, the deny list, short-lived items and the audit trail. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table signing_keys (
    tenant_id text not null references tenants,
    kid text primary key,
    alg text not null,
    status text not null check (status in ('signing', 'validating', 'disabled')),
    public_jwk jsonb not null,
    sealed_private_jwk text not null,
    created_at timestamptz not null default now()
  )`.execute(db);
  await sql`create index on signing_keys (tenant_id)`.execute(db);
  await sql`create trigger announce after insert or update or delete on signing_keys
    for each row execute function announce_change('kid')`.execute(db);
  await sql`create table grants (
    tenant_id text not null references tenants,
    grant_id text primary key,
    client_id text not null references clients on delete cascade,
    user_id text not null references users on delete cascade,
    payload jsonb not null,
    expires_at timestamptz not null
  )`.execute(db);
  await sql`create index on grants (client_id)`.execute(db);
  await sql`create index on grants (user_id)`.execute(db);
  await sql`create index on grants (expires_at)`.execute(db);
  await sql`create table refresh_tokens (
    tenant_id text not null references tenants,
    token_hash text primary key,
    grant_id text not null references grants on delete cascade,
    client_id text not null,
    payload jsonb not null,
    expires_at timestamptz not null,
    consumed_at timestamptz,
    sealed_successor text
  )`.execute(db);
  await sql`create index on refresh_tokens (grant_id)`.execute(db);
  await sql`create index on refresh_tokens (expires_at)`.execute(db);
  await sql`create table revoked_tokens (
    tenant_id text not null references tenants,
    jti text primary key,
    expires_at timestamptz not null
  )`.execute(db);
  await sql`create index on revoked_tokens (expires_at)`.execute(db);
  await sql`create table ephemeral_items (
    tenant_id text not null,
    kind text not null,
    key text not null,
    value jsonb not null,
    grant_id text,
    consumed_at timestamptz,
    expires_at timestamptz not null,
    primary key (tenant_id, kind, key)
  )`.execute(db);
  await sql`create index on ephemeral_items (grant_id) where grant_id is not null`.execute(db);
  await sql`create index on ephemeral_items (expires_at)`.execute(db);
  await sql`create table audit_events (
    tenant_id text not null,
    event_id bigint generated always as identity primary key,
    at timestamptz not null default now(),
    type text not null,
    actor jsonb not null,
    subject text not null,
    details jsonb not null
  )`.execute(db);
  await sql`create index on audit_events (tenant_id, at)`.execute(db);
}
