/** A clock that a test can move forward, for one server on the embedded database. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const MINUTE = 60;
export const HOUR = 3600;
export const DAY = 86_400;

export class Clock {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tessera-clock-'));
  readonly file = join(this.#folder, 'offset');
  #seconds = 0;

  constructor() {
    writeFileSync(this.file, '0');
  }

  /** Epoch seconds on the server. */
  now(): number {
    return Math.floor(Date.now() / 1000) + this.#seconds;
  }

  advance(seconds: number): void {
    this.#seconds += seconds;
    writeFileSync(this.file, String(this.#seconds));
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
