/** Secrets of the ways to sign in, sealed and apart from the settings; and users sorted downwards out of an index. */
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
  await sql`create index on application_login_secrets (tenant_id)`.execute(db);
  // Users without a value come last in both directions, which no index read backwards can do.
  for (const column of ['email', 'phone_number', 'last_auth'])
    await sql`create index ${sql.ref(`users_${column}_downwards`)}
      on users (tenant_id, ${sql.ref(column)} desc nulls last, user_id desc)`.execute(db);
}
