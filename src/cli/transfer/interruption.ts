/** Lets SIGINT and SIGTERM end an import between two batches. A second signal ends the process at once. */

/** As a shell says it of a command that the signal ended. */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof CODES;

export interface Interruption {
  /** Exit code; undefined while nobody has interrupted. */
  readonly code: number | undefined;
  /** Signals mean what they did before. */
  end(): void;
}

/** `stop` is called with the first signal: nothing more is to be read. */
export function interruption(stop: () => void): Interruption {
  let code: number | undefined;
  const onSignal = (signal: Signal): void => {
    end();
    code = CODES[signal];
    stop();
  };
  const signals = Object.keys(CODES) as Signal[];
  const end = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    get code() {
      return code;
    },
    end,
  };
}
