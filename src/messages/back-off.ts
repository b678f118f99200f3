/** Decides when a message that could not be delivered is tried again, and when no more. */

/** Without jitter the attempts lie 1 s, 2 s, 4 s, ... and from the thirteenth on one hour apart: about half a day. */
export const MAX_ATTEMPTS = 24;
const FIRST_MS = 1000;
const LONGEST_MS = 3_600_000;

/**
 * Half of the pause is random, so that a server that comes back is not asked by everybody at the same moment.
 * @param attempts made so far, at least 1
 * @param random from 0 to 1
 */
export function pauseAfter(attempts: number, random: number = Math.random()): number {
  const longest = Math.min(FIRST_MS * 2 ** (attempts - 1), LONGEST_MS);
  return Math.round(longest / 2 + (longest / 2) * random);
}
