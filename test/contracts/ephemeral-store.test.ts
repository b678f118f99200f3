import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TenantId } from '../../src/base/ids.ts';
import { newId } from '../../src/base/secrets.ts';
import { openEmbedded, openPostgres } from '../../src/storage/database.ts';
import type { EphemeralStore } from '../../src/storage/ephemeral-store.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { PostgresEphemeralStore } from '../../src/storage/postgres-ephemeral-store.ts';
import { openRedis, RedisEphemeralStore } from '../../src/storage/redis.ts';
import { migrated } from '../support/embedded-folder.ts';
import { freshDatabase, postgresUrl, redisUrl } from '../support/engines.ts';

interface Opened {
  readonly store: EphemeralStore;
  readonly close: () => Promise<void>;
}

async function embedded(): Promise<Opened> {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-store-'));
  const database = await openEmbedded(migrated(folder));
  await migrate(database.db);
  return {
    store: new PostgresEphemeralStore(database.db),
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function postgres(url: string): Promise<Opened> {
  const { databaseUrl, release } = await freshDatabase(url);
  const database = openPostgres(databaseUrl, 10, () => undefined);
  await migrate(database.db);
  return {
    store: new PostgresEphemeralStore(database.db),
    close: async () => {
      await database.close();
      await release();
    },
  };
}

async function redis(url: string): Promise<Opened> {
  const connection = openRedis(url, () => undefined);
  return { store: new RedisEphemeralStore(connection), close: async () => connection.disconnect() };
}

const implementations: [string, () => Promise<Opened>][] = [
  ['embedded', embedded],
  ...(postgresUrl
    ? [['postgres', () => postgres(postgresUrl as string)] as [string, () => Promise<Opened>]]
    : []),
  ...(redisUrl ? [['redis', () => redis(redisUrl as string)] as [string, () => Promise<Opened>]] : []),
];

describe.each(implementations)('short-lived state (%s)', (_name, open) => {
  let opened: Opened;
  const tenantId = newId<TenantId>();
  const at = (key: string, kind = 'Thing') => ({ tenantId, kind, key });
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());

  it('keeps a value until it expires', async () => {
    await opened.store.put(at('a'), { n: 1 }, { ttlSeconds: 1 });
    expect(await opened.store.get(at('a'))).toEqual({ value: { n: 1 }, consumed: false });
    expect(await opened.store.get(at('a', 'Other'))).toBeUndefined();
    await pause(1100);
    expect(await opened.store.get(at('a'))).toBeUndefined();
  });

  it('keeps tenants apart', async () => {
    await opened.store.put(at('b'), { n: 1 }, { ttlSeconds: 60 });
    expect(await opened.store.get({ ...at('b'), tenantId: newId<TenantId>() })).toBeUndefined();
  });

  it('inserts an absent item for exactly one of a hundred callers, and again after expiry', async () => {
    const tries = Array.from({ length: 100 }, () => opened.store.putIfAbsent(at('c'), {}, { ttlSeconds: 1 }));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    await pause(1100);
    expect(await opened.store.putIfAbsent(at('c'), {}, { ttlSeconds: 60 })).toBe(true);
  });

  it('is consumed by exactly one of a hundred callers, and stays marked when written again', async () => {
    await opened.store.put(at('d'), { n: 1 }, { ttlSeconds: 60 });
    const tries = Array.from({ length: 100 }, () => opened.store.consume(at('d')));
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
    await opened.store.put(at('d'), { n: 2 }, { ttlSeconds: 60 });
    expect(await opened.store.get(at('d'))).toEqual({ value: { n: 2 }, consumed: true });
    expect(await opened.store.consume(at('absent'))).toBe(false);
  });

  it('removes one item, or all items of a grant', async () => {
    await opened.store.put(at('e'), {}, { ttlSeconds: 60, grantId: 'g' });
    await opened.store.put(at('f', 'Other'), {}, { ttlSeconds: 60, grantId: 'g' });
    await opened.store.put(at('h'), {}, { ttlSeconds: 60, grantId: 'other' });
    await opened.store.removeByGrant(tenantId, 'g');
    expect(await Promise.all(['e', 'h'].map((key) => opened.store.get(at(key))))).toEqual([
      undefined,
      { value: {}, consumed: false },
    ]);
    expect(await opened.store.get(at('f', 'Other'))).toBeUndefined();
    expect([await opened.store.remove(at('h')), await opened.store.remove(at('h'))]).toEqual([true, false]);
    expect(await opened.store.get(at('h'))).toBeUndefined();
    await opened.store.removeByGrant(tenantId, 'nobody');
  });

  it('lists the living items of one kind that belong to a user', async () => {
    const put = (key: string, kind: string, userId: string, ttlSeconds = 60) =>
      opened.store.put(at(key, kind), { key }, { ttlSeconds, userId });
    await put('s1', 'Session', 'u1');
    await put('s1', 'Session', 'u1');
    await put('s2', 'Session', 'u1');
    await put('s3', 'Session', 'u1', 1);
    await put('s4', 'Session', 'u2');
    await put('s5', 'Other', 'u1');
    await opened.store.remove(at('s2', 'Session'));
    await pause(1100);
    const listed = await opened.store.listByUser(tenantId, 'Session', 'u1');
    expect(listed).toEqual([
      { key: 's1', value: { key: 's1' }, consumed: false, expiresAt: expect.any(Date) },
    ]);
    expect(Math.abs((listed[0]?.expiresAt.getTime() ?? 0) - Date.now() - 59_000)).toBeLessThan(3000);
    expect(await opened.store.listByUser(newId<TenantId>(), 'Session', 'u1')).toEqual([]);
  });

  it('replaces only what is there, so that what was removed meanwhile stays away', async () => {
    const options = { ttlSeconds: 60 };
    expect(await opened.store.replace(at('i'), { n: 1 }, options)).toBe(false);
    expect(await opened.store.get(at('i'))).toBeUndefined();
    await opened.store.put(at('i'), { n: 1 }, options);
    expect(await opened.store.replace(at('i'), { n: 2 }, options)).toBe(true);
    expect(await opened.store.get(at('i'))).toEqual({ value: { n: 2 }, consumed: false });
    await opened.store.put(at('i'), {}, { ttlSeconds: 1 });
    await pause(1100);
    expect(await opened.store.replace(at('i'), { n: 3 }, options)).toBe(false);
  });

  it('keeps an item in the list of the user for whom it was last written, and removes all of a user', async () => {
    const [ann, ben] = [newId<string>(), newId<string>()];
    const keysOf = async (userId: string, kind = 'Thing') =>
      (await opened.store.listByUser(tenantId, kind, userId)).map(({ key }) => key).sort();
    const options = { ttlSeconds: 60, userId: ann };
    await opened.store.put(at('j:with:colons'), {}, options);
    await opened.store.put(at('k', 'Other'), {}, { ...options, grantId: 'of ann' });
    await opened.store.put(at('n'), {}, { ttlSeconds: 60, userId: ben });
    await opened.store.consume(at('k', 'Other'));
    expect((await opened.store.listByUser(tenantId, 'Other', ann))[0]?.consumed).toBe(true);
    expect(await keysOf(ann)).toEqual(['j:with:colons']);
    await opened.store.put(at('j:with:colons'), {}, { ttlSeconds: 60, userId: ben });
    await opened.store.replace(at('n'), {}, { ttlSeconds: 60 });
    expect([await keysOf(ann), await keysOf(ben)]).toEqual([[], ['j:with:colons']]);
    await opened.store.removeByUser(tenantId, ann);
    expect(await opened.store.get(at('k', 'Other'))).toBeUndefined();
    expect([await keysOf(ann, 'Other'), await keysOf(ben)]).toEqual([[], ['j:with:colons']]);
    await opened.store.removeByUser(tenantId, newId<string>());
  });

  it('removes everything of a tenant and nothing of another', async () => {
    const [gone, kept] = [newId<TenantId>(), newId<TenantId>()];
    for (const ofTenant of [gone, kept])
      await opened.store.put(
        { tenantId: ofTenant, kind: 'Thing', key: 'a' },
        {},
        { ttlSeconds: 60, userId: 'u' },
      );
    await opened.store.removeByTenant(gone);
    const left = await Promise.all(
      [gone, kept].map((ofTenant) => opened.store.listByUser(ofTenant, 'Thing', 'u')),
    );
    expect(left.map(({ length }) => length)).toEqual([0, 1]);
    expect(await opened.store.get({ tenantId: gone, kind: 'Thing', key: 'a' })).toBeUndefined();
  });

  it('answers a ping', async () => {
    expect(await opened.store.ping()).toBe(true);
  });
});
