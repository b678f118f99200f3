/** Looks up the group of the SSO Service that a client names; the group itself is a noun of its own (sso/). */
import type { SsoGroupId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

export class ClientGroupStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps a group that is there from being deleted until the transaction ends. */
  async hold(tenantId: TenantId, groupId: SsoGroupId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('sso_groups')
      .select('group_id')
      .where('tenant_id', '=', tenantId)
      .where('group_id', '=', groupId)
      .forKeyShare()
      .executeTakeFirst();
    return row !== undefined;
  }
}
