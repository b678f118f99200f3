/** Where the secrets of new clients go: once to the standard output, or into a file that only its owner can read. */
import { closeSync, constants, fchmodSync, openSync, writeSync } from 'node:fs';
import type { NewSecret } from './execute.ts';
import { Faults, quoted } from './faults.ts';

export interface SecretsOutput {
  add(secret: NewSecret): void;
  /** What is left to be shown at the end; empty where a file has them all. */
  close(): readonly NewSecret[];
}

export const secretsInMemory = (): SecretsOutput => {
  const secrets: NewSecret[] = [];
  return { add: (secret) => secrets.push(secret), close: () => secrets };
};

/**
 * Appends one JSON document per line, each as soon as it is known.
 * @throws Faults before anything is made, where the file cannot be written
 */
export function secretsInFile(path: string): SecretsOutput {
  const file = opened(path);
  const unwritten: NewSecret[] = [];
  return {
    add: (secret) => {
      try {
        writeSync(file, `${JSON.stringify(secret)}\n`);
      } catch {
        // A full disk must not cost what nobody can ask for again.
        unwritten.push(secret);
      }
    },
    close: () => {
      closeSync(file);
      return unwritten;
    },
  };
}

function opened(path: string): number {
  const { O_APPEND, O_CREAT, O_WRONLY, O_NOFOLLOW } = constants;
  try {
    // No link is followed: in a folder of several people it could lead into a file of somebody else's.
    const file = openSync(path, O_APPEND | O_CREAT | O_WRONLY | O_NOFOLLOW, 0o600);
    // A file that was there before may be open to others.
    fchmodSync(file, 0o600);
    return file;
  } catch (error) {
    throw new Faults(
      `--secrets ${quoted(path)} cannot be written (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}
