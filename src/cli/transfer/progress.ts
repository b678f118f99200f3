/** A progress bar on standard error, where a person looks at it. */
import { fstatSync } from 'node:fs';
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** `done` of the total, in its unit. */
  update(done: number): void;
  stop(): void;
}

const NONE: Progress = { update: () => undefined, stop: () => undefined };

/** A bar up to `total`; without a terminal, or a total, none. */
export function progressOn(
  stderr: NodeJS.WritableStream & { readonly isTTY?: boolean },
  unit: string,
  total: number | undefined,
): Progress {
  if (stderr.isTTY !== true || total === undefined || total === 0) return NONE;
  const format = ` {bar} {percentage}% | {value}/{total} ${unit} | {eta_formatted} left`;
  const bar = new SingleBar(
    { format, stream: stderr as NodeJS.WriteStream, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}

/** Bytes of a file that standard input was redirected from. */
export function inputSize(): number | undefined {
  try {
    const { size } = fstatSync(0);
    return size > 0 ? size : undefined;
  } catch {
    return undefined;
  }
}
