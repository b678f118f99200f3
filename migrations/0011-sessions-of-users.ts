/** Lets the sessions of one user be found among the short-lived items. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table ephemeral_items add column user_id text`.execute(db);
  await sql`create index ephemeral_items_user on ephemeral_items (tenant_id, user_id, kind)
    where user_id is not null`.execute(db);
}
