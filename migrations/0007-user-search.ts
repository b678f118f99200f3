/** Indexes for searching users by the start of an identifier and by username, and the mark of a temporary password. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // The unique indexes serve equality; `like 'x%'` needs an order by bytes, whatever the database's collation.
  await sql`create index users_email_prefix on users (tenant_id, email text_pattern_ops)`.execute(db);
  await sql`create index users_phone_number_prefix on users (tenant_id, phone_number text_pattern_ops)`.execute(
    db,
  );
  await sql`create index user_applications_username_prefix
    on user_applications (tenant_id, lower(username) text_pattern_ops)`.execute(db);
  await sql`create index users_last_auth on users (tenant_id, last_auth, user_id)`.execute(db);
  await sql`alter table users add column password_must_change boolean not null default false`.execute(db);
}
