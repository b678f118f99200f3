/**
 * Lets nobody guess: every attempt takes a place before it is checked, by what is guessed at and by where it comes from.
 * Passwords, codes and passkeys use the same door; what is unknown is counted like what is known.
 */
import { createHmac } from 'node:crypto';
import { busy } from '../base/errors.ts';
import type { TenantId } from '../base/ids.ts';
import type { Secret } from '../base/secrets.ts';
import type { Database } from '../storage/database.ts';
import { type CountKey, FailureStore, type Reservation } from './failure-store.ts';
import { addressLockout, type Lockout } from './lockout.ts';
import { networkOf } from './network-address.ts';
import { WaitingLines } from './waiting-lines.ts';

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
interface Reserved extends Counted, Reservation {}

/** How long an attempt waits for those before it: a slow machine hashes a full queue in that time. */
const PATIENCE_MS = 10_000;
/** And how long its own check may take; with the wait for two places it ends within the lease of the store. */
const CHECK_MS = 15_000;

const tooBusy = () => busy('Too many sign-ins at the moment, please try again', 1);

export class GuessLimiter {
  readonly #store: FailureStore;
  readonly #secret: Secret;
  readonly #perAddress: number;
  readonly #lines = new WaitingLines(tooBusy);

  /**
   * @param parts.secret keys the hashes: an email could be guessed from a plain one
   * @param parts.perAddress failures from one address within 15 minutes; 0 for no limit
   */
  constructor(parts: { db: Database; secret: Secret; perAddress: number }) {
    this.#store = new FailureStore(parts.db);
    this.#secret = parts.secret;
    this.#perAddress = parts.perAddress;
  }

  /**
   * Checks one attempt. `verify` returns undefined for a wrong one; where it throws, the attempt does not count.
   * @throws 503 where too many others are checked at this moment
   */
  async guess<T>(target: Target, verify: () => Promise<T | undefined>): Promise<GuessOutcome<T>> {
    const address = this.#addressOf(target);
    const patience = performance.now() + PATIENCE_MS;
    const from = address && (await this.#reserve(address, patience));
    if (from && 'until' in from) return { outcome: 'locked', until: from.until };
    try {
      const attempt = await this.#reserve(this.#counted(target), patience);
      return await this.#guessFrom(from, attempt, verify);
    } catch (error) {
      if (from) await this.#store.takeBack(from, from);
      throw error;
    }
  }

  async #guessFrom<T>(
    from: Reserved | undefined,
    attempt: Reserved | { readonly until: Date },
    verify: () => Promise<T | undefined>,
  ): Promise<GuessOutcome<T>> {
    if ('until' in attempt) {
      // Knocking at a locked door is a failure of the address, too.
      if (from) await this.#store.confirm(from, from, from.lockout);
      return { outcome: 'locked', until: attempt.until };
    }
    const value = await inTime(verify()).catch(async (error: unknown) => {
      await this.#store.takeBack(attempt, attempt);
      throw error;
    });
    if (value === undefined) return this.#wrong(from, attempt);
    await this.#store.clear(attempt, attempt);
    // Other failures from there stay counted: an attacker may know one account.
    if (from) await this.#store.takeBack(from, from);
    return { outcome: 'right', value };
  }

  async #wrong(
    from: Reserved | undefined,
    attempt: Reserved,
  ): Promise<{ outcome: 'wrong'; lockedUntil?: Date }> {
    const lockedUntil = await this.#store.confirm(attempt, attempt, attempt.lockout);
    if (from) await this.#store.confirm(from, from, from.lockout);
    return { outcome: 'wrong', ...(lockedUntil && { lockedUntil }) };
  }

  /** Whether it is locked, without an attempt: for a page or a send that would be useless. */
  async check(target: Target): Promise<{ lockedUntil?: Date }> {
    const lockedUntil = await this.#store.findLock(this.#counted(target));
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

  /** Only checked failures lock; where all that may still fail are being checked, the others wait. @throws 503 */
  #reserve(at: Counted, patience: number): Promise<Reserved | { readonly until: Date }> {
    return this.#lines.take(`${at.tenantId} ${at.key}`, patience, async () => {
      const reservation = await this.#store.reserve(at, at.lockout);
      if (reservation) return { ...at, ...reservation };
      const until = await this.#store.findLock(at);
      return until && { until };
    });
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

/** What a check finds after its lease is told to nobody, as nobody counts it any more. @throws 503 */
async function inTime<T>(check: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(tooBusy()), CHECK_MS);
  return Promise.race([check, promise]).finally(() => clearTimeout(timer));
}
