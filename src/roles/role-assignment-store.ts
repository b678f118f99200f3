/** Reads and writes which user, group or application has which role. */
import type { AppId, RoleId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { RoleEntityType } from '../storage/tables.ts';

export class RoleAssignmentStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Those of the ids that can have a role; groups cannot be looked up yet and are taken as they come. */
  async known(tenantId: TenantId, type: RoleEntityType, ids: readonly string[]): Promise<Set<string>> {
    if (type === 'Group' || ids.length === 0) return new Set(ids);
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

  /** The users that have the role. */
  async usersWith(tenantId: TenantId, roleId: RoleId): Promise<UserId[]> {
    const rows = await this.#db
      .selectFrom('role_assignments')
      .select('user_id')
      .where('tenant_id', '=', tenantId)
      .where('role_id', '=', roleId)
      .where('user_id', 'is not', null)
      .execute();
    return rows.flatMap((row) => (row.user_id === null ? [] : [row.user_id]));
  }
}
