/** Waits for something that happens by itself, without guessing how long it takes. */
import { setTimeout as pause } from 'node:timers/promises';

const LIMIT_MS = 10_000;

/** The first answer that is neither undefined nor false. @throws Error naming what was waited for. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await pause(20)) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
  }
  throw new Error(`did not happen within ten seconds: ${what}`);
}
