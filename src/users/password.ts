/** Argon2id with bounded work. */
import pLimit, { type LimitFunction } from 'p-limit';
import { hashKind } from './foreign-hash.ts';
import { HashThread, tooManySignIns } from './hash-thread.ts';

/** What our own hashes cost at least (hash-worker.ts makes them). */
const LEAST = { kib: 19_456, passes: 2 };
/** A password nobody knows, hashed at the same cost: an unknown user takes as long as a known one. */
const NOBODY = 'tessera: no such user';
/** Of bcrypt hashes under way: one may take a second, and nobody waits longer than a browser does. */
const BCRYPT_LIMIT = 16;

export class PasswordHasher {
  readonly #limit: LimitFunction;
  readonly #queueLimit: number;
  /** Those that have nothing to do; as many as may hash at once. */
  readonly #idle: HashThread[];
  readonly #bcrypt = new HashThread(BCRYPT_LIMIT);
  #dummy: Promise<string> | undefined;

  /** `concurrency` hashes run at once, each on its thread; `queueLimit` more may wait. */
  constructor(parts: { concurrency: number; queueLimit: number }) {
    this.#limit = pLimit(parts.concurrency);
    this.#queueLimit = parts.queueLimit;
    this.#idle = Array.from({ length: parts.concurrency }, () => new HashThread(1));
  }

  /** The PHC text of a new hash. @throws 503 when too many are waiting. */
  hash(password: string): Promise<string> {
    return this.#run((thread) => thread.hash(password));
  }

  /** Of our own hashes and of those that came with an import. @throws 503 when too many are waiting. */
  verify(text: string, password: string): Promise<boolean> {
    // A slow hash of one user takes no place from the quick ones of all others.
    if (hashKind(text) === 'bcrypt') return this.#bcrypt.verify(text, password);
    return this.#run((thread) => thread.verify(text, password));
  }

  /** True for a hash that is weaker than those we make: it is replaced when the password is known. */
  isOutdated(text: string): boolean {
    const [, kib, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),/.exec(text) ?? [];
    return !(Number(kib) >= LEAST.kib && Number(passes) >= LEAST.passes);
  }

  /** Costs what `verify` costs and is never true. */
  async verifyNobody(password: string): Promise<false> {
    this.#dummy ??= this.#run((thread) => thread.hash(NOBODY)).catch((error: unknown) => {
      this.#dummy = undefined;
      throw error;
    });
    await this.verify(await this.#dummy, password);
    return false;
  }

  /** @throws 503 when too many are waiting: asked first, a flood costs nothing but this question. */
  assertRoom(): void {
    if (this.#limit.activeCount + this.#limit.pendingCount >= this.#limit.concurrency + this.#queueLimit)
      throw tooManySignIns();
  }

  async #run<T>(work: (thread: HashThread) => Promise<T>): Promise<T> {
    this.assertRoom();
    return this.#limit(async () => {
      const thread = this.#idle.pop();
      if (!thread) throw new Error('more hashes run than there are threads');
      return work(thread).finally(() => this.#idle.push(thread));
    });
  }
}
