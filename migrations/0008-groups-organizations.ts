/** Groups of users, and organizations with their applications, roles, members and logos. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await groups(db);
  await organizations(db);
  await organizationRoles(db);
  await members(db);
}

async function groups(db: Kysely<unknown>): Promise<void> {
  await sql`create table groups (
    tenant_id text not null references tenants,
    group_id text primary key,
    name text not null,
    description text not null,
    custom_data jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create unique index groups_name on groups (tenant_id, name)`.execute(db);
  await sql`create index on groups (tenant_id, created_at, group_id)`.execute(db);
  await sql`create table group_users (
    tenant_id text not null references tenants,
    group_id text not null references groups on delete cascade,
    user_id text not null references users on delete cascade,
    created_at timestamptz not null default now(),
    primary key (group_id, user_id)
  )`.execute(db);
  await sql`create index on group_users (user_id)`.execute(db);
  // Until now any text could stand for a group; nothing that was assigned to one had an effect.
  await sql`delete from role_assignments where entity_type = 'Group'`.execute(db);
  await sql`alter table role_assignments add column assigned_group_id text
    generated always as (case when entity_type = 'Group' then entity_id end) stored
    references groups on delete cascade`.execute(db);
  await sql`create index on role_assignments (assigned_group_id) where assigned_group_id is not null`.execute(
    db,
  );
}

async function organizations(db: Kysely<unknown>): Promise<void> {
  await sql`create table organizations (
    tenant_id text not null references tenants,
    organization_id text primary key,
    name text not null,
    alias_name text not null,
    domains jsonb not null,
    enabled boolean not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create unique index organizations_name on organizations (tenant_id, name)`.execute(db);
  await sql`create index on organizations (tenant_id, created_at, organization_id)`.execute(db);
  await sql`create table organization_logos (
    tenant_id text not null references tenants,
    organization_id text primary key references organizations on delete cascade,
    media_type text not null,
    content bytea not null,
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create table organization_apps (
    tenant_id text not null references tenants,
    organization_id text not null references organizations on delete cascade,
    app_id text not null references applications on delete cascade,
    created_at timestamptz not null default now(),
    primary key (organization_id, app_id)
  )`.execute(db);
  await sql`create index on organization_apps (app_id)`.execute(db);
  // A managed organization outlives the one that made it, as it has members of its own.
  await sql`create table managed_organizations (
    tenant_id text not null references tenants,
    organization_id text primary key references organizations on delete cascade,
    managing_organization_id text not null references organizations on delete cascade,
    app_id text not null references applications on delete cascade
  )`.execute(db);
  await sql`create index on managed_organizations (managing_organization_id)`.execute(db);
  await sql`create index on managed_organizations (app_id)`.execute(db);
}

/** What an organization may give to its members in an application; gone with the link to the application. */
async function organizationRoles(db: Kysely<unknown>): Promise<void> {
  await sql`create table organization_roles (
    tenant_id text not null references tenants,
    organization_id text not null,
    app_id text not null,
    role_id text not null references roles on delete cascade,
    position integer not null,
    primary key (organization_id, role_id),
    foreign key (organization_id, app_id) references organization_apps on delete cascade
  )`.execute(db);
  await sql`create index on organization_roles (role_id)`.execute(db);
  await sql`create table organization_role_groups (
    tenant_id text not null references tenants,
    organization_id text not null,
    app_id text not null,
    group_id text not null references role_groups on delete cascade,
    position integer not null,
    primary key (organization_id, group_id),
    foreign key (organization_id, app_id) references organization_apps on delete cascade
  )`.execute(db);
  await sql`create index on organization_role_groups (group_id)`.execute(db);
}

async function members(db: Kysely<unknown>): Promise<void> {
  await sql`create table organization_members (
    tenant_id text not null references tenants,
    organization_id text not null references organizations on delete cascade,
    user_id text not null references users on delete cascade,
    created_at timestamptz not null default now(),
    primary key (organization_id, user_id)
  )`.execute(db);
  await sql`create index on organization_members (user_id)`.execute(db);
  // The two default roles are no rows of `roles`; every other one is, and goes with it.
  await sql`create table organization_member_roles (
    tenant_id text not null references tenants,
    organization_id text not null,
    user_id text not null,
    app_id text not null,
    role_id text not null,
    app_role_id text generated always as
      (case when role_id not in ('organizationAdmin', 'organizationCreator') then role_id end) stored
      references roles on delete cascade,
    position integer not null,
    primary key (organization_id, user_id, app_id, role_id),
    foreign key (organization_id, user_id) references organization_members on delete cascade,
    foreign key (organization_id, app_id) references organization_apps on delete cascade
  )`.execute(db);
  await sql`create index on organization_member_roles (app_role_id) where app_role_id is not null`.execute(
    db,
  );
}
