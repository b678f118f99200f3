/** Reads and writes which user, group or application has which role. */
import { sql } from 'kysely';
import type { AppId, GroupId, RoleId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { RoleEntityType } from '../storage/tables.ts';

export class RoleAssignmentStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Those of the ids that can have a role. */
  async known(tenantId: TenantId, type: RoleEntityType, ids: readonly string[]): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    if (type === 'Group') {
      const rows = await this.#db
        .selectFrom('groups')
        .select('group_id')
        .where('tenant_id', '=', tenantId)
        .where('group_id', 'in', ids as GroupId[])
        .execute();
      return new Set(rows.map((row) => row.group_id));
    }
    if (type === 'User') {
      const rows = await this.#db
        .selectFrom('users')
        .select('user_id')
        .where('tenant_id', '=', tenantId)
        .where('user_id', 'in', ids as UserId[])
        .execute();
      return new Set(rows.map((row) => row.user_id));
    }
    const rows = await this.#db
      .selectFrom('applications')
      .select('app_id')
      .where('tenant_id', '=', tenantId)
      .where('app_id', 'in', ids as AppId[])
      .execute();
    return new Set(rows.map((row) => row.app_id));
  }

  /** Adds what is not there yet; returns the ids that were added. */
  async add(
    tenantId: TenantId,
    roleId: RoleId,
    type: RoleEntityType,
    ids: readonly string[],
  ): Promise<string[]> {
    if (ids.length === 0) return [];
    const rows = await this.#db
      .insertInto('role_assignments')
      .values(ids.map((id) => ({ tenant_id: tenantId, role_id: roleId, entity_type: type, entity_id: id })))
      .onConflict((on) => on.doNothing())
      .returning('entity_id')
      .execute();
    return rows.map((row) => row.entity_id);
  }

  /** Takes the role from whatever has this id; returns the kinds of it, none if nothing had it. */
  async remove(tenantId: TenantId, roleId: RoleId, entityId: string): Promise<RoleEntityType[]> {
    const rows = await this.#db
      .deleteFrom('role_assignments')
      .where('tenant_id', '=', tenantId)
      .where('role_id', '=', roleId)
      .where('entity_id', '=', entityId)
      .returning('entity_type')
      .execute();
    return rows.map((row) => row.entity_type);
  }

  /** The users that have the role, themselves or through a group. */
  async usersWith(tenantId: TenantId, roleId: RoleId): Promise<UserId[]> {
    const { rows } = await sql<{ user_id: UserId }>`
      select user_id from role_assignments
      where tenant_id = ${tenantId} and role_id = ${roleId} and user_id is not null
      union
      select m.user_id from role_assignments a join group_users m on m.group_id = a.assigned_group_id
      where a.tenant_id = ${tenantId} and a.role_id = ${roleId}`.execute(this.#db);
    return rows.map((row) => row.user_id);
  }

  /** The users of these groups. */
  async usersOfGroups(tenantId: TenantId, groupIds: readonly string[]): Promise<UserId[]> {
    if (groupIds.length === 0) return [];
    const rows = await this.#db
      .selectFrom('group_users')
      .select('user_id')
      .distinct()
      .where('tenant_id', '=', tenantId)
      .where('group_id', 'in', groupIds as GroupId[])
      .execute();
    return rows.map((row) => row.user_id);
  }
}
