/** Counts what became of the lines, keeps the first reasons, and writes refused lines where they were asked for. */
import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import type { Outcome } from './row-store.ts';

const SHOWN = 20;

export interface Refusal {
  /** 1 for the first. */
  readonly line: number;
  readonly reason: string;
  readonly text: string;
}

export class Report {
  readonly #counts = new Map<string, Record<Outcome | 'refused', number>>();
  readonly #first: Refusal[] = [];
  readonly #file: WriteStream | undefined;
  refused = 0;

  /** `file`: where refused lines go, as JSON lines with their reasons. */
  constructor(file?: string) {
    // Opened at once: a path that cannot be written is said before the first line is taken.
    this.#file = file === undefined ? undefined : createWriteStream(file, { fd: openSync(file, 'w', 0o600) });
  }

  count(kind: string, outcome: Outcome | 'refused'): void {
    const counts = this.#counts.get(kind) ?? { created: 0, updated: 0, unchanged: 0, refused: 0 };
    counts[outcome]++;
    this.#counts.set(kind, counts);
  }

  refuse(kind: string, refusal: Refusal): void {
    this.count(kind, 'refused');
    this.refused++;
    if (this.#first.length < SHOWN) this.#first.push(refusal);
    const { line, reason, text } = refusal;
    this.#file?.write(`${JSON.stringify({ line, reason, text })}\n`);
  }

  get counts(): Record<string, Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** The text for a person. */
  text(): string {
    const kinds = [...this.#counts].map(
      ([kind, { created, updated, unchanged, refused }]) =>
        `  ${kind}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused`,
    );
    const reasons = this.#first.map(({ line, reason }) => `  line ${line}: ${reason}`);
    const more = this.refused > SHOWN ? [`  and ${this.refused - SHOWN} more`] : [];
    return [...kinds, ...(reasons.length > 0 ? ['Refused:', ...reasons, ...more] : []), ''].join('\n');
  }

  close(): Promise<void> {
    return new Promise((resolve) => (this.#file ? this.#file.end(() => resolve()) : resolve()));
  }
}
