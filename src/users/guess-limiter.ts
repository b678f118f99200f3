/**
 * Lets nobody guess: every attempt is counted before it is checked, by what is guessed at and by where it comes from.
 * Passwords, codes and passkeys use the same door; what is unknown is counted like what is known.
 */
import { createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { busy } from '../base/errors.ts';
import type { TenantId } from '../base/ids.ts';
import type { Secret } from '../base/secrets.ts';
import type { Database } from '../storage/database.ts';
import { type CountKey, FailureStore } from './failure-store.ts';
import { addressLockout, type Lockout } from './lockout.ts';
import { networkOf } from './network-address.ts';

/** What is guessed at, and the rule that counts. */
export interface Target {
  readonly tenantId: TenantId;
  /** `pwd:<user id>`, `otp:<...>`; hashed before it is stored. */
  readonly key: string;
  readonly lockout: Lockout;
  /** Where the person is; absent where only a backend knows. */
  readonly ip?: string;
}

export type GuessOutcome<T> =
  | { readonly outcome: 'right'; readonly value: T }
  /** `lockedUntil`: this was the last attempt for now. */
  | { readonly outcome: 'wrong'; readonly lockedUntil?: Date }
  | { readonly outcome: 'locked'; readonly until: Date };

interface Counted extends CountKey {
  readonly lockout: Lockout;
}
interface Reserved extends Counted {
  readonly isLast: boolean;
}

const PATIENCE_MS = 3000;
const POLL_MS = 40;
const MAX_WAITING = 64;

const tooBusy = () => busy('Too many sign-ins at the moment, please try again', 1);

export class GuessLimiter {
  readonly #store: FailureStore;
  readonly #secret: Secret;
  readonly #perAddress: number;
  #waiting = 0;

  /**
   * @param parts.secret keys the hashes: an email could be guessed from a plain one
   * @param parts.perAddress failures from one address within 15 minutes; 0 for no limit
   */
  constructor(parts: { db: Database; secret: Secret; perAddress: number }) {
    this.#store = new FailureStore(parts.db);
    this.#secret = parts.secret;
    this.#perAddress = parts.perAddress;
  }

  /** Checks one attempt. `verify` returns undefined for a wrong one; where it throws, the attempt does not count. */
  async guess<T>(target: Target, verify: () => Promise<T | undefined>): Promise<GuessOutcome<T>> {
    const address = this.#addressOf(target);
    const from = address && (await this.#reserve(address));
    if (from && 'until' in from) return { outcome: 'locked', until: from.until };
    try {
      return await this.#guessFrom(from, this.#counted(target), verify);
    } catch (error) {
      if (from) await this.#store.takeBack(from, from);
      throw error;
    }
  }

  async #guessFrom<T>(
    from: Reserved | undefined,
    account: Counted,
    verify: () => Promise<T | undefined>,
  ): Promise<GuessOutcome<T>> {
    const attempt = await this.#reserve(account);
    if ('until' in attempt) {
      // Knocking at a locked door is a failure of the address, too.
      if (from) await this.#store.confirm(from);
      return { outcome: 'locked', until: attempt.until };
    }
    const value = await verify().catch(async (error: unknown) => {
      await this.#store.takeBack(attempt, attempt);
      throw error;
    });
    if (value === undefined) return this.#wrong(from, attempt);
    await this.#store.clear(attempt);
    // Other failures from there stay counted: an attacker may know one account.
    if (from) await this.#store.takeBack(from, from);
    return { outcome: 'right', value };
  }

  async #wrong(
    from: Reserved | undefined,
    attempt: Reserved,
  ): Promise<{ outcome: 'wrong'; lockedUntil?: Date }> {
    await this.#store.confirm(attempt);
    if (from) await this.#store.confirm(from);
    const lockedUntil = attempt.isLast ? (await this.#store.find(attempt)).lockedUntil : undefined;
    return { outcome: 'wrong', ...(lockedUntil && { lockedUntil }) };
  }

  /** Whether it is locked, without an attempt: for a page or a send that would be useless. */
  async check(target: Target): Promise<{ lockedUntil?: Date }> {
    const { lockedUntil } = await this.#store.find(this.#counted(target));
    return lockedUntil ? { lockedUntil } : {};
  }

  /** Counts a failure that was seen elsewhere. */
  async failed(target: Target): Promise<void> {
    await this.guess(target, async () => undefined);
  }

  /** Begins the count anew, a lock included: the person has proven themselves in another way. */
  async succeeded(target: Pick<Target, 'tenantId' | 'key'>): Promise<void> {
    await this.#store.clear({ tenantId: target.tenantId, key: this.#hashed(target.key) });
  }

  /**
   * Right attempts at the same moment are no attack: where the lock comes from attempts that are still being checked,
   * their end is awaited. @throws 503 where it does not come
   */
  async #reserve(at: Counted): Promise<Reserved | { readonly until: Date }> {
    for (const limit = performance.now() + PATIENCE_MS; performance.now() < limit; await this.#pause()) {
      const reserved = await this.#store.reserve(at, at.lockout);
      if (reserved) return { ...at, ...reserved };
      const { lockedUntil, isPending } = await this.#store.find(at);
      if (lockedUntil && !isPending) return { until: lockedUntil };
    }
    throw tooBusy();
  }

  /** Only so many may wait and ask again. @throws 503 */
  async #pause(): Promise<void> {
    if (this.#waiting >= MAX_WAITING) throw tooBusy();
    this.#waiting++;
    await pause(POLL_MS);
    this.#waiting--;
  }

  #counted({ tenantId, key, lockout }: Target): Counted {
    return { tenantId, key: this.#hashed(key), lockout };
  }

  #addressOf({ tenantId, ip }: Target): Counted | undefined {
    if (ip === undefined || this.#perAddress === 0) return undefined;
    return {
      tenantId,
      key: this.#hashed(`ip:${networkOf(ip)}`),
      lockout: addressLockout(this.#perAddress),
    };
  }

  #hashed(key: string): string {
    return createHmac('sha256', this.#secret.reveal()).update(key).digest('base64url');
  }
}
