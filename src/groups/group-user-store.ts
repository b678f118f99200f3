/** Reads and writes which user is in which group. */
import { sql } from 'kysely';
import type { GroupId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Reach } from '../users/user.ts';
import type { GroupUser } from './group.ts';

export class GroupUserStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Those of the ids that are users whom the reach includes. */
  async known({ tenantId, appId }: Reach, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const users = this.#db
      .selectFrom('users')
      .select('users.user_id')
      .where('users.tenant_id', '=', tenantId)
      .where('users.user_id', 'in', ids as UserId[]);
    const within = appId === undefined ? users : users.where(isMemberOf(appId, 'users'));
    return new Set((await within.execute()).map((row) => row.user_id));
  }

  /** In the order in which they came. */
  async list({ tenantId, appId }: Reach, groupId: GroupId): Promise<GroupUser[]> {
    const users = this.#db
      .selectFrom('group_users')
      .select(['group_users.user_id', 'group_users.created_at'])
      .where('group_users.tenant_id', '=', tenantId)
      .where('group_users.group_id', '=', groupId);
    const within = appId === undefined ? users : users.where(isMemberOf(appId, 'group_users'));
    const rows = await within.orderBy('group_users.created_at').orderBy('group_users.user_id').execute();
    return rows.map((row) => ({ userId: row.user_id, addedAt: row.created_at }));
  }

  /** Every user of the group, whatever the application. */
  async ids(tenantId: TenantId, groupId: GroupId): Promise<UserId[]> {
    return (await this.list({ tenantId }, groupId)).map((user) => user.userId);
  }

  /** Adds those who are not there yet; returns who was added. */
  async add(tenantId: TenantId, groupId: GroupId, ids: readonly UserId[]): Promise<UserId[]> {
    if (ids.length === 0) return [];
    const rows = await this.#db
      .insertInto('group_users')
      .values(ids.map((userId) => ({ tenant_id: tenantId, group_id: groupId, user_id: userId })))
      .onConflict((on) => on.doNothing())
      .returning('user_id')
      .execute();
    return rows.map((row) => row.user_id);
  }

  /** False if the user was not in the group. */
  async remove(tenantId: TenantId, groupId: GroupId, userId: UserId): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('group_users')
      .where('tenant_id', '=', tenantId)
      .where('group_id', '=', groupId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }
}

const isMemberOf = (appId: string, table: 'users' | 'group_users') =>
  sql<boolean>`exists (select 1 from user_applications m
    where m.user_id = ${sql.ref(`${table}.user_id`)} and m.app_id = ${appId})`;
