/** Decides how long the browser session lives (R179, R180, contract D4) and for which client it still counts (C30). */
import type { EngineSettings } from '../adapter/client-model.ts';

/** Seconds after the last authentication. */
export const SESSION_SECONDS = 1_209_600;
/** Seconds for a browser in which nobody has signed in: twice the life of an interaction. */
const ANONYMOUS_SECONDS = 7200;

/** Seconds left. Only an authentication moves the end: silent sign-ins and refreshes do not. */
export const sessionTtl = (authenticatedAt: number | undefined, now: number): number =>
  authenticatedAt === undefined ? ANONYMOUS_SECONDS : Math.max(1, authenticatedAt + SESSION_SECONDS - now);

/** True where this client does not accept the session any more and the user has to authenticate again. */
export const isTooOld = (
  { sessionExpiration }: Pick<EngineSettings, 'sessionExpiration'>,
  authenticatedAt: number | undefined,
  now: number,
): boolean =>
  authenticatedAt !== undefined && now - authenticatedAt > Math.min(sessionExpiration, SESSION_SECONDS);
