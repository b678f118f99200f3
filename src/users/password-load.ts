/** How much work with passwords this process takes on at once, so that it still has time for everything else. */

/** Password requests under way, most of them waiting for their hash: a few seconds of work. */
export const SIGN_INS_AT_ONCE = 64;
/** 19 MiB each while they work. */
const MOST_THREADS = 8;

/** A core stays free for the thread that answers; the queue is long enough to keep the others at work. */
export const hashThreads = (cores: number): number => Math.min(Math.max(cores - 1, 1), MOST_THREADS);

const PATHS =
  /^\/(?:v1\/auth\/password\/(?:login|authenticate|register|validate|reset|reset\/password\/validate)|login\/[^/]+(?:\/(?:password|sign-up|new-password|change-password))?)$/;

/** Requests that may make or verify a hash, by what stands in their first line. */
export const takesPassword = (method: string, path: string): boolean => method === 'POST' && PATHS.test(path);
