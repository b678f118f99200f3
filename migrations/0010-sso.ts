/** SAML signing certificates, service providers with the applications that use them, and client groups of the SSO Service. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table sso_groups (
    tenant_id text not null references tenants,
    group_id text primary key,
    name text not null,
    description text not null,
    configuration jsonb not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create index on sso_groups (tenant_id, created_at, group_id)`.execute(db);
  // Generated, so that the document stays the one place where the group of a client is written.
  await sql`alter table clients add column client_group_id text
    generated always as (nullif(settings->>'client_group_id', '')) stored references sso_groups`.execute(db);
  await sql`create index on clients (client_group_id) where client_group_id is not null`.execute(db);

  await sql`create table service_providers (
    tenant_id text not null references tenants,
    service_provider_id text primary key,
    name text not null,
    description text not null,
    assertion_consumer_service_url text not null,
    entity_id text not null,
    name_qualifier text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create index on service_providers (tenant_id, created_at, service_provider_id)`.execute(db);
  await sql`create table application_service_providers (
    tenant_id text not null references tenants,
    app_id text not null references applications on delete cascade,
    service_provider_id text not null references service_providers on delete restrict,
    primary key (app_id, service_provider_id)
  )`.execute(db);
  await sql`create index on application_service_providers (service_provider_id)`.execute(db);
  // Until now no provider existed, so whatever a list names is a name of nothing.
  await sql`update applications set settings = jsonb_set(settings, '{service_providers}', '[]')
    where settings->'service_providers' <> '[]'`.execute(db);

  // One row per key. The next certificate is made beforehand, the previous one stays in the metadata for a while.
  await sql`create table saml_certificates (
    tenant_id text not null references tenants,
    certificate_id text primary key,
    client_id text references clients on delete cascade,
    service_provider_id text references service_providers on delete cascade,
    status text not null check (status in ('next', 'current', 'previous')),
    pem text not null,
    sealed_private_key text not null,
    not_before timestamptz not null,
    not_after timestamptz not null,
    created_at timestamptz not null default now(),
    check (num_nonnulls(client_id, service_provider_id) = 1)
  )`.execute(db);
  for (const owner of ['client_id', 'service_provider_id'])
    await sql`create unique index on saml_certificates (${sql.ref(owner)}, status)
      where status <> 'previous' and ${sql.ref(owner)} is not null`.execute(db);
  await sql`create index on saml_certificates (client_id) where client_id is not null`.execute(db);
  await sql`create index on saml_certificates (service_provider_id) where service_provider_id is not null`.execute(
    db,
  );
  await sql`create trigger announce after insert or update or delete on saml_certificates
    for each row execute function announce_change('client_id')`.execute(db);
}
