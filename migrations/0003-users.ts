/** Users of the tenant and their membership in applications. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table users (
    tenant_id text not null references tenants,
    user_id text primary key,
    status text not null check (status in ('Active', 'Disabled', 'Pending')),
    status_changed_at timestamptz,
    email text,
    email_verified_at timestamptz,
    phone_number text,
    phone_number_verified_at timestamptz,
    external_user_id text,
    profile jsonb not null,
    password_hash text,
    password_updated_at timestamptz,
    last_auth timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create unique index users_email on users (tenant_id, email)`.execute(db);
  await sql`create unique index users_phone_number on users (tenant_id, phone_number)`.execute(db);
  await sql`create unique index users_external_user_id on users (tenant_id, external_user_id)`.execute(db);
  await sql`create index on users (tenant_id, created_at, user_id)`.execute(db);
  await sql`create table user_applications (
    tenant_id text not null references tenants,
    user_id text not null references users on delete cascade,
    app_id text not null references applications on delete cascade,
    username text,
    external_account_id text,
    custom_app_data jsonb not null default '{}',
    created_at timestamptz not null default now(),
    primary key (user_id, app_id)
  )`.execute(db);
  await sql`create unique index user_applications_username on user_applications (app_id, lower(username))`.execute(
    db,
  );
  await sql`create index on user_applications (app_id, created_at, user_id)`.execute(db);
}
