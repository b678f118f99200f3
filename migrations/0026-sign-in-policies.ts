/** Sign-in policies of client groups: a group names one as its `journey`, or `default` (contract/saml.md 4). */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table sign_in_policies (
    tenant_id text not null references tenants,
    policy_id text primary key,
    name text not null check (name <> 'default'),
    description text not null,
    rules jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint sign_in_policies_name unique (tenant_id, name)
  )`.execute(db);
  await sql`create index on sign_in_policies (tenant_id, created_at, policy_id)`.execute(db);
  // Until now there were no policies: whatever a group named, people were signed in by the hosted login.
  await sql`update sso_groups set configuration = jsonb_set(configuration, '{journey}', '"default"')
    where configuration->>'journey' <> 'default'`.execute(db);
  // Generated, so that the document stays the one place where the journey of a group is written.
  await sql`alter table sso_groups
    add column policy_name text generated always as (nullif(configuration->>'journey', 'default')) stored,
    add constraint sso_groups_policy foreign key (tenant_id, policy_name) references sign_in_policies (tenant_id, name)`.execute(
    db,
  );
  await sql`create index on sso_groups (tenant_id, policy_name) where policy_name is not null`.execute(db);
  // Cached clients hold what their group asks for.
  for (const [table, column] of [
    ['sso_groups', 'group_id'],
    ['sign_in_policies', 'policy_id'],
  ] as const)
    await sql`create trigger announce after update or delete on ${sql.table(table)}
      for each row execute function announce_change(${sql.lit(column)})`.execute(db);
}
