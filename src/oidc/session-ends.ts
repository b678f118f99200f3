/** Notices that the engine ends a browser session, so that its clients are told like of any other end. */
import type Provider from 'oidc-provider';
import { requestState } from './request-state.ts';
import { type EndedSession, endedSession } from './sessions/ended-session.ts';

interface EndingSession {
  readonly accountId?: string;
  readonly authorizations?: object;
  destroy(): Promise<void>;
}

/** Somebody signed out, or somebody else signed in to the same browser. */
export function noteSessionEnds(
  provider: Provider,
  ending: (session: EndedSession, end: () => Promise<void>) => Promise<void>,
): void {
  const prototype = provider.Session.prototype as unknown as EndingSession;
  const { destroy } = prototype;
  prototype.destroy = async function noted(this: EndingSession) {
    const ended = endedSession({ accountId: this.accountId, authorizations: this.authorizations });
    if (!ended) return destroy.call(this);
    await ending(ended, () => destroy.call(this));
    requestState().endedSession = ended;
  };
}
