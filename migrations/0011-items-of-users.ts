/** Finds the short-lived items of one user: the browser sessions, and the codes on their way. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table ephemeral_items add column user_id text`.execute(db);
  await sql`create index on ephemeral_items (tenant_id, user_id) where user_id is not null`.execute(db);
}
