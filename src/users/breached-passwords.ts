/** Asks the list of breached passwords: a local folder in the "Pwned Passwords" range layout, one file per hash prefix. */
import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = 5;

export interface BreachedPasswords {
  /** True for a password that stands in the list. */
  has(password: string): Promise<boolean>;
}

/**
 * Files are named by the first five hexadecimal digits of the SHA-1 (`0018A` or `0018A.txt`) and have lines
 * `SUFFIX:count`. A list that cannot be asked refuses no password, but every time it says so through `onMissing`.
 */
export function breachedPasswords(parts: {
  folder: string | undefined;
  onMissing: (sentence: string) => void;
}): BreachedPasswords {
  const { folder, onMissing } = parts;
  return {
    async has(password) {
      const digest = hash('sha1', password).toUpperCase();
      const [prefix, suffix] = [digest.slice(0, PREFIX), digest.slice(PREFIX)];
      if (folder === undefined) {
        onMissing('an application wants breached passwords refused, but BREACHED_PASSWORDS_DIR is not set');
        return false;
      }
      const lines = await readRange(folder, prefix);
      if (lines === undefined) {
        onMissing('the list of breached passwords has a file missing; fill BREACHED_PASSWORDS_DIR again');
        return false;
      }
      return countOf(lines, suffix) > 0;
    },
  };
}

async function readRange(folder: string, prefix: string): Promise<string | undefined> {
  for (const name of [`${prefix}.txt`, prefix]) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Lines with a count of 0 only pad the file. */
function countOf(lines: string, suffix: string): number {
  const line = lines.split(/\r?\n/).find((one) => one.toUpperCase().startsWith(`${suffix}:`));
  return line === undefined ? 0 : Number(line.slice(suffix.length + 1));
}
