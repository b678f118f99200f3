/** Which identifiers a file has named so far, and in which line: no file says two things about one object. */
import { createHash } from 'node:crypto';
import { canonical } from './difference.ts';

/** One name of an object, for example `email`, and its value. */
export interface Identifier {
  readonly name: string;
  readonly value: unknown;
}

export class SeenIdentifiers {
  /** Digests, as those of millions of users have to fit. */
  readonly #lines = new Map<string, number>();

  lineOf(kind: string, { name, value }: Identifier): number | undefined {
    return this.#lines.get(digest(kind, name, value));
  }

  /** Takes the identifiers for this line; answers why it cannot have them. */
  claim(kind: string, identifiers: readonly Identifier[], line: number): string | undefined {
    for (const one of identifiers) {
      const before = this.lineOf(kind, one);
      if (before !== undefined && before !== line)
        return `line ${line} names the ${one.name} that line ${before} names already`;
    }
    for (const { name, value } of identifiers) this.#lines.set(digest(kind, name, value), line);
    return undefined;
  }
}

const digest = (kind: string, name: string, value: unknown): string =>
  createHash('sha256')
    .update(`${kind} ${name} ${canonical(value)}`)
    .digest()
    .toString('latin1', 0, 12);
