/** Reads and writes the rows of configuration kinds. Table and column names are constants of the catalogue; values are bound. */
import { type RawBuilder, sql } from 'kysely';
import type { TenantId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';
import type { RowKind } from './row-kind.ts';

export type Line = Readonly<Record<string, unknown>>;
export type Outcome = 'created' | 'updated' | 'unchanged';

const PAGE = 500;
/** Of a row that is there they say when it was made and changed here. */
const DATES = ['created_at', 'updated_at'];

/** A line refused by what is in the database already; `message` says why. */
export class RefusedLine extends Error {}

/** Runs the work; what it did before it failed is undone, and the transaction goes on. @throws what the work throws */
export async function atomically<T>(db: Database, work: () => Promise<T>): Promise<T> {
  await sql`savepoint line`.execute(db);
  try {
    const done = await work();
    await sql`release savepoint line`.execute(db);
    return done;
  } catch (error) {
    await sql`rollback to savepoint line`.execute(db);
    throw error;
  }
}

export class RowStore {
  readonly #db: Database;
  readonly #tenantId: TenantId;
  constructor(db: Database, tenantId: TenantId) {
    this.#db = db;
    this.#tenantId = tenantId;
  }

  /** Every row of the kind, page by page, in the order of its key. */
  async *rows({ table, key, columns, only }: RowKind): AsyncGenerator<Line> {
    const order = sql.join(key.map((column) => sql.ref(`t.${column}`)));
    const names = sql.join(Object.keys(columns).map((column) => sql.ref(`t.${column}`)));
    for (let after: readonly unknown[] | undefined; ; ) {
      const { rows } = await sql<Line>`select ${names} from ${sql.table(table)} t
        where t.tenant_id = ${this.#tenantId} and (${only === undefined ? sql`true` : sql.raw(only)})
        and ${after === undefined ? sql`true` : sql`(${order}) > (${sql.join(after)})`}
        order by ${order} limit ${PAGE}`.execute(this.#db);
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      after = key.map((column) => last[column]);
    }
  }

  /** Makes the row as the line says; members that the line does not have stay. @throws RefusedLine */
  async put(kind: RowKind, line: Line): Promise<Outcome> {
    await this.#assertReferences(kind, line);
    const isIt = sql.join(
      kind.key.map((column) => sql`t.${sql.ref(column)} = ${line[column]}`),
      sql` and `,
    );
    const { rows } =
      await sql<Line>`select t.* from ${sql.table(kind.table)} t where ${isIt} for update`.execute(this.#db);
    const [row] = rows;
    if (row === undefined) return this.#insert(kind, line);
    if (row.tenant_id !== this.#tenantId)
      throw new RefusedLine(`${kind.key.join(', ')} belongs to another tenant`);
    if (kind.table === 'applications' && row.kind !== 'end_user')
      throw new RefusedLine('app_id is the id of a management application');
    for (const column of kind.fixed ?? [])
      if (row[column] !== line[column])
        throw new RefusedLine(
          `${column} never changes: ${kind.key.join(', ')} belongs to something else here`,
        );
    const changed = Object.keys(kind.columns).filter(
      (column) =>
        !DATES.includes(column) &&
        line[column] !== undefined &&
        canonical(line[column], kind, column) !== canonical(row[column], kind, column),
    );
    if (changed.length === 0) return 'unchanged';
    const sets = changed.map((column) => sql`${sql.ref(column)} = ${bound(line[column], kind, column)}`);
    if ('updated_at' in kind.columns) sets.push(sql`updated_at = now()`);
    await sql`update ${sql.table(kind.table)} t set ${sql.join(sets)} where ${isIt}`.execute(this.#db);
    return 'updated';
  }

  async #insert(kind: RowKind, line: Line): Promise<Outcome> {
    const columns = Object.keys(kind.columns).filter((column) => line[column] !== undefined);
    const fixed = kind.table === 'applications' ? { kind: 'end_user' } : {};
    const names = sql.join(['tenant_id', ...Object.keys(fixed), ...columns].map((column) => sql.ref(column)));
    const values = sql.join([
      sql`${this.#tenantId}`,
      ...Object.values(fixed).map((value) => sql`${value}`),
      ...columns.map((column) => bound(line[column], kind, column)),
    ]);
    await sql`insert into ${sql.table(kind.table)} (${names}) values (${values})`.execute(this.#db);
    return 'created';
  }

  async #assertReferences({ references }: RowKind, line: Line): Promise<void> {
    for (const [column, { table, column: target, only }] of Object.entries(references)) {
      const value = line[column];
      if (value === null || value === undefined) continue;
      const { rows } = await sql`select 1 from ${sql.table(table)} t
        where t.tenant_id = ${this.#tenantId} and t.${sql.ref(target)} = ${value}
        and (${only === undefined ? sql`true` : sql.raw(only)})`.execute(this.#db);
      if (rows.length === 0)
        throw new RefusedLine(`${column}: there is no such ${target.replace(/_id$/, '')} in this tenant`);
    }
  }
}

function bound(value: unknown, { columns }: RowKind, column: string): RawBuilder<unknown> {
  if (columns[column] === 'json') return sql`${JSON.stringify(value)}::jsonb`;
  return columns[column] === 'time' ? sql`${String(value)}::timestamptz` : sql`${value}`;
}

/** One text for one value, whatever the order of its members; times in milliseconds, as they are exported. */
function canonical(value: unknown, { columns }: RowKind, column: string): string {
  if (columns[column] === 'time') return new Date(value as string).toISOString();
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
