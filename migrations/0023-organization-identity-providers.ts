/** The identity providers of organizations: where their members sign in, and how what it says is believed. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table organization_identity_providers (
    tenant_id text not null references tenants,
    organization_id text primary key references organizations on delete cascade,
    entity_id text not null,
    sso_url text not null,
    sso_binding text not null check (sso_binding in ('redirect', 'post')),
    certificates jsonb not null,
    email_attribute text not null,
    first_name_attribute text not null,
    last_name_attribute text not null,
    create_members boolean not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
}
