/** Ends browser sessions for the faces. Tokens live on: ending a session revokes none (tokens-and-sessions.md 5). */
import type { TenantId, UserId } from '../../base/ids.ts';
import { hashSecret } from '../../base/secrets.ts';
import type { EphemeralStore } from '../../storage/ephemeral-store.ts';

export interface SessionControl {
  /** Ends this session of this user; false when it is over, or another user's by now. */
  end(sessionUid: string, userId: UserId): Promise<boolean>;
}

interface Parts {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'remove'>;
  readonly tenantId: TenantId;
}

export const sessionControl = ({ ephemeral, tenantId }: Parts): SessionControl => ({
  async end(sessionUid, userId) {
    const pointer = { tenantId, kind: 'SessionUid', key: hashSecret(sessionUid) };
    const id = (await ephemeral.get(pointer))?.value.id;
    if (typeof id !== 'string') return false;
    const at = { tenantId, kind: 'Session', key: id };
    const session = await ephemeral.get(at);
    if (session?.value.accountId !== userId) return false;
    await ephemeral.remove(at);
    await ephemeral.remove(pointer);
    return true;
  },
});
