/** A database with two applications and two people, for tests of services that have no route of their own yet. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../../src/audit/audit-log.ts';
import type { AppId, ClientId, TenantId, UserId } from '../../src/base/ids.ts';
import { newId, newSecret, Secret } from '../../src/base/secrets.ts';
import { ClientStore } from '../../src/clients/client-store.ts';
import { Sealer } from '../../src/keys/sealer.ts';
import { type OpenDatabase, openEmbedded, openPostgres } from '../../src/storage/database.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { PostgresEphemeralStore } from '../../src/storage/postgres-ephemeral-store.ts';
import { openRedis, RedisEphemeralStore } from '../../src/storage/redis.ts';
import { TenantStore } from '../../src/tenants/tenant-store.ts';
import { GuessLimiter } from '../../src/users/guess-limiter.ts';
import { UserStore } from '../../src/users/user-store.ts';
import { migrated } from './embedded-folder.ts';
import type { Storage, StorageOptions } from './engines.ts';

export interface FactorScene {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly clientId: ClientId;
  readonly otherAppId: AppId;
  readonly otherClientId: ClientId;
  /** Members of both applications; their emails are `<name>@example.com`. */
  readonly ada: UserId;
  readonly bob: UserId;
  readonly db: OpenDatabase['db'];
  readonly ephemeral: PostgresEphemeralStore | RedisEphemeralStore;
  readonly sealer: Sealer;
  readonly audit: AuditLog;
  readonly findClient: ClientStore['find'];
  readonly limiter: GuessLimiter;
  /** Puts these settings in place of both applications' methods. */
  setMethods(methods: Record<string, unknown>): Promise<void>;
  /** What was written down since the last call. */
  trail(): Promise<readonly string[]>;
  close(): Promise<void>;
}

type Head = Pick<FactorScene, 'tenantId' | 'appId' | 'clientId' | 'otherAppId' | 'otherClientId'>;

async function insertApplication(
  db: OpenDatabase['db'],
  tenant_id: TenantId,
  app_id: AppId,
  client_id: ClientId,
) {
  const settings = JSON.stringify({ login_preferences: { auth_methods: {} } });
  await db
    .insertInto('applications')
    .values({ tenant_id, app_id, kind: 'end_user', name: 'Shop', settings, created_by: 'test' })
    .execute();
  await db
    .insertInto('clients')
    .values({
      tenant_id,
      client_id,
      app_id,
      protocol: 'oidc',
      is_default: true,
      name: 'Web',
      settings: '{}',
    } as never)
    .execute();
}

async function insertPerson(db: OpenDatabase['db'], { tenantId, appId, otherAppId }: Head, name: string) {
  const users = new UserStore(db);
  const user = await users.insert(tenantId, newId<UserId>(), {
    email: `${name}@example.com`,
    status: 'Active',
  });
  for (const app of [appId, otherAppId]) await users.putMembership(user, app, { username: name });
  return user.userId;
}

function openDatabase(options: StorageOptions): { opening: Promise<OpenDatabase>; remove(): void } {
  if (options.databaseUrl !== undefined)
    return {
      opening: Promise.resolve(openPostgres(options.databaseUrl, 10, () => undefined)),
      remove: () => undefined,
    };
  const folder = mkdtempSync(join(tmpdir(), 'tessera-factors-'));
  return { opening: openEmbedded(migrated(folder)), remove: () => rmSync(folder, { recursive: true }) };
}

export async function setFactorScene(storage: Storage): Promise<FactorScene> {
  const options = await storage.options();
  const { opening, remove } = openDatabase(options);
  const database = await opening;
  const { db } = database;
  await migrate(db);
  const head: Head = {
    tenantId: newId(),
    appId: newId(),
    clientId: newId(),
    otherAppId: newId(),
    otherClientId: newId(),
  };
  await new TenantStore(db).create(db, head.tenantId, 'T');
  await insertApplication(db, head.tenantId, head.appId, head.clientId);
  await insertApplication(db, head.tenantId, head.otherAppId, head.otherClientId);
  const redis = options.redisUrl === undefined ? undefined : openRedis(options.redisUrl, () => undefined);
  const clients = new ClientStore(db);
  return {
    ...head,
    ada: await insertPerson(db, head, 'ada'),
    bob: await insertPerson(db, head, 'bob'),
    db,
    ephemeral: redis ? new RedisEphemeralStore(redis) : new PostgresEphemeralStore(db),
    sealer: new Sealer(new Secret(newSecret())),
    audit: new AuditLog(),
    limiter: new GuessLimiter({ db, secret: new Secret(newSecret()), perAddress: 0 }),
    findClient: (tenantId, clientId) => clients.find(tenantId, clientId),
    setMethods: async (auth_methods) => {
      const settings = JSON.stringify({ login_preferences: { auth_methods } });
      await db.updateTable('applications').set({ settings }).execute();
    },
    trail: async () => {
      const events = await db.deleteFrom('audit_events').returning('type').execute();
      return events.map(({ type }) => type);
    },
    close: async () => {
      redis?.disconnect();
      await database.close();
      remove();
      await options.release();
    },
  };
}
