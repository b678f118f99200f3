/** Reads and writes the rows of configuration kinds. Table and column names are constants of the catalogue; values are bound. */
import { type RawBuilder, sql } from 'kysely';
import type { TenantId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';
import { canonical } from './difference.ts';
import { type Ground, type Line, type Outcome, RefusedLine, type RowKind } from './row-kind.ts';

const PAGE = 500;
/** Of a row that is there they say when it was made and changed here. */
const DATES = ['created_at', 'updated_at'];

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

  /** Every row of the kind as its line, page by page, in the order of its key. */
  async *rows(kind: RowKind): AsyncGenerator<Line> {
    const { table, key, page = PAGE } = kind;
    const order = sql.join(key.map((column) => sql.ref(`t.${column}`)));
    const names = sql.join(
      Object.keys(kind.columns).map((member) => sql`${columnRef(kind, member)} as ${sql.ref(member)}`),
    );
    for (let after: readonly unknown[] | undefined; ; ) {
      const { rows } = await sql<Line>`select ${names} from ${sql.table(table)} t
        where t.tenant_id = ${this.#tenantId} and (${narrowing(kind)})
        and ${after === undefined ? sql`true` : sql`(${order}) > (${sql.join(after)})`}
        order by ${order} limit ${page}`.execute(this.#db);
      for (const row of rows) yield toLine(kind, row);
      const last = rows.at(-1);
      if (last === undefined || rows.length < page) return;
      after = key.map((column) => last[column]);
    }
  }

  /** How many `rows` there are. */
  async count(kind: RowKind): Promise<number> {
    const { rows } = await sql<{ n: string }>`select count(*)::text as n from ${sql.table(kind.table)} t
      where t.tenant_id = ${this.#tenantId} and (${narrowing(kind)})`.execute(this.#db);
    return Number(rows[0]?.n ?? 0);
  }

  /** Makes the row as the line says; members that the line does not have stay. @throws RefusedLine, AppError of a rule */
  async put(kind: RowKind, line: Line, ground: Ground): Promise<Outcome> {
    await this.#assertReferences(kind, line);
    if (kind.put) return kind.put(ground, line);
    const isIt = isRow(kind, line);
    const { rows } =
      await sql<Line>`select t.* from ${sql.table(kind.table)} t where ${isIt} for update`.execute(this.#db);
    const [row] = rows;
    const changed = row === undefined ? [] : this.#changes(kind, line, row);
    if (row !== undefined && changed.length === 0) return 'unchanged';
    await kind.check?.(ground, line);
    if (row === undefined) await this.#insert(kind, line);
    else await this.#update(kind, line, changed);
    await kind.written?.(ground, line);
    return row === undefined ? 'created' : 'updated';
  }

  /** @throws RefusedLine for a row of another tenant, and for a change of what never changes */
  #changes(kind: RowKind, line: Line, row: Line): string[] {
    if (row.tenant_id !== this.#tenantId)
      throw new RefusedLine(`${kind.key.join(', ')} belongs to another tenant`);
    const there = (member: string): unknown => row[kind.columnOf?.[member] ?? member];
    for (const member of kind.fixed ?? [])
      if (there(member) !== line[member])
        throw new RefusedLine(
          `${member} never changes: ${kind.key.join(', ')} belongs to something else here`,
        );
    const left = [...DATES, ...(kind.kept ?? [])];
    return Object.keys(kind.columns).filter(
      (member) =>
        !left.includes(member) &&
        line[member] !== undefined &&
        comparable(line[member], kind, member) !== comparable(there(member), kind, member),
    );
  }

  async remove(kind: RowKind, line: Line): Promise<void> {
    await sql`delete from ${sql.table(kind.table)} t
      where t.tenant_id = ${this.#tenantId} and ${isRow(kind, line)}`.execute(this.#db);
  }

  async #update(kind: RowKind, line: Line, changed: readonly string[]): Promise<void> {
    const sets = changed.map(
      (member) => sql`${sql.ref(kind.columnOf?.[member] ?? member)} = ${bound(line[member], kind, member)}`,
    );
    if ('updated_at' in kind.columns) sets.push(sql`updated_at = now()`);
    await sql`update ${sql.table(kind.table)} t set ${sql.join(sets)} where ${isRow(kind, line)}`.execute(
      this.#db,
    );
  }

  async #insert(kind: RowKind, line: Line): Promise<void> {
    const members = Object.keys(kind.columns).filter((member) => line[member] !== undefined);
    const names = ['tenant_id', ...members.map((member) => kind.columnOf?.[member] ?? member)];
    const values = [sql`${this.#tenantId}`, ...members.map((member) => bound(line[member], kind, member))];
    await sql`insert into ${sql.table(kind.table)} (${sql.join(names.map((name) => sql.ref(name)))})
      values (${sql.join(values)})`.execute(this.#db);
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

const narrowing = ({ only }: RowKind): RawBuilder<unknown> =>
  only === undefined ? sql`true` : sql.raw(only);

const columnRef = ({ columnOf }: RowKind, member: string): RawBuilder<unknown> =>
  sql.ref(`t.${columnOf?.[member] ?? member}`);

const isRow = (kind: RowKind, line: Line): RawBuilder<unknown> =>
  sql.join(
    kind.key.map((member) => sql`${columnRef(kind, member)} = ${line[member]}`),
    sql` and `,
  );

/** Bytes are base64 in a line; the rest is what JSON makes of it. */
const toLine = ({ columns }: RowKind, row: Line): Line =>
  Object.fromEntries(
    Object.entries(row).map(([member, value]) => [
      member,
      columns[member] === 'bytes' ? Buffer.from(value as Uint8Array).toString('base64') : value,
    ]),
  );

function bound(value: unknown, { columns }: RowKind, member: string): RawBuilder<unknown> {
  if (columns[member] === 'json') return sql`${JSON.stringify(value)}::jsonb`;
  if (columns[member] === 'bytes') return sql`${Buffer.from(value as string, 'base64')}::bytea`;
  return columns[member] === 'time' ? sql`${String(value)}::timestamptz` : sql`${value}`;
}

/** One text for one value; times in milliseconds, as they are exported. */
function comparable(value: unknown, { columns }: RowKind, member: string): string {
  if (columns[member] === 'time') return new Date(value as string).toISOString();
  if (columns[member] === 'bytes' && typeof value !== 'string')
    return canonical(Buffer.from(value as Uint8Array).toString('base64'));
  return canonical(value);
}
