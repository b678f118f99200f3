/** The browser sessions of a user as an application or an administrator sees and ends them (tokens-and-sessions.md 6). */
import type { AuditLog } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import type { ClientId, TenantId, UserId } from '../base/ids.ts';
import type { Client } from '../clients/client.ts';
import type { LiveSession, SessionControl } from '../oidc/sessions/session-control.ts';
import type { Database } from '../storage/database.ts';
import { RefreshTokenTriggerStore } from '../users/refresh-token-trigger-store.ts';
import type { UserService } from '../users/user-service.ts';

interface Parts {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly users: Pick<UserService, 'get'>;
  readonly sessions: Pick<SessionControl, 'list' | 'endAll'>;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
}

/** One sign-in of a session to one client. */
export interface SessionAtClient {
  readonly userId: UserId;
  readonly clientId: ClientId;
  readonly session: LiveSession;
}

export class UserSessions {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One entry for each client of a session; a client token sees those of its application. @throws 404 */
  async list(caller: ManagementCaller, userId: string): Promise<SessionAtClient[]> {
    const { user } = await this.#parts.users.get(caller, 'userId', userId);
    const sessions = await this.#parts.sessions.list(user.userId);
    const pairs = sessions.flatMap((session) =>
      session.clientIds.map((clientId) => ({ userId: user.userId, clientId, session })),
    );
    const seen = await Promise.all(pairs.map(({ clientId }) => this.#sees(caller, clientId)));
    return pairs.filter((_, at) => seen[at]);
  }

  /**
   * Ends every session of the user: they are shared by all applications. Refresh tokens end in the caller's application, for
   * an administrator in all. @throws 404
   */
  async end(caller: ManagementCaller, userId: string): Promise<number> {
    const { db, audit, users, sessions } = this.#parts;
    const { user } = await users.get(caller, 'userId', userId);
    const ended = await sessions.endAll(user.userId);
    await db.transaction().execute(async (trx) => {
      const onlyIn = caller.kind === 'admin' ? undefined : caller.appId;
      await new RefreshTokenTriggerStore(trx).end(user.tenantId, user.userId, onlyIn);
      await audit.record(trx, {
        tenantId: user.tenantId,
        type: 'user.sessions_ended',
        actor: { kind: caller.kind, id: caller.clientId },
        subject: user.userId,
        details: { sessions: ended },
      });
    });
    return ended;
  }

  async #sees(caller: ManagementCaller, clientId: ClientId): Promise<boolean> {
    if (caller.kind === 'admin') return true;
    return (await this.#parts.findClient(caller.tenantId, clientId))?.appId === caller.appId;
  }
}
