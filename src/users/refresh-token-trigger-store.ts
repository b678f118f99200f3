/** Ends a user's refresh tokens where the application wants that to follow from a change of the user. */
import { sql } from 'kysely';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

/** Members of an application's `refresh_token_invalidation_trigger_configuration` (contract/tokens-and-sessions.md 5). */
export type RefreshTokenTrigger =
  | 'invalidateOnMemberSuspension'
  | 'invalidateOnMemberPasswordReset'
  | 'invalidateOnMemberRoleUpdate';

export class RefreshTokenTriggerStore {
  readonly #db: Database;

  /** Pass the transaction of the change. */
  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Deletes the refresh tokens of these users at the clients of every application, or of one, whose setting is on.
   * Access tokens and grants stay: only refreshing ends.
   */
  async pull(
    tenantId: TenantId,
    trigger: RefreshTokenTrigger,
    userIds: readonly UserId[],
    onlyIn?: AppId,
  ): Promise<void> {
    if (userIds.length === 0) return;
    // Until none is left: a rotation under way leaves a successor that the statement before could not see.
    while (await this.#deletes({ tenantId, trigger, userIds: [...userIds], onlyIn: onlyIn ?? null }));
  }

  /** Deletes the user's refresh tokens at the clients of every application, or of one, whatever its setting. */
  async end(tenantId: TenantId, userId: UserId, onlyIn?: AppId): Promise<void> {
    const scope = { tenantId, trigger: null, userIds: [userId], onlyIn: onlyIn ?? null };
    while (await this.#deletes(scope));
  }

  /** True if there was something to delete. */
  async #deletes(scope: {
    tenantId: TenantId;
    trigger: RefreshTokenTrigger | null;
    userIds: UserId[];
    onlyIn: AppId | null;
  }): Promise<boolean> {
    const { rows } = await sql`delete from refresh_tokens t using grants g, clients c, applications a
      where t.tenant_id = ${scope.tenantId} and g.grant_id = t.grant_id and g.user_id = any(${scope.userIds}::text[])
      and c.client_id = g.client_id and a.app_id = c.app_id
      and (${scope.onlyIn}::text is null or a.app_id = ${scope.onlyIn})
      and (${scope.trigger}::text is null
        or coalesce((a.settings->'refresh_token_invalidation_trigger_configuration'->>${scope.trigger})::boolean, true))
      returning 1`.execute(this.#db);
    return rows.length > 0;
  }
}
