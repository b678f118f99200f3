/** Lists and ends browser sessions for the faces. Tokens live on: ending a session revokes none (tokens-and-sessions.md 5). */
import type { ClientId, TenantId, UserId } from '../../base/ids.ts';
import { hashSecret } from '../../base/secrets.ts';
import type { EphemeralStore, ListedItem } from '../../storage/ephemeral-store.ts';

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
  /** The user's living sessions, the oldest first. */
  list(userId: UserId): Promise<readonly LiveSession[]>;
  /** Ends them all. @returns how many there were */
  endAll(userId: UserId): Promise<number>;
}

interface Parts {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'remove' | 'listByUser'>;
  readonly tenantId: TenantId;
}

const KIND = 'Session';

export function sessionControl({ ephemeral, tenantId }: Parts): SessionControl {
  const pointerTo = (uid: string) => ({ tenantId, kind: 'SessionUid', key: hashSecret(uid) });
  const remove = async (key: string, uid: string): Promise<void> => {
    await ephemeral.remove({ tenantId, kind: KIND, key });
    await ephemeral.remove(pointerTo(uid));
  };
  // A session keeps its place in the list of the user who had it first.
  const itemsOf = async (userId: UserId): Promise<readonly ListedItem[]> =>
    (await ephemeral.listByUser(tenantId, KIND, userId)).filter(({ value }) => value.accountId === userId);
  return {
    async end(sessionUid, userId) {
      const key = (await ephemeral.get(pointerTo(sessionUid)))?.value.id;
      if (typeof key !== 'string') return false;
      const session = await ephemeral.get({ tenantId, kind: KIND, key });
      if (session?.value.accountId !== userId) return false;
      await remove(key, sessionUid);
      return true;
    },
    async list(userId) {
      const sessions = (await itemsOf(userId)).map(toSession);
      return sessions.sort(
        (a, b) => a.startedAt.getTime() - b.startedAt.getTime() || (a.uid < b.uid ? -1 : 1),
      );
    },
    async endAll(userId) {
      const items = await itemsOf(userId);
      await Promise.all(items.map(({ key, value }) => remove(key, String(value.uid))));
      return items.length;
    },
  };
}

const toSession = ({ value, expiresAt }: ListedItem): LiveSession => ({
  uid: String(value.uid),
  clientIds: Object.keys((value.authorizations as object | undefined) ?? {}).sort() as ClientId[],
  startedAt: new Date(Number(value.loginTs ?? value.iat ?? 0) * 1000),
  expiresAt,
});
