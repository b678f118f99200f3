/** Decides how long the browser session lives (R179, R180, contract D4) and for which client it still counts (C30, saml.md 4). */
import type { EngineSettings } from '../adapter/client-model.ts';

/** Seconds after the last authentication. */
export const SESSION_SECONDS = 1_209_600;
/** Seconds for a browser in which nobody has signed in: twice the life of an interaction. */
const ANONYMOUS_SECONDS = 7200;

/** Seconds left. Only an authentication moves the end: silent sign-ins and refreshes do not. */
export const sessionTtl = (endsAt: number | undefined, now: number): number =>
  endsAt === undefined ? ANONYMOUS_SECONDS : Math.max(1, endsAt - now);

type Limits = Pick<EngineSettings, 'sessionExpiration'> & {
  readonly group?: EngineSettings['group'] | undefined;
};

/** The timeout of a client group takes the place of the usual one, shorter or longer; a client may ask for less still. */
function longest({ sessionExpiration, group }: Limits): number {
  const usual = group?.sessionSeconds ?? SESSION_SECONDS;
  return sessionExpiration < SESSION_SECONDS ? Math.min(sessionExpiration, usual) : usual;
}

/** True where this client does not accept the session any more and the user has to authenticate again. */
export const isTooOld = (client: Limits, authenticatedAt: number | undefined, now: number): boolean =>
  authenticatedAt !== undefined && now - authenticatedAt > longest(client);
