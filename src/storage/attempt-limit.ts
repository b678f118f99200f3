/** Counts attempts over all nodes: each takes a place that becomes free again after a while. */
import type { TenantId } from '../base/ids.ts';
import { hashSecret } from '../base/secrets.ts';
import type { EphemeralStore, ItemKey } from './ephemeral-store.ts';

interface Parts {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'putIfAbsent'>;
  readonly tenantId: TenantId;
  /** What is counted, e.g. `DeviceGuess`. */
  readonly kind: string;
  /** How many attempts are allowed. */
  readonly most: number;
  readonly seconds: number;
}

export class AttemptLimit {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Seconds until another attempt makes sense. */
  get seconds(): number {
    return this.#parts.seconds;
  }

  /** True once `most` attempts were noted for this key within the period. Places are taken in order. */
  async isReached(key: string): Promise<boolean> {
    return (await this.#parts.ephemeral.get(this.#at(key, this.#parts.most))) !== undefined;
  }

  /** Takes the next free place. False where there was none left. */
  async note(key: string): Promise<boolean> {
    const { ephemeral, most, seconds } = this.#parts;
    for (let place = 1; place <= most; place++)
      if (await ephemeral.putIfAbsent(this.#at(key, place), {}, { ttlSeconds: seconds })) return true;
    return false;
  }

  #at(key: string, place: number): ItemKey {
    const { tenantId, kind } = this.#parts;
    return { tenantId, kind, key: hashSecret(`${place} ${key}`) };
  }
}

/** One key for everything that one network subscriber may call from: an IPv6 subscriber has a whole /64. */
export const networkOf = (ip: string): string =>
  ip.includes(':') && !ip.includes('.') ? ip.split(':').slice(0, 4).join(':') : ip;
