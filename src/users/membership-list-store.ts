/** The applications that people use and a user belongs to, by name. Machine access to the management API is none. */
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

export interface NamedMembership {
  readonly appId: AppId;
  readonly appName: string;
  readonly username?: string;
  readonly since: Date;
}

export class MembershipListStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  /** Oldest first. */
  async list(tenantId: TenantId, userId: UserId): Promise<NamedMembership[]> {
    const rows = await this.#db
      .selectFrom('user_applications as m')
      .innerJoin('applications as a', 'a.app_id', 'm.app_id')
      .select(['m.app_id', 'a.name', 'm.username', 'm.created_at'])
      .where('m.tenant_id', '=', tenantId)
      .where('m.user_id', '=', userId)
      .where('a.kind', '=', 'end_user')
      .orderBy('m.created_at')
      .orderBy('m.app_id')
      .execute();
    return rows.map(({ app_id, name, username, created_at }) => ({
      appId: app_id,
      appName: name,
      since: created_at,
      ...(username !== null && { username }),
    }));
  }
}
