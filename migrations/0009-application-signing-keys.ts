/** Signing keys of one application, beside those of the tenant. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table application_signing_keys (
    tenant_id text not null references tenants,
    key_id text primary key,
    app_id text not null references applications on delete cascade,
    kid text not null,
    name text not null,
    alg text not null,
    status text not null check (status in ('signing', 'validating', 'disabled')),
    source text not null check (source in ('mosaic', 'uploaded')),
    public_jwk jsonb not null,
    sealed_private_jwk text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create unique index application_signing_keys_kid on application_signing_keys (tenant_id, kid)`.execute(
    db,
  );
  await sql`create index on application_signing_keys (app_id)`.execute(db);
  await sql`create trigger announce after insert or update or delete on application_signing_keys
    for each row execute function announce_change('key_id')`.execute(db);
}
