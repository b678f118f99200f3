/** All rows of a tenant, whatever the table: the database itself is asked which tables have a `tenant_id`. */
import { sql } from 'kysely';
import type { TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

export interface TableCount {
  readonly table: string;
  readonly rows: number;
}

export class TenantRowsStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps others from adding to the tenant until the transaction ends. False if it is not there. */
  async lock(tenantId: TenantId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('tenants')
      .select('tenant_id')
      .where('tenant_id', '=', tenantId)
      .forUpdate()
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Tables that hold something of the tenant. */
  async count(tenantId: TenantId): Promise<TableCount[]> {
    const counts: TableCount[] = [];
    for (const table of await this.#tables()) {
      const { rows } = await sql<{ n: string }>`select count(*)::text as n from ${sql.table(table)}
        where tenant_id = ${tenantId}`.execute(this.#db);
      counts.push({ table, rows: Number(rows[0]?.n ?? 0) });
    }
    return counts.filter(({ rows }) => rows > 0);
  }

  /** Deletes every row. Cascades find little left to do: what refers goes before what is referred to. */
  async remove(tenantId: TenantId): Promise<TableCount[]> {
    const counts: TableCount[] = [];
    for (const table of await this.#tables()) {
      const { numAffectedRows } = await sql`delete from ${sql.table(table)}
        where tenant_id = ${tenantId}`.execute(this.#db);
      counts.push({ table, rows: Number(numAffectedRows ?? 0) });
    }
    return counts.filter(({ rows }) => rows > 0);
  }

  async #tables(): Promise<string[]> {
    const tables = await sql<{ name: string }>`select c.table_name as name from information_schema.columns c
      join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
      where c.table_schema = current_schema() and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE'
      order by c.table_name`.execute(this.#db);
    const references = await sql<Reference>`select distinct child.relname as child, parent.relname as parent
      from pg_constraint k join pg_class child on child.oid = k.conrelid join pg_class parent on parent.oid = k.confrelid
      where k.contype = 'f' and k.connamespace = current_schema()::regnamespace`.execute(this.#db);
    return childrenFirst(
      tables.rows.map(({ name }) => name),
      references.rows,
    );
  }
}

interface Reference {
  readonly child: string;
  readonly parent: string;
}

/** Every table after all that refer to it. */
export function childrenFirst(tables: readonly string[], references: readonly Reference[]): string[] {
  const childrenOf = Map.groupBy(references, ({ parent }) => parent);
  const order = new Set<string>();
  const seen = new Set<string>();
  const visit = (table: string): void => {
    if (seen.has(table)) return;
    seen.add(table);
    for (const { child } of childrenOf.get(table) ?? []) visit(child);
    if (tables.includes(table)) order.add(table);
  };
  for (const table of tables) visit(table);
  return [...order];
}
