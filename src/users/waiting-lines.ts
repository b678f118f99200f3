/** Lines of attempts that wait for a place: one line for each thing, the first of it asks again and again. */
import { setTimeout as pause } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';

const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 200;
/** In all lines of this process: a bound for memory, and for what the asking costs. */
const MAX_WAITING = 64;

interface Line {
  readonly enter: LimitFunction;
  length: number;
}

export class WaitingLines {
  readonly #lines = new Map<string, Line>();
  readonly #tooBusy: () => Error;
  #waiting = 0;

  constructor(tooBusy: () => Error) {
    this.#tooBusy = tooBusy;
  }

  /**
   * What `ask` gives, once it gives something. Whoever comes later waits behind. @param until as `performance.now()`
   * @throws `tooBusy` where nothing comes until then, and at once where too many wait
   */
  async take<T>(key: string, until: number, ask: () => Promise<T | undefined>): Promise<T> {
    const got = this.#lines.has(key) ? undefined : await ask();
    return got ?? this.#wait(key, () => this.#askUntil(until, ask));
  }

  async #wait<T>(key: string, turn: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) throw this.#tooBusy();
    const line = this.#lines.get(key) ?? { enter: pLimit(1), length: 0 };
    this.#lines.set(key, line);
    line.length++;
    this.#waiting++;
    try {
      return await line.enter(turn);
    } finally {
      this.#waiting--;
      if (--line.length === 0) this.#lines.delete(key);
    }
  }

  async #askUntil<T>(until: number, ask: () => Promise<T | undefined>): Promise<T> {
    for (
      let wait = FIRST_PAUSE_MS;
      performance.now() < until;
      wait = Math.min(wait * 1.5, LONGEST_PAUSE_MS)
    ) {
      const got = await ask();
      if (got !== undefined) return got;
      await pause(wait);
    }
    throw this.#tooBusy();
  }
}
