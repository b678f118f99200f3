/** How much work with passwords this process takes on at once, so that it still has time for everything else. */

/** Password requests under way, most of them waiting for their hash: a few seconds of work. */
export const SIGN_INS_AT_ONCE = 64;
/** Forms, of which those beyond the number above are only told so, on the page that they came from. */
export const FORMS_AT_ONCE = SIGN_INS_AT_ONCE + 32;
/** 19 MiB each while they work. */
const MOST_THREADS = 8;

/** A core stays free for the thread that answers; the queue is long enough to keep the others at work. */
export const hashThreads = (cores: number): number => Math.min(Math.max(cores - 1, 1), MOST_THREADS);

const CALLS =
  /^\/v1\/auth\/password\/(?:login|authenticate|register|validate|reset|reset\/password\/validate)$/;
const FORMS = /^\/login\/[^/]+(?:\/(?:password|sign-up|new-password|change-password))?$/;

/** Calls of the API that may make or verify a hash, by what stands in their first line. */
export const isPasswordCall = (method: string, path: string): boolean =>
  method === 'POST' && CALLS.test(path);

/** The same for forms of the hosted sign-in. */
export const isPasswordForm = (method: string, path: string): boolean =>
  method === 'POST' && FORMS.test(path);
