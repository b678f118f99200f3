import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type OpenDatabase, openEmbedded } from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { sweepOnce } from '../../src/storage/sweeper.ts';
import { migrated } from '../support/embedded-folder.ts';

describe('expired rows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-sweep-'));
  let database: OpenDatabase;
  beforeAll(async () => {
    database = await openEmbedded(migrated(folder));
    await migrate(database.db);
  });
  afterAll(async () => {
    await database.close();
    rmSync(folder, { recursive: true });
  });

  it('go in batches of 500, and live ones stay', async () => {
    await sql`insert into ephemeral_items (tenant_id, kind, key, value, expires_at)
      select 't', 'Thing', n::text, '{}', now() + case when n <= 600 then interval '-1 second' else interval '1 hour' end
      from generate_series(1, 601) n`.execute(database.db);
    expect([
      await sweepOnce(database.db),
      await sweepOnce(database.db),
      await sweepOnce(database.db),
    ]).toEqual([500, 100, 0]);
    const rows = await database.db.selectFrom('ephemeral_items').select('key').execute();
    expect(rows).toEqual([{ key: '601' }]);
  });

  it('are found through an index on every swept table', async () => {
    const { rows } = await sql<{
      tablename: string;
    }>`select distinct tablename from pg_indexes where indexdef like '%(expires_at)%' order by 1`.execute(
      database.db,
    );
    expect(rows.map((row) => row.tablename)).toEqual([
      'consents',
      'delegated_consents',
      'ephemeral_items',
      'failure_counts',
      'grants',
      'logout_notices',
      'outbox',
      'refresh_tokens',
      'revoked_tokens',
    ]);
  });
});

describe('migrations', () => {
  it('refuse a schema that is newer than the code, and change nothing on a second run', async () => {
    const other = mkdtempSync(join(tmpdir(), 'tessera-newer-'));
    const database = await openEmbedded(other);
    try {
      expect((await migrate(database.db)).length).toBeGreaterThan(0);
      expect(await migrate(database.db)).toEqual([]);
      await sql`insert into kysely_migration (name, timestamp) values ('9999-future', 'now')`.execute(
        database.db,
      );
      await expect(migrate(database.db)).rejects.toThrow(/newer than this version.*9999-future/);
    } finally {
      await database.close();
      rmSync(other, { recursive: true });
    }
  });
});
