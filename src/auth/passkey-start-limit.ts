/** Lets one address of the network begin only so many passkey ceremonies: anybody may, and each is kept for a while. */
import { tooMany } from '../base/errors.ts';
import type { TenantId } from '../base/ids.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import { networkOf } from '../users/network-address.ts';

const MINUTE = 60;

export class PasskeyStartLimit {
  readonly #limiter: Pick<GuessLimiter, 'guess'>;
  readonly #perMinute: number;

  /** @param parts.perMinute per network address; 0 for no limit */
  constructor(parts: { limiter: Pick<GuessLimiter, 'guess'>; perMinute: number }) {
    this.#limiter = parts.limiter;
    this.#perMinute = parts.perMinute;
  }

  /** Counts one over all nodes. @throws 429 with the seconds to wait */
  async count(tenantId: TenantId, ip: string): Promise<void> {
    if (this.#perMinute === 0) return;
    const lockout = {
      tiers: [{ attempts: this.#perMinute, durationSeconds: MINUTE }],
      failuresExpireSeconds: MINUTE,
      isFixedWindow: true,
    } as const;
    const target = { tenantId, key: `passkey start:${networkOf(ip)}`, lockout };
    const counted = await this.#limiter.guess(target, async () => undefined);
    if (counted.outcome !== 'locked') return;
    const seconds = Math.max(1, Math.ceil((counted.until.getTime() - Date.now()) / 1000));
    throw tooMany('Too many passkey ceremonies were started from this address; wait a moment', seconds);
  }
}
