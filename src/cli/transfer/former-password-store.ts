/** Reads and writes former passwords, which stand in the line of their user. */
import { sql } from 'kysely';
import type { TenantId, UserId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';

export interface FormerPasswordRow {
  readonly user_id: string;
  readonly password_hash: string;
  readonly created_at: Date | string;
}

export const FORMER_PASSWORD_COLUMNS = ['user_id', 'password_hash', 'created_at'] as const;

export class FormerPasswordStore {
  readonly #db: Database;
  readonly #tenantId: TenantId;
  constructor(db: Database, tenantId: TenantId) {
    this.#db = db;
    this.#tenantId = tenantId;
  }

  /** By user, oldest first. */
  async of(ids: readonly UserId[]): Promise<Map<UserId, FormerPasswordRow[]>> {
    const rows = await this.#db
      .selectFrom('password_history')
      .select(FORMER_PASSWORD_COLUMNS)
      .where('tenant_id', '=', this.#tenantId)
      .where(sql<boolean>`user_id = any(${ids}::text[])`)
      .orderBy('entry_id')
      .execute();
    return Map.groupBy(rows, (row) => row.user_id);
  }

  /** In the order of the rows: the ids of the entries count up. */
  async insert(rows: readonly FormerPasswordRow[]): Promise<void> {
    if (rows.length === 0) return;
    await sql`insert into password_history (tenant_id, user_id, password_hash, created_at)
      select ${this.#tenantId}, p.user_id, p.password_hash, p.created_at
      from jsonb_array_elements(${JSON.stringify(rows)}::jsonb) with ordinality e (row, at),
        jsonb_to_record(e.row) p (user_id text, password_hash text, created_at timestamptz)
      order by e.at`.execute(this.#db);
  }
}
