/** Lets one address of the network begin only so many sign-ups: each sends a message to whom it names. */
import type { TenantId } from '../base/ids.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import { networkOf } from '../users/network-address.ts';

const HOUR = 3600;

export class SignUpLimit {
  readonly #limiter: Pick<GuessLimiter, 'guess'>;
  readonly #perHour: number;

  /** @param parts.perHour per network address; 0 for no limit */
  constructor(parts: { limiter: Pick<GuessLimiter, 'guess'>; perHour: number }) {
    this.#limiter = parts.limiter;
    this.#perHour = parts.perHour;
  }

  /** Counts one over all nodes. @returns until when no other may begin; undefined where this one may */
  async count(tenantId: TenantId, ip: string): Promise<Date | undefined> {
    if (this.#perHour === 0) return undefined;
    const lockout = {
      tiers: [{ attempts: this.#perHour, durationSeconds: HOUR }],
      failuresExpireSeconds: HOUR,
      isFixedWindow: true,
    } as const;
    const counted = await this.#limiter.guess(
      { tenantId, key: `sign-up:${networkOf(ip)}`, lockout },
      async () => undefined,
    );
    return counted.outcome === 'locked' ? counted.until : undefined;
  }
}
