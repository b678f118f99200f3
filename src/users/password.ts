/** Argon2id with bounded work. */
import { hash, verify } from '@node-rs/argon2';
import pLimit, { type LimitFunction } from 'p-limit';
import { busy } from '../base/errors.ts';
import { BcryptThread } from './bcrypt-thread.ts';
import { hashKind, verifyForeign } from './foreign-hash.ts';

// OWASP password storage: Argon2id, 19 MiB, 2 passes, 1 lane. 2 is Argon2id; the package's const enum is not importable here.
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** A password nobody knows, hashed at the same cost: an unknown user takes as long as a known one. */
const NOBODY = 'tessera: no such user';

/** Of bcrypt hashes under way: one may take a second, and nobody waits longer than a browser does. */
const BCRYPT_LIMIT = 16;

export class PasswordHasher {
  readonly #limit: LimitFunction;
  readonly #queueLimit: number;
  readonly #bcrypt = new BcryptThread(BCRYPT_LIMIT);
  #dummy: Promise<string> | undefined;

  /** `concurrency` hashes run at once, `queueLimit` more may wait. */
  constructor(parts: { concurrency: number; queueLimit: number }) {
    this.#limit = pLimit(parts.concurrency);
    this.#queueLimit = parts.queueLimit;
  }

  /** The PHC text of a new hash. @throws 503 when too many are waiting. */
  hash(password: string): Promise<string> {
    return this.#run(() => hash(password, COST));
  }

  /** Of our own hashes and of those that came with an import. @throws 503 when too many are waiting. */
  verify(text: string, password: string): Promise<boolean> {
    const kind = hashKind(text);
    // A slow hash of one user takes no place from the quick ones of all others.
    if (kind === 'bcrypt') return this.#bcrypt.verify(text, password);
    const isArgon = kind === 'argon2';
    return this.#run(() => (isArgon ? verify(text, password) : verifyForeign(text, password)));
  }

  /** True for a hash that is weaker than those we make: it is replaced when the password is known. */
  isOutdated(text: string): boolean {
    const [, kib, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),/.exec(text) ?? [];
    return !(Number(kib) >= COST.memoryCost && Number(passes) >= COST.timeCost);
  }

  /** Costs what `verify` costs and is never true. */
  async verifyNobody(password: string): Promise<false> {
    this.#dummy ??= hash(NOBODY, COST);
    await this.verify(await this.#dummy, password);
    return false;
  }

  /** @throws 503 when too many are waiting: asked first, a flood costs nothing but this question. */
  assertRoom(): void {
    if (this.#limit.activeCount + this.#limit.pendingCount >= this.#limit.concurrency + this.#queueLimit)
      throw busy('Too many sign-ins at the moment, please try again', 1);
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    this.assertRoom();
    return this.#limit(work);
  }
}
