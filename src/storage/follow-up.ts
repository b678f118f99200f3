/** Work that follows changes: one run at a time, one more for all that came meanwhile, and again where it failed. */

export interface FollowUp {
  /** Something changed. */
  due(): void;
  /** Resolves when every change that was due before the call has had its run. */
  settled(): Promise<void>;
}

/** @param parts.waits milliseconds before each further try; the next change begins anew. */
export function followUp(parts: {
  work: () => Promise<void>;
  waits: readonly number[];
  onFailure: (error: unknown) => void;
}): FollowUp {
  let last = Promise.resolve();
  let isQueued = false;
  const queue = (waits: readonly number[]): void => {
    if (isQueued) return;
    isQueued = true;
    last = last
      .then(() => {
        isQueued = false;
        return parts.work();
      })
      .catch((error: unknown) => {
        parts.onFailure(error);
        const [wait, ...later] = waits;
        if (wait !== undefined) setTimeout(() => queue(later), wait).unref();
      });
  };
  return { due: () => queue(parts.waits), settled: () => last };
}
