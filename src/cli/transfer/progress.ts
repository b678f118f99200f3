/** A progress bar on standard error, where a person looks at it. */
import { fstatSync } from 'node:fs';
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** `done` of the total, in its unit. */
  update(done: number): void;
  stop(): void;
}

const NONE: Progress = { update: () => undefined, stop: () => undefined };
/** Work comes in bursts: the time left is guessed from steps that are long enough to mean something. */
const STEP_MS = 200;

/** A bar up to `total`, or what is done so far where nobody knows the total; without a terminal nothing. */
export function progressOn(
  stderr: NodeJS.WritableStream & { readonly isTTY?: boolean },
  unit: string,
  total: number | undefined,
): Progress {
  if (stderr.isTTY !== true) return NONE;
  const format =
    total === undefined
      ? ` {value} ${unit}`
      : ` {bar} {percentage}% | {value}/{total} ${unit} | {eta_formatted} left`;
  const bar = new SingleBar(
    { format, stream: stderr as NodeJS.WriteStream, hideCursor: true, etaBuffer: 25 },
    Presets.shades_classic,
  );
  bar.start(total ?? 0, 0);
  let [shownAt, latest] = [performance.now(), 0];
  return {
    update: (done) => {
      latest = done;
      if (performance.now() - shownAt < STEP_MS) return;
      shownAt = performance.now();
      bar.update(done);
    },
    stop: () => {
      if (!bar.isActive) return;
      bar.update(latest);
      bar.stop();
    },
  };
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
