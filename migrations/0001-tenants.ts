/** Tenants, deployment-wide settings, and the trigger function that announces changed rows. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table settings (name text primary key, value text not null)`.execute(db);
  await sql`create table tenants (
    tenant_id text primary key,
    name text not null,
    default_audience text not null default 'userid-api',
    access_token_ttl integer not null default 3600,
    refresh_token_ttl integer not null default 1209600,
    max_refresh_rotate integer not null default 31536000,
    refresh_grace_seconds integer not null default 10 check (refresh_grace_seconds between 0 and 60),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`.execute(db);
  // The first trigger argument names the column that identifies the changed object.
  await sql`create function announce_change() returns trigger language plpgsql as $$
    declare changed jsonb := case when tg_op = 'DELETE' then to_jsonb(old) else to_jsonb(new) end;
    begin
      perform pg_notify('tessera_changes', json_build_object(
        'table', tg_table_name, 'tenantId', changed->>'tenant_id', 'id', changed->>tg_argv[0])::text);
      return null;
    end $$`.execute(db);
  await sql`create trigger announce after insert or update or delete on tenants
    for each row execute function announce_change('tenant_id')`.execute(db);
}
