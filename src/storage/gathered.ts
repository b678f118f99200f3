/** Gathers the questions that many requests ask at one moment into one statement. */
import DataLoader from 'dataloader';

// Two, so that one slow answer does not hold up the next batch; a larger number makes batches smaller, not faster.
const IN_FLIGHT = 2;
const MAX_BATCH = 500;

/**
 * @param answer takes the keys of one moment and gives an answer for each, in their order
 * @returns asks for one key. Every question goes to the database after it was put: nothing is remembered.
 */
export function gathered<Key, Answer>(
  answer: (keys: readonly Key[]) => Promise<readonly Answer[]>,
): (key: Key) => Promise<Answer> {
  const waiting: (() => void)[] = [];
  let inFlight = 0;
  const loader = new DataLoader<Key, Answer>(
    async (keys) => {
      inFlight++;
      try {
        return await answer(keys);
      } finally {
        inFlight--;
        waiting.shift()?.();
      }
    },
    {
      cache: false,
      maxBatchSize: MAX_BATCH,
      batchScheduleFn: (run) => {
        if (inFlight < IN_FLIGHT) setImmediate(run);
        else waiting.push(run);
      },
    },
  );
  return (key) => loader.load(key);
}
