/** The rows of recovery codes: hashes of high-entropy texts, each good once. */
import { sql } from 'kysely';
import type { TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

export class RecoveryCodeStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Takes the place of every code that the user had. */
  async replace(tenantId: TenantId, userId: UserId, hashes: readonly string[]): Promise<void> {
    await this.removeAll(tenantId, userId);
    await this.#db
      .insertInto('recovery_codes')
      .values(hashes.map((code_hash) => ({ tenant_id: tenantId, user_id: userId, code_hash })))
      .execute();
  }

  /** True for exactly one of any number of concurrent callers. */
  async use(tenantId: TenantId, userId: UserId, hash: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('recovery_codes')
      .set({ used_at: new Date() })
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('code_hash', '=', hash)
      .where('used_at', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  async countUnused(tenantId: TenantId, userId: UserId): Promise<number> {
    const { count } = await this.#db
      .selectFrom('recovery_codes')
      .select(sql<number>`count(*)::int`.as('count'))
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .where('used_at', 'is', null)
      .executeTakeFirstOrThrow();
    return count;
  }

  async removeAll(tenantId: TenantId, userId: UserId): Promise<void> {
    await this.#db
      .deleteFrom('recovery_codes')
      .where('tenant_id', '=', tenantId)
      .where('user_id', '=', userId)
      .execute();
  }
}
