/** `delete-tenant`: deletes a tenant with everything that belongs to it, once the person has said `--yes`. */
import { parseArgs } from 'node:util';
import type { TenantId } from '../base/ids.ts';
import { StartError } from '../base/start-error.ts';
import type { Config } from '../config/config.ts';
import { NO_LIMITS, openEmbedded, openPostgres } from '../storage/database.ts';
import { migrate } from '../storage/migrate.ts';
import { PostgresEphemeralStore } from '../storage/postgres-ephemeral-store.ts';
import { openRedis, RedisEphemeralStore } from '../storage/redis.ts';
import type { TableCount } from '../tenants/tenant-rows-store.ts';
import { TenantService } from '../tenants/tenant-service.ts';
import type { Command, CommandContext } from './command.ts';

const USAGE = '<tenant_id> [--yes]';

export const DELETE_TENANT: Command = {
  name: 'delete-tenant',
  usage: USAGE,
  summary: 'Delete a tenant with everything in it; without --yes, say what that would be',
  run: async (context) => {
    const { tenantId, isSure } = readArguments(context.arguments);
    return withTenants(context.config, (tenants) => run(context, tenants, { tenantId, isSure }));
  },
};

function readArguments(given: readonly string[]): { tenantId: TenantId; isSure: boolean } {
  const mistake = (): never => {
    throw new StartError(
      `Usage: npm run tessera -- delete-tenant ${USAGE}\nWrite an id that begins with a hyphen at the end, after --yes --`,
    );
  };
  try {
    const { values, positionals } = parseArgs({
      args: [...given],
      options: { yes: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [tenantId, ...others] = positionals;
    if (tenantId === undefined || others.length > 0) return mistake();
    return { tenantId: tenantId as TenantId, isSure: values.yes };
  } catch {
    return mistake();
  }
}

async function run(
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
  tenants: TenantService,
  { tenantId, isSure }: { tenantId: TenantId; isSure: boolean },
): Promise<number> {
  const contents = await tenants.contents(tenantId);
  if (!contents) throw new StartError(`There is no tenant ${tenantId}.`);
  const { name } = contents.tenant;
  if (!isSure) {
    stdout.write(`This would delete the tenant ${tenantId} (${name}):\n${listOf(contents.counts)}`);
    stderr.write('Nothing was deleted. There is no way back: say it again with --yes to do it.\n');
    return 1;
  }
  stdout.write(
    `Deleted the tenant ${tenantId} (${name}):\n${listOf((await tenants.remove(tenantId)) ?? [])}`,
  );
  return 0;
}

const listOf = (counts: readonly TableCount[]): string =>
  counts.map(({ table, rows }) => `  ${String(rows).padStart(9)} ${table}\n`).join('');

async function withTenants<T>(config: Config, work: (tenants: TenantService) => Promise<T>): Promise<T> {
  const database = config.databaseUrl
    ? openPostgres(config.databaseUrl.reveal(), 2, () => undefined, NO_LIMITS)
    : await openEmbedded(config.dataDir);
  const redis = config.redisUrl && openRedis(config.redisUrl.reveal(), () => undefined);
  try {
    await migrate(database.db);
    const ephemeral = redis ? new RedisEphemeralStore(redis) : new PostgresEphemeralStore(database.db);
    // Rows that are gone while their sessions cannot be reached would be half a deletion.
    await ephemeral.ping().catch(() => {
      throw new StartError('Redis cannot be reached; check REDIS_URL and that the server runs.');
    });
    return await work(new TenantService({ db: database.db, ephemeral }));
  } finally {
    redis?.disconnect();
    await database.close();
  }
}
