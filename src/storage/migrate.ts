/** Brings the schema up to date under a lock that all nodes share. */
import { readdir } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { StartError } from '../base/start-error.ts';
import type { Database } from './database.ts';

const FOLDER = new URL('../../migrations/', import.meta.url);

async function loadMigrations(): Promise<Record<string, Migration>> {
  const files = (await readdir(FOLDER)).filter((file) => /^\d{4}-.+\.ts$/.test(file)).sort();
  const entries = files.map(
    async (file) => [file.slice(0, -3), await import(new URL(file, FOLDER).href)] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** The names of applied migrations, none on a new database. */
async function appliedMigrations(db: Database): Promise<string[]> {
  const {
    rows: [table],
  } = await sql<{ found: string | null }>`select to_regclass('kysely_migration')::text as found`.execute(db);
  if (!table?.found) return [];
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map((row) => row.name);
}

/** A migration may take its time, and so may the one of another node that this one waits for. */
async function withoutLimits<T>(db: Database, work: (own: Database) => Promise<T>): Promise<T> {
  return db.connection().execute(async (own) => {
    await sql`set statement_timeout = 0`.execute(own);
    await sql`set lock_timeout = 0`.execute(own);
    try {
      return await work(own);
    } finally {
      await sql`reset statement_timeout`.execute(own);
      await sql`reset lock_timeout`.execute(own);
    }
  });
}

/** @throws StartError when the database is unreachable, newer than this code, or a migration fails. */
export async function migrate(db: Database): Promise<readonly string[]> {
  const migrations = await loadMigrations();
  const applied = await appliedMigrations(db).catch((cause: unknown) => {
    throw new StartError(
      'The database cannot be reached; check DATABASE_URL, that the server runs, and the credentials.',
      { cause },
    );
  });
  const unknown = applied.filter((name) => !(name in migrations));
  if (unknown.length > 0)
    throw new StartError(
      `The database schema is newer than this version of Tessera (it has "${unknown.at(-1)}"); start the newer version instead.`,
    );
  if (applied.length === Object.keys(migrations).length) return [];
  const { error, results } = await withoutLimits(db, (own) =>
    new Migrator({
      db: own as unknown as Kysely<unknown>,
      provider: { getMigrations: async () => migrations },
    }).migrateToLatest(),
  );
  const failed = results?.find((result) => result.status === 'Error');
  if (error)
    throw new StartError(
      `The database schema could not be brought up to date${failed ? ` (at ${failed.migrationName})` : ''}; nothing was changed by the failed step.`,
      { cause: error },
    );
  return results?.map((result) => result.migrationName) ?? [];
}
