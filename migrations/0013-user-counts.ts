/** Members of an application counted and looked up in an index alone. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create unique index user_applications_members on user_applications (tenant_id, app_id, user_id)`.execute(
    db,
  );
  // Nothing asks for members in this order; deleting an application finds them by the index on usernames.
  await sql`drop index user_applications_app_id_created_at_user_id_idx`.execute(db);
}
