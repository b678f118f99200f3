/** What the engine's session remembers beside its own members: for which clients its authentications count. */
import type Provider from 'oidc-provider';
import { endOfAll, type KindMark, type KindMarks, type KindOwner, markFor } from './policies/session-kind.ts';
import { SESSION_SECONDS } from './policies/session-lifetime.ts';

/** The engine's session with our member. */
interface RememberingSession {
  tessera?: { readonly kinds: KindMarks };
  readonly loginTs?: number | undefined;
  readonly accountId?: string | undefined;
}

/** Makes the engine keep the member. Called once, before the first session. */
export function letSessionsRemember({ Session }: Pick<Provider, 'Session'>): void {
  const known = (Session as unknown as { IN_PAYLOAD: string[] }).IN_PAYLOAD;
  Object.defineProperty(Session, 'IN_PAYLOAD', { value: [...known, 'tessera'] });
  const prototype = Session.prototype as unknown as RememberingSession & {
    loginAccount(this: RememberingSession, details: object): void;
  };
  const { loginAccount } = prototype;
  prototype.loginAccount = function remembering(details) {
    loginAccount.call(this, details);
    // For nobody yet: the prompts decide for whom it counts (prompts/session-kind.ts).
    this.tessera ??= { kinds: {} };
  };
}

export const marksOf = (session: object): KindMarks | undefined =>
  (session as RememberingSession).tessera?.kinds;

export function keepMarks(session: object, kinds: KindMarks): void {
  (session as RememberingSession).tessera = { kinds };
}

/** Undefined where nobody is signed in, or the sign-in does not count for this client. */
export function markOfSession(owner: KindOwner, session: object): KindMark | undefined {
  const { accountId, loginTs } = session as RememberingSession;
  return accountId === undefined ? undefined : markFor(owner, { marks: marksOf(session), loginTs });
}

/** Epoch seconds; undefined for a session in which nobody is signed in to anything. */
export function endOfSession(session: object): number | undefined {
  const { loginTs } = session as RememberingSession;
  const marks = marksOf(session);
  if (marks !== undefined) return endOfAll(marks);
  return loginTs === undefined ? undefined : loginTs + SESSION_SECONDS;
}
