/** Lists and ends browser sessions for the faces, and has their clients told. Tokens live on: ending a session revokes none (tokens-and-sessions.md 5). */
import type { ClientId, TenantId, UserId } from '../../base/ids.ts';
import type { EphemeralStore, ListedItem } from '../../storage/ephemeral-store.ts';
import { pointerAt, SESSION } from '../adapter/session-model.ts';
import { type EndedSession, endedSession } from './ended-session.ts';
import { HUB_ANSWER } from './hub-answers.ts';
import type { LogoutNotice } from './logout-notice-store.ts';
import { TICKET } from './sign-in-ticket.ts';

export interface LiveSession {
  /** Names the session; no credential. */
  readonly uid: string;
  /** The clients that the user signed in to with it. */
  readonly clientIds: readonly ClientId[];
  /** The last authentication. */
  readonly startedAt: Date;
  readonly expiresAt: Date;
}

export interface SessionControl {
  /** Ends this session of this user; false when it is over, or another user's by now. */
  end(sessionUid: string, userId: UserId): Promise<boolean>;
  /** As its clients know it while it lives; undefined when it is over, or another user's by now. */
  clientsOf(sessionUid: string, userId: UserId): Promise<EndedSession | undefined>;
  /** The user's living sessions, the oldest first. */
  list(userId: UserId): Promise<readonly LiveSession[]>;
  /** Ends them all, or all but one, with the codes and proved sign-ins that wait to be redeemed. @returns how many sessions ended */
  endAll(userId: UserId, exceptUid?: string): Promise<number>;
  /** A person signs out: their sessions end, and what they have approved elsewhere can still be redeemed. */
  leaveAll(userId: UserId): Promise<void>;
  /** For the engine, which ends this session itself. */
  ending(session: EndedSession, end: () => Promise<void>): Promise<void>;
}

interface Parts {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'remove' | 'listByUser'>;
  readonly tenantId: TenantId;
  /** Ends sessions, and has clients told of it, those that want to hear of it. */
  telling<T>(notices: readonly LogoutNotice[], end: () => Promise<T>): Promise<T>;
}

/** What waits to be redeemed; a code that nobody has approved yet belongs to no session. */
const CODES = ['AuthorizationCode', 'DeviceCode', 'BackchannelAuthenticationRequest'];
/** A sign-in that was proved and waits for its browser: it would be a session of after the end. */
const ARRIVALS = ['Interaction', TICKET, HUB_ANSWER];

const noticesOf = ({ userId, clients }: EndedSession): LogoutNotice[] =>
  clients.map((client) => ({ ...client, userId }));

export function sessionControl({ ephemeral, tenantId, telling }: Parts): SessionControl {
  const remove = async (key: string, uid: string): Promise<boolean> => {
    const wasThere = await ephemeral.remove({ tenantId, kind: SESSION, key });
    await ephemeral.remove(pointerAt(tenantId, uid));
    return wasThere;
  };
  const noticesAbout = (payloads: readonly Record<string, unknown>[]): LogoutNotice[] =>
    payloads.flatMap((payload) => endedSession(payload) ?? []).flatMap(noticesOf);
  // A used code stays: it ends the tokens it has given when it comes back (RFC 6749 section 4.1.2).
  const endCodes = async (userId: UserId): Promise<void> => {
    for (const kind of CODES) {
      const codes = await ephemeral.listByUser(tenantId, kind, userId);
      const unused = codes.filter(({ consumed, value }) => !consumed && value.grantId !== undefined);
      await Promise.all(unused.map(({ key }) => ephemeral.remove({ tenantId, kind, key })));
    }
  };
  const endArrivals = async (userId: UserId): Promise<void> => {
    for (const kind of ARRIVALS) {
      const waiting = await ephemeral.listByUser(tenantId, kind, userId);
      await Promise.all(waiting.map(({ key }) => ephemeral.remove({ tenantId, kind, key })));
    }
  };
  const itemsOf = (userId: UserId): Promise<readonly ListedItem[]> =>
    ephemeral.listByUser(tenantId, SESSION, userId);
  const endItems = async (items: readonly ListedItem[]): Promise<number> => {
    const wasThere = await telling(noticesAbout(items.map(({ value }) => value)), () =>
      Promise.all(items.map(({ key, value }) => remove(key, String(value.uid)))),
    );
    return wasThere.filter(Boolean).length;
  };
  const find = async (uid: string, userId: UserId): Promise<Omit<ListedItem, 'expiresAt'> | undefined> => {
    const key = (await ephemeral.get(pointerAt(tenantId, uid)))?.value.id;
    if (typeof key !== 'string') return undefined;
    const session = await ephemeral.get({ tenantId, kind: SESSION, key });
    return session?.value.accountId === userId ? { ...session, key } : undefined;
  };
  return {
    async end(sessionUid, userId) {
      const session = await find(sessionUid, userId);
      if (!session) return false;
      await telling(noticesAbout([session.value]), () => remove(session.key, sessionUid));
      return true;
    },
    async clientsOf(sessionUid, userId) {
      const session = await find(sessionUid, userId);
      return session && endedSession(session.value);
    },
    async list(userId) {
      const sessions = (await itemsOf(userId)).map(toSession);
      return sessions.sort(
        (a, b) => a.startedAt.getTime() - b.startedAt.getTime() || (a.uid < b.uid ? -1 : 1),
      );
    },
    async endAll(userId, exceptUid) {
      // First: a browser that arrives meanwhile has a session, which ends with the others.
      await endArrivals(userId);
      const ended = await endItems((await itemsOf(userId)).filter(({ value }) => value.uid !== exceptUid));
      await endCodes(userId);
      return ended;
    },
    async leaveAll(userId) {
      await endItems(await itemsOf(userId));
    },
    ending: (session, end) => telling(noticesOf(session), end),
  };
}

const toSession = ({ value, expiresAt }: ListedItem): LiveSession => ({
  uid: String(value.uid),
  clientIds: Object.keys((value.authorizations as object | undefined) ?? {}).sort() as ClientId[],
  startedAt: new Date(Number(value.loginTs ?? value.iat ?? 0) * 1000),
  expiresAt,
});
