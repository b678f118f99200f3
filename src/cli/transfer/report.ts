/** Counts what became of the lines, keeps the first reasons, and writes refused lines where they were asked for. */
import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import type { Outcome } from './row-kind.ts';

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
  readonly #notes = new Map<string, string>();
  readonly #file: WriteStream | undefined;
  refused = 0;

  /** `file`: where refused lines go, as JSON lines with their reasons. */
  constructor(file?: string) {
    // Opened at once: a path that cannot be written is said before the first line is taken.
    this.#file = file === undefined ? undefined : createWriteStream(file, { fd: openSync(file, 'w', 0o600) });
  }

  count(kind: string, outcome: Outcome | 'refused'): void {
    const counts = this.#counts.get(kind) ?? {
      created: 0,
      updated: 0,
      unchanged: 0,
      removed: 0,
      refused: 0,
    };
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

  /** The first word on an object counts. */
  note(object: string, sentence: string): void {
    if (!this.#notes.has(object)) this.#notes.set(object, sentence);
  }

  get counts(): Record<string, Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** The text for a person. */
  text(): string {
    const kinds = [...this.#counts].map(
      ([kind, { created, updated, unchanged, removed, refused }]) =>
        `  ${kind}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused${
          removed > 0 ? `, ${removed} removed` : ''
        }`,
    );
    const reasons = this.#first.map(({ line, reason }) => `line ${line}: ${reason}`);
    const notes = [...this.#notes].map(([object, sentence]) => `${object} ${sentence}`);
    return [
      ...kinds,
      ...listed('Refused:', reasons, this.refused),
      ...listed('To know:', notes.slice(0, SHOWN), notes.length),
      '',
    ].join('\n');
  }

  close(): Promise<void> {
    return new Promise((resolve) => (this.#file ? this.#file.end(() => resolve()) : resolve()));
  }
}

function listed(title: string, shown: readonly string[], total: number): string[] {
  if (total === 0) return [];
  const more = total > shown.length ? [`  and ${total - shown.length} more`] : [];
  return [title, ...shown.map((text) => `  ${text}`), ...more];
}
