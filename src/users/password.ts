/** Argon2id with bounded work, and the rules a new password has to meet. */
import { hash, verify } from '@node-rs/argon2';
import pLimit, { type LimitFunction } from 'p-limit';
import { busy } from '../base/errors.ts';
import { BcryptThread } from './bcrypt-thread.ts';
import { hashKind, verifyForeign } from './foreign-hash.ts';

// OWASP password storage: Argon2id, 19 MiB, 2 passes, 1 lane. 2 is Argon2id; the package's const enum is not importable here.
const COST = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** A password nobody knows, hashed at the same cost: an unknown user takes as long as a known one. */
const NOBODY = 'tessera: no such user';

export const PASSWORD_MAX_LENGTH = 256;
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

  #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#limit.activeCount + this.#limit.pendingCount >= this.#limit.concurrency + this.#queueLimit)
      return Promise.reject(busy('Too many sign-ins at the moment, please try again', 1));
    return this.#limit(work);
  }
}

export interface PasswordPolicy {
  readonly minLength: number;
  /** 1 to 5: character classes required; from 5 on no three equal characters in a row (authentication.md 5). */
  readonly complexity: number;
}

/** Where the application sets none. */
export const DEFAULT_POLICY: PasswordPolicy = { minLength: 14, complexity: 5 };
/** For passwords that a backend sets without enforcing complexity. */
export const LEAST_POLICY: PasswordPolicy = { minLength: 8, complexity: 1 };

const CLASSES = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u];

/** The first rule the password breaks, as a sentence; undefined where it meets all. */
export function passwordFault(password: string, policy: PasswordPolicy): string | undefined {
  if (password.length > PASSWORD_MAX_LENGTH)
    return `The password must have at most ${PASSWORD_MAX_LENGTH} characters`;
  if ([...password].length < policy.minLength)
    return `The password must have at least ${policy.minLength} characters`;
  const needed = Math.min(policy.complexity, CLASSES.length);
  if (CLASSES.filter((sign) => sign.test(password)).length < needed)
    return `The password must have ${needed} of: lower case letters, upper case letters, digits, symbols`;
  if (policy.complexity >= 5 && /(.)\1\1/su.test(password))
    return 'The password must not have the same character three times in a row';
  return undefined;
}
