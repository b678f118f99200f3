/** The OpenID Connect providers of organizations: where their members sign in, and how what it says is believed. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table organization_oidc_providers (
    tenant_id text not null references tenants,
    organization_id text primary key references organizations on delete cascade,
    issuer text not null,
    client_id text not null,
    sealed_client_secret text not null,
    token_endpoint_auth_method text not null
      check (token_endpoint_auth_method in ('client_secret_basic', 'client_secret_post')),
    scopes jsonb not null,
    email_claim text not null,
    first_name_claim text not null,
    last_name_claim text not null,
    require_email_verified boolean not null,
    create_members boolean not null,
    own_callback boolean not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
}
