/** Ends all refresh tokens of a user, whatever the applications say: somebody asked for it. */
import { sql } from 'kysely';
import type { TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

export class RefreshTokenStore {
  readonly #db: Database;

  /** Pass the transaction of the change. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Access tokens and grants stay: only refreshing ends. */
  async removeOfUser(tenantId: TenantId, userId: UserId): Promise<void> {
    // The grants are locked first, as every writer of their tokens does it; then no rotation is under way any more.
    await sql`select 1 from grants where tenant_id = ${tenantId} and user_id = ${userId} order by grant_id for update`.execute(
      this.#db,
    );
    await sql`delete from refresh_tokens t using grants g
      where t.grant_id = g.grant_id and g.tenant_id = ${tenantId} and g.user_id = ${userId}`.execute(
      this.#db,
    );
  }
}
