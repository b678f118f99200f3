/** Preloaded into a server under test: its clock is ahead of the real one by the seconds in the file TEST_CLOCK_FILE. */
import { readFileSync } from 'node:fs';

const file = process.env.TEST_CLOCK_FILE;
if (!file) throw new Error('TEST_CLOCK_FILE must name the file with the offset in seconds');

const RealDate = globalThis.Date;
const realNow = RealDate.now;
let [offset, readAt] = [0, Number.NEGATIVE_INFINITY];

// Read again after a millisecond: sooner no request can arrive that was sent after a move of the clock.
function now(): number {
  if (performance.now() - readAt > 1)
    [offset, readAt] = [Number(readFileSync(file as string, 'utf8')) * 1000, performance.now()];
  return realNow() + offset;
}

// The embedded database takes its time from Date.now as well; timers and performance keep the real time.
globalThis.Date = new Proxy(RealDate, {
  construct: (target, values, newTarget) =>
    Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget),
  apply: () => new RealDate(now()).toString(),
});
RealDate.now = now;
