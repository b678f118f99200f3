/** SAML signing certificates: one previous certificate per owner, and when somebody was told that one ends. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const owner of ['client_id', 'service_provider_id'])
    await sql`create unique index on saml_certificates (${sql.ref(owner)})
      where status = 'previous' and ${sql.ref(owner)} is not null`.execute(db);
  await sql`alter table saml_certificates add column warned_at timestamptz`.execute(db);
  await sql`create index on saml_certificates (not_after) where status <> 'previous'`.execute(db);
}
