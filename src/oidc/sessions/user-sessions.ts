/** The browser sessions of one user, as an application or an administrator sees and ends them (tokens-and-sessions.md 6). */
import { type AuditLog, actorOf } from '../../audit/audit-log.ts';
import { type ManagementCaller, reaches } from '../../base/caller.ts';
import type { AppId, ClientId, TenantId, UserId } from '../../base/ids.ts';
import type { Database } from '../../storage/database.ts';
import { RefreshTokenStore } from '../../users/refresh-token-store.ts';
import type { UserService } from '../../users/user-service.ts';
import type { BrowserSession, SessionControl } from './session-control.ts';

export interface UserSession extends BrowserSession {
  readonly userId: UserId;
}

interface Parts {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly users: Pick<UserService, 'get'>;
  readonly sessions: Pick<SessionControl, 'listOf' | 'endAllOf'>;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<{ appId: AppId } | undefined>;
}

export class UserSessions {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Oldest first. Sessions are shared by the tenant; which clients of other applications one has signed in to is not
   * told to an application. @throws 404 for a user out of reach.
   */
  async list(caller: ManagementCaller, id: UserId): Promise<UserSession[]> {
    const { userId } = (await this.#parts.users.get(caller, 'userId', id)).user;
    const sessions = await this.#parts.sessions.listOf(userId);
    return Promise.all(
      sessions.map(async (session) => ({
        ...session,
        userId,
        clientIds: await this.#inReach(caller, session.clientIds),
      })),
    );
  }

  /** Ends them at every application of the tenant, with all refresh tokens of the user. @returns how many. @throws 404 */
  async end(caller: ManagementCaller, id: UserId): Promise<number> {
    const { db, audit, users, sessions } = this.#parts;
    const { userId } = (await users.get(caller, 'userId', id)).user;
    // The sessions first: from then on nothing new comes out of them.
    const count = await sessions.endAllOf(userId);
    await db.transaction().execute(async (trx) => {
      await new RefreshTokenStore(trx).removeOfUser(caller.tenantId, userId);
      await audit.record(trx, {
        tenantId: caller.tenantId,
        type: 'user.sessions_ended',
        actor: actorOf(caller),
        subject: userId,
        details: { count },
      });
    });
    return count;
  }

  async #inReach(caller: ManagementCaller, ids: readonly ClientId[]): Promise<ClientId[]> {
    const clients = await Promise.all(ids.map((id) => this.#parts.findClient(caller.tenantId, id)));
    return ids.filter((_, at) => {
      const client = clients[at];
      return client !== undefined && reaches(caller, client.appId);
    });
  }
}
