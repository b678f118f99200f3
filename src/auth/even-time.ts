/** Hides in the time of an answer whether there was something to do: a message is sent to those who exist only. */
import { setTimeout as pause } from 'node:timers/promises';

/** Longer than writing a message takes. */
const FLOOR_MS = 150;

export async function inEvenTime<T>(work: Promise<T>): Promise<T> {
  const [answer] = await Promise.all([work, pause(FLOOR_MS)]);
  return answer;
}
