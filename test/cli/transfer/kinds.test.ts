/** Nothing of a tenant is forgotten by a move: the database itself is asked what there is (issue 4: import and export). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { COLUMNS_NOT_MOVED, movedColumns, NOT_MOVED } from '../../../src/cli/transfer/kinds.ts';
import { openEmbedded } from '../../../src/storage/database.ts';
import { migrate } from '../../../src/storage/migrate.ts';
import { migrated } from '../../support/embedded-folder.ts';

describe('tables of a tenant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-kinds-'));
  /** By table, without the tenant and what the database computes. */
  let columns: Map<string, string[]>;

  beforeAll(async () => {
    const { db, close } = await openEmbedded(migrated(folder));
    await migrate(db);
    const { rows } = await sql<{ table: string; column: string; generated: string }>`
      select c.table_name as table, c.column_name as column, c.is_generated as generated
      from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'`.execute(db);
    await close();
    columns = new Map(
      [...Map.groupBy(rows, (row) => row.table)]
        .filter(([, all]) => all.some(({ column }) => column === 'tenant_id'))
        .map(([table, all]) => [
          table,
          all
            .filter(({ column, generated }) => column !== 'tenant_id' && generated === 'NEVER')
            .map(({ column }) => column),
        ]),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('move, or stay for a reason that kinds.ts gives; none is in both lists, none is made up', () => {
    const moved = [...movedColumns().keys()];
    const stay = Object.keys(NOT_MOVED);
    expect([...moved, ...stay].sort()).toEqual([...columns.keys()].sort());
    for (const reason of Object.values(NOT_MOVED)) expect(reason.length).toBeGreaterThan(20);
  });

  it('move with every column, or the column stays for a reason', () => {
    for (const [table, moved] of movedColumns()) {
      const stay = Object.keys(COLUMNS_NOT_MOVED[table] ?? {});
      expect([table, [...moved, ...stay].sort()]).toEqual([table, [...(columns.get(table) ?? [])].sort()]);
    }
  });
});
