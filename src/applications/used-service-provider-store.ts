/** Reads and writes the rows that say which application uses which service provider. */
import type { AppId, ServiceProviderId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

export class UsedServiceProviderStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Those of the ids that are service providers of the tenant; they stay until the transaction ends. */
  async known(tenantId: TenantId, ids: readonly ServiceProviderId[]): Promise<Set<ServiceProviderId>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#db
      .selectFrom('service_providers')
      .select('service_provider_id')
      .where('tenant_id', '=', tenantId)
      .where('service_provider_id', 'in', [...ids])
      .forKeyShare()
      .execute();
    return new Set(rows.map((row) => row.service_provider_id));
  }

  /** The list itself, in its order, stands in the settings of the application. */
  async replace(tenantId: TenantId, appId: AppId, ids: readonly ServiceProviderId[]): Promise<void> {
    await this.#db
      .deleteFrom('application_service_providers')
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId)
      .execute();
    if (ids.length === 0) return;
    const rows = ids.map((id) => ({ tenant_id: tenantId, app_id: appId, service_provider_id: id }));
    await this.#db.insertInto('application_service_providers').values(rows).execute();
  }
}
