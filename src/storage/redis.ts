/** Short-lived state in Redis: one hash per item, one key prefix, atomic steps as server-side scripts. */
import { Redis, type Result } from 'ioredis';
import type { TenantId } from '../base/ids.ts';
import type { EphemeralStore, Item, ItemKey, ListedItem, PutOptions } from './ephemeral-store.ts';

const PREFIX = 'tessera:';

// KEYS: item, grant set or the item again, index of the user or the item again. ARGV: value, ttl in ms, when to write.
// An item names the index that it is in; the index sorts by the end of its items, and forgets the ended ones.
const PUT = `
local there = redis.call('exists', KEYS[1])
if ARGV[3] == 'absent' and there == 1 or ARGV[3] == 'present' and there == 0 then return 0 end
local index = redis.call('hget', KEYS[1], 'index')
if index and index ~= KEYS[3] then
  redis.call('zrem', index, KEYS[1])
  redis.call('hdel', KEYS[1], 'index')
end
redis.call('hset', KEYS[1], 'value', ARGV[1])
redis.call('pexpire', KEYS[1], ARGV[2])
if KEYS[2] ~= KEYS[1] then
  redis.call('sadd', KEYS[2], KEYS[1])
  if redis.call('pttl', KEYS[2]) < tonumber(ARGV[2]) then redis.call('pexpire', KEYS[2], ARGV[2]) end
end
if KEYS[3] ~= KEYS[1] then
  local time = redis.call('time')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('hset', KEYS[1], 'index', KEYS[3])
  redis.call('zremrangebyscore', KEYS[3], '-inf', string.format('%.0f', now))
  redis.call('zadd', KEYS[3], string.format('%.0f', now + ARGV[2]), KEYS[1])
  if redis.call('pttl', KEYS[3]) < tonumber(ARGV[2]) then redis.call('pexpire', KEYS[3], ARGV[2]) end
end
return 1`;

const REMOVE = `
local index = redis.call('hget', KEYS[1], 'index')
if index then redis.call('zrem', index, KEYS[1]) end
return redis.call('del', KEYS[1])`;

const CONSUME = `
if redis.call('exists', KEYS[1]) == 0 then return 0 end
return redis.call('hsetnx', KEYS[1], 'consumed', '1')`;

/** What has to be there for a write to happen. */
type When = 'any' | 'absent' | 'present';

const SCAN_BATCH = 1000;

// Defined once per connection, and called by their hash from then on.
declare module 'ioredis' {
  interface RedisCommander<Context> {
    tesseraPut(
      item: string,
      set: string,
      index: string,
      value: string,
      ttlMs: number,
      when: When,
    ): Result<number, Context>;
    tesseraRemove(item: string): Result<number, Context>;
    tesseraConsume(item: string): Result<number, Context>;
  }
}

export class RedisEphemeralStore implements EphemeralStore {
  readonly #redis: Redis;
  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async put(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<void> {
    await this.#put(at, value, options, 'any');
  }

  async putIfAbsent(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<boolean> {
    return (await this.#put(at, value, options, 'absent')) === 1;
  }

  async replace(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<boolean> {
    return (await this.#put(at, value, options, 'present')) === 1;
  }

  async get(at: ItemKey): Promise<Item | undefined> {
    const [value, consumed] = await this.#redis.hmget(nameOf(at), 'value', 'consumed');
    return typeof value === 'string' ? { value: JSON.parse(value), consumed: consumed === '1' } : undefined;
  }

  async consume(at: ItemKey): Promise<boolean> {
    return (await this.#redis.tesseraConsume(nameOf(at))) === 1;
  }

  async remove(at: ItemKey): Promise<boolean> {
    return (await this.#redis.tesseraRemove(nameOf(at))) === 1;
  }

  async removeByGrant(tenantId: TenantId, grantId: string): Promise<void> {
    const set = grantSet(tenantId, grantId);
    const names = await this.#redis.smembers(set);
    await this.#redis.del(set, ...names);
  }

  async listByUser(tenantId: TenantId, kind: string, userId: string): Promise<readonly ListedItem[]> {
    const prefix = nameOf({ tenantId, kind, key: '' });
    const names = await this.#redis.zrange(userIndex(tenantId, userId), '0', '-1', 'WITHSCORES');
    const found = await Promise.all(
      names.map(async (name, at) => {
        // Names and the ends of their items take turns.
        if (at % 2 === 1 || !name.startsWith(prefix)) return [];
        const key = name.slice(prefix.length);
        const item = await this.get({ tenantId, kind, key });
        return item ? [{ ...item, key, expiresAt: new Date(Number(names[at + 1])) }] : [];
      }),
    );
    return found.flat();
  }

  async removeByUser(tenantId: TenantId, userId: string): Promise<void> {
    const index = userIndex(tenantId, userId);
    await this.#redis.del(index, ...(await this.#redis.zrange(index, '0', '-1')));
  }

  async removeByTenant(tenantId: TenantId): Promise<void> {
    const match = `${PREFIX}${tenantId}:*`;
    let cursor = '0';
    do {
      const [next, names] = await this.#redis.scan(cursor, 'MATCH', match, 'COUNT', SCAN_BATCH);
      if (names.length > 0) await this.#redis.unlink(...names);
      cursor = next;
    } while (cursor !== '0');
  }

  async ping(): Promise<boolean> {
    return (await this.#redis.ping()) === 'PONG';
  }

  async #put(at: ItemKey, value: Record<string, unknown>, options: PutOptions, when: When): Promise<unknown> {
    const name = nameOf(at);
    const set = options.grantId === undefined ? name : grantSet(at.tenantId, options.grantId);
    const index = options.userId === undefined ? name : userIndex(at.tenantId, options.userId);
    const ttlMs = Math.max(1, Math.round(options.ttlSeconds * 1000));
    return this.#redis.tesseraPut(name, set, index, JSON.stringify(value), ttlMs, when);
  }
}

const nameOf = (at: ItemKey): string => `${PREFIX}${at.tenantId}:${at.kind}:${at.key}`;
const grantSet = (tenantId: TenantId, grantId: string): string => `${PREFIX}${tenantId}:grant:${grantId}`;

const userIndex = (tenantId: TenantId, userId: string): string => `${PREFIX}${tenantId}:user:${userId}`;

/** Connects to Redis; commands fail after two seconds rather than pile up while it is away. */
export function openRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    maxRetriesPerRequest: 2,
    connectTimeout: 2000,
    commandTimeout: 2000,
    enableReadyCheck: true,
    // What is sent in one turn of the event loop travels together.
    enableAutoPipelining: true,
  });
  redis.defineCommand('tesseraPut', { numberOfKeys: 3, lua: PUT });
  redis.defineCommand('tesseraRemove', { numberOfKeys: 1, lua: REMOVE });
  redis.defineCommand('tesseraConsume', { numberOfKeys: 1, lua: CONSUME });
  redis.on('error', onError);
  return redis;
}
