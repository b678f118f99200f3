/** Opens the configured database for a command, with the tenant it holds. */
import { StartError } from '../../base/start-error.ts';
import type { Config } from '../../config/config.ts';
import { NO_LIMITS, type OpenDatabase, openEmbedded, openPostgres } from '../../storage/database.ts';
import { migrate } from '../../storage/migrate.ts';
import { type Tenant, TenantStore } from '../../tenants/tenant-store.ts';

/** Runs beside a serving Tessera on Postgres; the embedded database belongs to one process. @throws StartError */
export async function withTenant<T>(
  config: Config,
  work: (parts: { database: OpenDatabase; tenant: Tenant }) => Promise<T>,
): Promise<T> {
  const database = config.databaseUrl
    ? openPostgres(config.databaseUrl.reveal(), 4, () => undefined, NO_LIMITS)
    : await openEmbedded(config.dataDir);
  try {
    await migrate(database.db);
    const tenant = await new TenantStore(database.db).findFirst();
    if (!tenant)
      throw new StartError('There is no tenant yet: start the server once (npm start), then run this again.');
    return await work({ database, tenant });
  } finally {
    await database.close();
  }
}
