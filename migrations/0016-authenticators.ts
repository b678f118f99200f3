/** What users prove themselves with besides a password: authenticator apps, recovery codes, passkeys. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table totp_authenticators (
    tenant_id text not null references tenants,
    totp_id text primary key,
    user_id text not null references users on delete cascade,
    sealed_secret text not null,
    algorithm text not null,
    digits integer not null,
    period integer not null,
    last_step bigint not null,
    created_at timestamptz not null default now()
  )`.execute(db);
  await sql`create index on totp_authenticators (user_id)`.execute(db);

  await sql`create table recovery_codes (
    tenant_id text not null references tenants,
    user_id text not null references users on delete cascade,
    code_hash text not null,
    used_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (user_id, code_hash)
  )`.execute(db);

  // app_id is null where the passkey belongs to the hosted pages, which all applications share.
  await sql`create table passkeys (
    tenant_id text not null references tenants,
    credential_id text not null,
    user_id text not null references users on delete cascade,
    app_id text references applications on delete cascade,
    rp_id text not null,
    username text not null,
    user_handle text not null,
    public_key text not null,
    counter bigint not null,
    transports jsonb not null,
    aaguid text not null,
    device_type text not null,
    backed_up boolean not null,
    created_at timestamptz not null default now(),
    last_used_at timestamptz,
    primary key (tenant_id, credential_id)
  )`.execute(db);
  await sql`create index on passkeys (user_id)`.execute(db);
  await sql`create index on passkeys (app_id, lower(username))`.execute(db);
}
