/** Short-lived state in Redis: one hash per item, one key prefix, atomic steps as server-side scripts. */
import { Redis, type Result } from 'ioredis';
import type { TenantId } from '../base/ids.ts';
import type { EphemeralStore, Item, ItemKey, ListedItem, PutOptions } from './ephemeral-store.ts';

const PREFIX = 'tessera:';

// KEYS: item, grant set or the item again, list of the user's items or the item again. ARGV: value, ttl in ms,
// "1" = only if absent. The list is ordered by expiry: every addition drops what is over, so that it does not grow.
const PUT = `
if ARGV[3] == '1' and redis.call('exists', KEYS[1]) == 1 then return 0 end
redis.call('hset', KEYS[1], 'value', ARGV[1])
redis.call('pexpire', KEYS[1], ARGV[2])
if KEYS[2] ~= KEYS[1] then
  redis.call('sadd', KEYS[2], KEYS[1])
  if redis.call('pttl', KEYS[2]) < tonumber(ARGV[2]) then redis.call('pexpire', KEYS[2], ARGV[2]) end
end
if KEYS[3] ~= KEYS[1] then
  local time = redis.call('time')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('zremrangebyscore', KEYS[3], '-inf', now)
  redis.call('zadd', KEYS[3], now + ARGV[2], KEYS[1])
  if redis.call('pttl', KEYS[3]) < tonumber(ARGV[2]) then redis.call('pexpire', KEYS[3], ARGV[2]) end
end
return 1`;

const CONSUME = `
if redis.call('exists', KEYS[1]) == 0 then return 0 end
return redis.call('hsetnx', KEYS[1], 'consumed', '1')`;

// Defined once per connection, and called by their hash from then on.
declare module 'ioredis' {
  interface RedisCommander<Context> {
    tesseraPut(
      item: string,
      set: string,
      list: string,
      value: string,
      ttlMs: number,
      onlyIfAbsent: '0' | '1',
    ): Result<number, Context>;
    tesseraConsume(item: string): Result<number, Context>;
  }
}

export class RedisEphemeralStore implements EphemeralStore {
  readonly #redis: Redis;
  constructor(redis: Redis) {
    this.#redis = redis;
  }

  async put(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<void> {
    await this.#put(at, value, options, '0');
  }

  async putIfAbsent(at: ItemKey, value: Record<string, unknown>, options: PutOptions): Promise<boolean> {
    return (await this.#put(at, value, options, '1')) === 1;
  }

  async get(at: ItemKey): Promise<Item | undefined> {
    const [value, consumed] = await this.#redis.hmget(nameOf(at), 'value', 'consumed');
    return typeof value === 'string' ? { value: JSON.parse(value), consumed: consumed === '1' } : undefined;
  }

  async consume(at: ItemKey): Promise<boolean> {
    return (await this.#redis.tesseraConsume(nameOf(at))) === 1;
  }

  async remove(at: ItemKey): Promise<void> {
    await this.#redis.del(nameOf(at));
  }

  async removeByGrant(tenantId: TenantId, grantId: string): Promise<void> {
    const set = grantSet(tenantId, grantId);
    const names = await this.#redis.smembers(set);
    await this.#redis.del(set, ...names);
  }

  async listByUser(tenantId: TenantId, kind: string, userId: string): Promise<readonly ListedItem[]> {
    const names = await this.#redis.zrange(userList(tenantId, kind, userId), '0', '-1');
    const found = await Promise.all(
      names.map(async (name) => {
        const [value, expires] = await Promise.all([
          this.#redis.hget(name, 'value'),
          this.#redis.pexpiretime(name),
        ]);
        if (value === null || expires < 0) return [];
        const key = name.slice(name.lastIndexOf(':') + 1);
        return [{ key, value: JSON.parse(value) as Record<string, unknown>, expiresAt: new Date(expires) }];
      }),
    );
    return found.flat();
  }

  async ping(): Promise<boolean> {
    return (await this.#redis.ping()) === 'PONG';
  }

  async #put(
    at: ItemKey,
    value: Record<string, unknown>,
    options: PutOptions,
    onlyIfAbsent: '0' | '1',
  ): Promise<unknown> {
    const name = nameOf(at);
    const set = options.grantId === undefined ? name : grantSet(at.tenantId, options.grantId);
    const ttlMs = Math.max(1, Math.round(options.ttlSeconds * 1000));
    const list = options.userId === undefined ? name : userList(at.tenantId, at.kind, options.userId);
    return this.#redis.tesseraPut(name, set, list, JSON.stringify(value), ttlMs, onlyIfAbsent);
  }
}

const nameOf = (at: ItemKey): string => `${PREFIX}${at.tenantId}:${at.kind}:${at.key}`;
const userList = (tenantId: TenantId, kind: string, userId: string): string =>
  `${PREFIX}${tenantId}:user:${kind}:${userId}`;
const grantSet = (tenantId: TenantId, grantId: string): string => `${PREFIX}${tenantId}:grant:${grantId}`;

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
  redis.defineCommand('tesseraConsume', { numberOfKeys: 1, lua: CONSUME });
  redis.on('error', onError);
  return redis;
}
