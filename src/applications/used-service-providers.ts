/** The service providers that an application names: those of its tenant, and they stay while they are named. */
import { invalid } from '../base/errors.ts';
import type { AppId, ServiceProviderId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { UsedServiceProviderStore } from './used-service-provider-store.ts';

/**
 * Replaces the list; an absent one stays.
 * @throws 400 naming every id that is no service provider of the tenant.
 */
export async function setServiceProviders(
  trx: Database,
  { tenantId }: { readonly tenantId: TenantId },
  appId: AppId,
  named: readonly string[] | undefined,
): Promise<void> {
  if (named === undefined) return;
  const ids = [...new Set(named)] as ServiceProviderId[];
  const store = new UsedServiceProviderStore(trx);
  const known = await store.known(tenantId, ids);
  const unknown = ids.filter((id) => !known.has(id));
  if (unknown.length > 0)
    throw invalid(...unknown.map((id) => `service_providers: unknown service provider ${id.slice(0, 100)}`));
  await store.replace(tenantId, appId, ids);
}
