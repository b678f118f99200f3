/** A browser session that is over, as its clients knew it. */
import type { ClientId, UserId } from '../../base/ids.ts';

export interface EndedSession {
  readonly userId: UserId;
  readonly clients: readonly { readonly clientId: ClientId; readonly sid: string }[];
}

/** Reads a stored session; undefined for one in which nobody was signed in. */
export function endedSession(payload: {
  readonly accountId?: unknown;
  readonly authorizations?: unknown;
}): EndedSession | undefined {
  if (typeof payload.accountId !== 'string') return undefined;
  const authorizations = (payload.authorizations ?? {}) as Record<string, { sid?: unknown } | undefined>;
  return {
    userId: payload.accountId as UserId,
    clients: Object.entries(authorizations).flatMap(([clientId, authorization]) =>
      typeof authorization?.sid === 'string'
        ? [{ clientId: clientId as ClientId, sid: authorization.sid }]
        : [],
    ),
  };
}
