/** Codes that a person types: made at random, kept as keyed hashes, good once, guessed at a few times at most. */
import { createHmac, randomInt } from 'node:crypto';
import type { AppId, ClientId, TenantId } from '../base/ids.ts';
import { type Secret, sameHash } from '../base/secrets.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import type { Lockout } from '../users/lockout.ts';

/** Where a code is looked for: a new one for the same place takes the place of the old one. */
export interface CodePlace {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  /** What the code is good for, and nothing else: `sign_in`, `reset`, `verify`, ... */
  readonly purpose: string;
  /** The address or number it went to, or the user it is about; a stranger's as well. */
  readonly subject: string;
}

export interface NewCode<Payload> extends CodePlace {
  readonly length: number;
  readonly minutes: number;
  /** Only this client may use it; absent where any client of the application may. */
  readonly clientId?: ClientId;
  /** Has to come with the code; a code without one is right only without one (authentication.md 1). */
  readonly requestId?: string;
  /** Comes back when the code is right. Must not change who is meant: that stands in `subject`. */
  readonly payload: Payload;
}

export interface CodeAttempt extends CodePlace {
  readonly code: string;
  readonly clientId?: ClientId;
  readonly requestId?: string;
  readonly lockout: Lockout;
  /** Where the person is; absent where only a backend knows. */
  readonly ip?: string;
}

export type CodeOutcome<Payload> =
  | { readonly outcome: 'right'; readonly payload: Payload }
  | { readonly outcome: 'wrong' }
  /** It was right or wrong, but too late: there is no living code. */
  | { readonly outcome: 'expired' }
  | { readonly outcome: 'locked'; readonly until: Date };

interface Stored {
  readonly hash: string;
  readonly clientId?: ClientId;
  readonly payload: unknown;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

const KIND = 'OneTimeCode';
/** Seconds for which an expired code is still told from one that never was. */
const MEMORY_SECONDS = 3600;

export class OneTimeCodes {
  readonly #store: Pick<EphemeralStore, 'put' | 'get' | 'consume' | 'remove'>;
  readonly #limiter: GuessLimiter;
  readonly #secret: Secret;

  /** @param parts.secret keys the hashes: a million codes are guessed from plain ones in a moment */
  constructor(parts: {
    ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'consume' | 'remove'>;
    limiter: GuessLimiter;
    secret: Secret;
  }) {
    this.#store = parts.ephemeral;
    this.#limiter = parts.limiter;
    this.#secret = parts.secret;
  }

  /** @returns digits, to be sent and forgotten. */
  async issue<Payload>(request: NewCode<Payload>): Promise<string> {
    const code = Array.from({ length: request.length }, () => randomInt(10)).join('');
    const value: Stored = {
      hash: this.#hash(request, code, request.requestId),
      payload: request.payload,
      expiresAt: Date.now() + request.minutes * 60_000,
      ...(request.clientId !== undefined && { clientId: request.clientId }),
    };
    const ttlSeconds = request.minutes * 60 + MEMORY_SECONDS;
    // A used code leaves its mark, which a new one must not inherit.
    await this.#store.remove(this.#at(request));
    await this.#store.put(this.#at(request), { ...value }, { ttlSeconds });
    return code;
  }

  /**
   * Counts the attempt before it looks (`GuessLimiter`). The right code is used up by exactly one of any number of
   * attempts, and any code by the failure that locks. @throws 503 under too much load
   */
  async redeem<Payload>(attempt: CodeAttempt): Promise<CodeOutcome<Payload>> {
    let isLive = false;
    const { tenantId, lockout, ip } = attempt;
    const target = { tenantId, key: this.#guessKey(attempt), lockout, ...(ip !== undefined && { ip }) };
    const guess = await this.#limiter.guess(target, async () => {
      const item = await this.#store.get(this.#at(attempt));
      const stored = item?.value as unknown as Stored | undefined;
      isLive = stored !== undefined && !item?.consumed && stored.expiresAt > Date.now();
      if (!isLive || !stored || !this.#isRight(stored, attempt)) return undefined;
      return (await this.#store.consume(this.#at(attempt)))
        ? { payload: stored.payload as Payload }
        : undefined;
    });
    if (guess.outcome === 'right') return { outcome: 'right', payload: guess.value.payload };
    if (guess.outcome === 'locked') return guess;
    // A code that outlives the lock would take as many guesses again after each.
    if (guess.lockedUntil) await this.#store.consume(this.#at(attempt));
    return { outcome: isLive ? 'wrong' : 'expired' };
  }

  /** Whether guessing at this place is locked, without an attempt. */
  isLocked(place: CodePlace, lockout: Lockout): Promise<{ lockedUntil?: Date }> {
    return this.#limiter.check({ tenantId: place.tenantId, key: this.#guessKey(place), lockout });
  }

  /** Whether a code was sent here lately; it may be used or expired. */
  async isKnown(place: CodePlace): Promise<boolean> {
    return (await this.#store.get(this.#at(place))) !== undefined;
  }

  async withdraw(place: CodePlace): Promise<void> {
    await this.#store.remove(this.#at(place));
  }

  #isRight(stored: Stored, attempt: CodeAttempt): boolean {
    const isOwn = stored.clientId === undefined || stored.clientId === attempt.clientId;
    return isOwn && sameHash(stored.hash, this.#hash(attempt, attempt.code.trim(), attempt.requestId));
  }

  #guessKey({ appId, purpose, subject }: CodePlace): string {
    return `otp:${appId}:${purpose}:${subject.toLowerCase()}`;
  }

  #at(place: CodePlace): ItemKey {
    return { tenantId: place.tenantId, kind: KIND, key: this.#keyed(this.#guessKey(place)) };
  }

  #hash(place: CodePlace, code: string, requestId: string | undefined): string {
    const parts = [this.#guessKey(place), code, ...(requestId === undefined ? [] : [requestId])];
    return this.#keyed(JSON.stringify(parts));
  }

  #keyed(text: string): string {
    return createHmac('sha256', this.#secret.reveal()).update(text).digest('base64url');
  }
}
