/** Roles of users and of clients, groups of roles, and who has which. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // A role without an application is a client role of the tenant.
  await sql`create table roles (
    tenant_id text not null references tenants,
    role_id text primary key,
    app_id text references applications on delete cascade,
    role_name text not null,
    display_name text not null,
    description text not null,
    permissions jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create unique index roles_name on roles (tenant_id, coalesce(app_id, ''), role_name)`.execute(db);
  await sql`create index on roles (app_id)`.execute(db);
  // Groups are not rows yet, so only users and applications can be held by a foreign key.
  await sql`create table role_assignments (
    tenant_id text not null references tenants,
    role_id text not null references roles on delete cascade,
    entity_type text not null check (entity_type in ('User', 'Group', 'Application')),
    entity_id text not null,
    user_id text generated always as (case when entity_type = 'User' then entity_id end) stored
      references users on delete cascade,
    assigned_app_id text generated always as (case when entity_type = 'Application' then entity_id end) stored
      references applications on delete cascade,
    created_at timestamptz not null default now(),
    primary key (role_id, entity_type, entity_id)
  )`.execute(db);
  await sql`create index on role_assignments (user_id) where user_id is not null`.execute(db);
  await sql`create index on role_assignments (assigned_app_id) where assigned_app_id is not null`.execute(db);
  await sql`create table role_groups (
    tenant_id text not null references tenants,
    group_id text primary key,
    app_id text not null references applications on delete cascade,
    name text not null,
    display_name text not null,
    description text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  await sql`create unique index role_groups_name on role_groups (app_id, name)`.execute(db);
  await sql`create table role_group_roles (
    tenant_id text not null references tenants,
    group_id text not null references role_groups on delete cascade,
    role_id text not null references roles on delete cascade,
    position integer not null,
    primary key (group_id, role_id)
  )`.execute(db);
  await sql`create index on role_group_roles (role_id)`.execute(db);
  await sql`create table client_roles (
    tenant_id text not null references tenants,
    client_id text not null references clients on delete cascade,
    role_id text not null references roles on delete cascade,
    position integer not null,
    primary key (client_id, role_id)
  )`.execute(db);
  await sql`create index on client_roles (role_id)`.execute(db);
  await sql`create trigger announce after insert or update or delete on client_roles
    for each row execute function announce_change('client_id')`.execute(db);
  // Cached clients hold the permissions of client roles; roles of users are read when they are needed.
  await sql`create trigger announce after update or delete on roles
    for each row when (old.app_id is null) execute function announce_change('role_id')`.execute(db);
}
