/** Applications, their clients with secrets, and tenant-level resources. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table applications (
    tenant_id text not null references tenants,
    app_id text primary key,
    kind text not null check (kind in ('end_user', 'management')),
    name text not null,
    settings jsonb not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create index on applications (tenant_id, created_at, app_id)`.execute(db);
  await sql`create unique index applications_subdomain on applications (tenant_id, (settings->>'subdomain'))
    where settings->>'subdomain' <> ''`.execute(db);
  await sql`create table clients (
    tenant_id text not null references tenants,
    client_id text primary key,
    app_id text not null references applications on delete cascade,
    protocol text not null check (protocol in ('oidc', 'saml')),
    is_default boolean not null default false,
    name text not null,
    sp_entity_id text,
    settings jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create index on clients (app_id, created_at, client_id)`.execute(db);
  await sql`create unique index clients_sp_entity_id on clients (tenant_id, sp_entity_id)`.execute(db);
  await sql`create table client_secrets (
    tenant_id text not null references tenants,
    secret_id text primary key,
    client_id text not null references clients on delete cascade,
    secret_hash text not null,
    hint text not null,
    created_at timestamptz not null default now()
  )`.execute(db);
  await sql`create index on client_secrets (client_id)`.execute(db);
  await sql`create table resources (
    tenant_id text not null references tenants,
    resource_id text primary key,
    name text not null,
    description text not null,
    uri text not null,
    access_token_ttl integer not null check (access_token_ttl > 0),
    refresh_token_ttl integer not null check (refresh_token_ttl > 0),
    max_refresh_rotate integer not null check (max_refresh_rotate > 0),
    signing_alg text not null default 'RS256',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create unique index resources_uri on resources (tenant_id, uri)`.execute(db);
  await sql`create table client_resources (
    tenant_id text not null references tenants,
    client_id text not null references clients on delete cascade,
    resource_id text not null references resources on delete restrict,
    position integer not null,
    primary key (client_id, resource_id)
  )`.execute(db);
  await sql`create index on client_resources (resource_id)`.execute(db);
  for (const [table, column] of [
    ['applications', 'app_id'],
    ['clients', 'client_id'],
    ['client_secrets', 'client_id'],
    ['client_resources', 'client_id'],
    ['resources', 'resource_id'],
  ] as const)
    await sql`create trigger announce after insert or update or delete on ${sql.table(table)}
      for each row execute function announce_change(${sql.lit(column)})`.execute(db);
}
