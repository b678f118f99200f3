/** Counts attempts at short codes, over all nodes and across restarts, before the code is looked at. */
import type { TenantId } from '../base/ids.ts';
import { hashSecret } from '../base/secrets.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';

export interface AttemptLimit {
  readonly failures: number;
  /** How long a failure counts, and with the last one the lock holds. */
  readonly minutes: number;
}

export interface Attempts {
  /** Counts one attempt. To be asked before the code is compared, so that parallel guesses count too. */
  begin(key: string, limit: AttemptLimit): Promise<'ok' | { readonly lockedUntil: Date }>;
  /** Forgets what was counted. */
  succeeded(key: string, limit: AttemptLimit): Promise<void>;
}

const KIND = 'FactorAttempt';

/** One item per counted attempt: putting it is atomic in every store, so no two attempts share a number. */
export function ephemeralAttempts(parts: { ephemeral: EphemeralStore; tenantId: TenantId }): Attempts {
  const { ephemeral, tenantId } = parts;
  const at = (key: string, number: number) => ({ tenantId, kind: KIND, key: hashSecret(`${key} ${number}`) });
  const numbers = (limit: AttemptLimit) => Array.from({ length: limit.failures }, (_, index) => index);
  return {
    async begin(key, limit) {
      const until = new Date(Date.now() + limit.minutes * 60_000);
      const value = { until: until.toISOString() };
      for (const number of numbers(limit))
        if (await ephemeral.putIfAbsent(at(key, number), value, { ttlSeconds: limit.minutes * 60 }))
          return 'ok';
      const counted = await Promise.all(numbers(limit).map((number) => ephemeral.get(at(key, number))));
      const ends = counted.flatMap((item) => (item ? [new Date(String(item.value.until)).getTime()] : []));
      return { lockedUntil: new Date(Math.min(until.getTime(), ...ends)) };
    },
    async succeeded(key, limit) {
      await Promise.all(numbers(limit).map((number) => ephemeral.remove(at(key, number))));
    },
  };
}
