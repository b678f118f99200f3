/** Short-lived state in Redis: one hash per item, one key prefix, atomic steps as server-side scripts. */
import { Redis, type Result } from 'ioredis';
import type { TenantId } from '../base/ids.ts';
import type { EphemeralStore, Item, ItemKey, PutOptions } from './ephemeral-store.ts';

const PREFIX = 'tessera:';

// KEYS: item, grant set or the item again. ARGV: value, ttl in ms, "1" = only if absent.
const PUT = `
if ARGV[3] == '1' and redis.call('exists', KEYS[1]) == 1 then return 0 end
redis.call('hset', KEYS[1], 'value', ARGV[1])
redis.call('pexpire', KEYS[1], ARGV[2])
if KEYS[2] ~= KEYS[1] then
  redis.call('sadd', KEYS[2], KEYS[1])
  if redis.call('pttl', KEYS[2]) < tonumber(ARGV[2]) then redis.call('pexpire', KEYS[2], ARGV[2]) end
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
    return this.#redis.tesseraPut(name, set, JSON.stringify(value), ttlMs, onlyIfAbsent);
  }
}

const nameOf = (at: ItemKey): string => `${PREFIX}${at.tenantId}:${at.kind}:${at.key}`;
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
  redis.defineCommand('tesseraPut', { numberOfKeys: 2, lua: PUT });
  redis.defineCommand('tesseraConsume', { numberOfKeys: 1, lua: CONSUME });
  redis.on('error', onError);
  return redis;
}
