/** The rows of former passwords; no more of them are kept than an application of the tenant asks for. */
import { sql } from 'kysely';
import type { TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

interface Owner {
  readonly tenantId: TenantId;
  readonly userId: UserId;
}

export class PasswordHistoryStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Hashes of the present password and of those before it, the newest first. */
  async latest({ tenantId, userId }: Owner, count: number): Promise<string[]> {
    const { rows } = await sql<{ password_hash: string }>`select password_hash from (
        select password_hash, 9223372036854775807 as entry_id from users
          where tenant_id = ${tenantId} and user_id = ${userId} and password_hash is not null
        union all select password_hash, entry_id from password_history
          where tenant_id = ${tenantId} and user_id = ${userId}) h
      order by entry_id desc limit ${count}`.execute(this.#db);
    return rows.map((row) => row.password_hash);
  }

  /** Keeps the present password, which is about to be replaced, and forgets the oldest. */
  async push({ tenantId, userId }: Owner): Promise<void> {
    const kept = await this.#asked(tenantId);
    if (kept > 0)
      await sql`insert into password_history (tenant_id, user_id, password_hash)
        select tenant_id, user_id, password_hash from users
        where tenant_id = ${tenantId} and user_id = ${userId} and password_hash is not null`.execute(
        this.#db,
      );
    await sql`delete from password_history where tenant_id = ${tenantId} and user_id = ${userId}
      and entry_id not in (select entry_id from password_history
        where tenant_id = ${tenantId} and user_id = ${userId} order by entry_id desc limit ${kept})`.execute(
      this.#db,
    );
  }

  /** The most that any application of the tenant wants to compare with. */
  async #asked(tenantId: TenantId): Promise<number> {
    const path = '{login_preferences,auth_methods,password,blockPreviousPasswords}';
    const { rows } = await sql<{
      kept: number | null;
    }>`select max((settings #>> ${path}::text[])::integer) as kept
      from applications where tenant_id = ${tenantId}`.execute(this.#db);
    return rows[0]?.kept ?? 0;
  }
}
