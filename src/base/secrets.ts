/** Random ids and secrets, their hashes, and the Secret type that cannot be printed by accident. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

/** A value that logs and serialises as `[secret]`; `reveal()` is the only way to read it. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toJSON(): string {
    return '[secret]';
  }
  toString(): string {
    return '[secret]';
  }
  [inspect.custom](): string {
    return '[secret]';
  }
}

/** An opaque, unguessable, URL-safe id with 144 bits of randomness (24 characters); a command line never takes it for an option. */
export function newId<Id extends string>(): Id {
  const id = randomBytes(18).toString('base64url');
  return id.startsWith('-') ? newId() : (id as Id);
}

/** A 256-bit URL-safe secret (43 characters, within the 50 that contract C34 allows). */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256 of a high-entropy secret, base64url. Not for passwords. */
export const hashSecret = (secret: string): string => hash('sha256', secret, 'base64url');

/** Compares two hashes of equal length without telling where they differ. */
export function sameHash(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
