/** Keeps a tenant manageable: the last client that can get an admin token is neither deleted nor made unable to. */
import { conflict } from '../base/errors.ts';
import type { AppId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { ManagementClientStore } from './management-client-store.ts';

/**
 * Does the work in this transaction. Where it is about a management application, it waits first for others who do
 * such work, before any other lock is taken, so that two who remove each other's client never both succeed.
 * @throws 409 where afterwards nobody could get an admin token.
 */
export async function keepingManagement<T>(
  trx: Database,
  { tenantId }: { readonly tenantId: TenantId },
  appId: AppId,
  work: () => Promise<T>,
): Promise<T> {
  const store = new ManagementClientStore(trx);
  const isManagement = await store.lock(tenantId, appId);
  const result = await work();
  if (isManagement && !(await store.hasOne(tenantId)))
    throw conflict(
      'This would take away the last client that can get an admin token, and nobody could manage the tenant again; create another management application, or another client of one, first',
    );
  return result;
}
