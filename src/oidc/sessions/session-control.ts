/** Reads and ends browser sessions for the faces. Tokens live on: ending a session revokes none (tokens-and-sessions.md 5). */
import type { ClientId, TenantId, UserId } from '../../base/ids.ts';
import type { EphemeralStore } from '../../storage/ephemeral-store.ts';
import { pointerAt, SESSION } from '../adapter/session-model.ts';

export interface BrowserSession {
  /** No credential: the cookie says something else. */
  readonly uid: string;
  /** Of the last authentication, epoch seconds. */
  readonly startedAt: number;
  /** Epoch seconds. */
  readonly endsAt: number;
  /** Clients that it has signed in to. */
  readonly clientIds: readonly ClientId[];
}

export interface SessionControl {
  /** Ends this session of this user; false when it is over, or another user's by now. */
  end(sessionUid: string, userId: UserId): Promise<boolean>;
  /** Oldest first. */
  listOf(userId: UserId): Promise<BrowserSession[]>;
  /** Ends every session of the user, and the codes that wait to be redeemed. @returns how many sessions there were. */
  endAllOf(userId: UserId): Promise<number>;
}

interface Parts {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'remove' | 'listByUser'>;
  readonly tenantId: TenantId;
}

export const sessionControl = ({ ephemeral, tenantId }: Parts): SessionControl => ({
  async end(sessionUid, userId) {
    const pointer = pointerAt(tenantId, sessionUid);
    const id = (await ephemeral.get(pointer))?.value.id;
    if (typeof id !== 'string') return false;
    const at = { tenantId, kind: SESSION, key: id };
    const session = await ephemeral.get(at);
    if (session?.value.accountId !== userId) return false;
    await ephemeral.remove(at);
    await ephemeral.remove(pointer);
    return true;
  },

  async listOf(userId) {
    const items = await ephemeral.listByUser(tenantId, userId);
    return items
      .filter(({ at }) => at.kind === SESSION)
      .map(({ value }) => toBrowserSession(value))
      .sort((a, b) => a.startedAt - b.startedAt || (a.uid < b.uid ? -1 : 1));
  },

  async endAllOf(userId) {
    const items = await ephemeral.listByUser(tenantId, userId);
    // A used code stays: it ends the tokens it has given when it comes back (RFC 6749 section 4.1.2).
    const ended = await Promise.all(
      items
        .filter(({ consumed }) => !consumed)
        .map(async ({ at, value }) => {
          const isSession = (await ephemeral.remove(at)) && at.kind === SESSION;
          if (isSession) await ephemeral.remove(pointerAt(tenantId, String(value.uid)));
          return isSession;
        }),
    );
    return ended.filter(Boolean).length;
  },
});

const toBrowserSession = (value: Record<string, unknown>): BrowserSession => ({
  uid: String(value.uid),
  startedAt: Number(value.loginTs),
  endsAt: Number(value.exp),
  clientIds: Object.keys((value.authorizations as object | undefined) ?? {}) as ClientId[],
});
