/** What the owner of a passkey calls it. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Null: it has no other name than the one under which it was made.
  await sql`alter table passkeys add column label text check (char_length(label) between 1 and 64)`.execute(
    db,
  );
}
