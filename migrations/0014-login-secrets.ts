/** Secrets of the ways to sign in, sealed and apart from the settings. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table application_login_secrets (
    tenant_id text not null references tenants,
    app_id text not null references applications on delete cascade,
    method text not null,
    name text not null,
    sealed_value text not null,
    primary key (app_id, method, name)
  )`.execute(db);
}
