/** Deletes a whole tenant. Its audit trail goes with it: whoever orders the deletion keeps the record. */
import type { TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import { type TableCount, TenantRowsStore } from './tenant-rows-store.ts';
import { type Tenant, TenantStore } from './tenant-store.ts';

export interface TenantContents {
  readonly tenant: Tenant;
  readonly counts: readonly TableCount[];
}

export class TenantService {
  readonly #db: Database;
  readonly #ephemeral: Pick<EphemeralStore, 'removeByTenant'>;

  constructor(parts: { db: Database; ephemeral: Pick<EphemeralStore, 'removeByTenant'> }) {
    this.#db = parts.db;
    this.#ephemeral = parts.ephemeral;
  }

  /** What `remove` would delete; undefined for a tenant that is not there. */
  async contents(tenantId: TenantId): Promise<TenantContents | undefined> {
    const tenant = await new TenantStore(this.#db).find(tenantId);
    return tenant && { tenant, counts: await new TenantRowsStore(this.#db).count(tenantId) };
  }

  /**
   * All rows in one transaction: a tenant is there or it is not. Then the short-lived items, which are dead by then.
   * After the last tenant the next start is a first start again. @returns what there was; undefined for no such tenant.
   */
  async remove(tenantId: TenantId): Promise<readonly TableCount[] | undefined> {
    const counts = await this.#db.transaction().execute(async (trx) => {
      const rows = new TenantRowsStore(trx);
      if (!(await rows.lock(tenantId))) return undefined;
      const removed = await rows.remove(tenantId);
      const tenants = new TenantStore(trx);
      if ((await tenants.findFirst()) === undefined) await tenants.forgetFirstStart();
      return removed;
    });
    await this.#ephemeral.removeByTenant(tenantId);
    return counts;
  }
}
