/** Reads and writes groups of roles. */
import type { Selectable } from 'kysely';
import type { AppId, RoleGroupId, RoleId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { RoleGroupsTable } from '../storage/tables.ts';
import type { Role, RoleGroup, RoleGroupInput } from './role.ts';
import { toRole } from './role-store.ts';

/** The application, in its tenant, to which a group belongs. */
export interface RoleGroupHome {
  readonly tenantId: TenantId;
  readonly appId: AppId;
}

export class RoleGroupStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(home: RoleGroupHome, groupId: RoleGroupId): Promise<RoleGroup | undefined> {
    const row = await this.#of(home).where('group_id', '=', groupId).executeTakeFirst();
    return row && toGroup(row, (await this.#roles([groupId])).get(groupId));
  }

  /** As `find`, and keeps others from changing it until the transaction ends. */
  async findLocked(home: RoleGroupHome, groupId: RoleGroupId): Promise<RoleGroup | undefined> {
    await this.#of(home).where('group_id', '=', groupId).forUpdate().execute();
    return this.find(home, groupId);
  }

  /** Oldest first. */
  async list(home: RoleGroupHome): Promise<RoleGroup[]> {
    const rows = await this.#of(home).orderBy('created_at').orderBy('group_id').execute();
    const roles = await this.#roles(rows.map((row) => row.group_id));
    return rows.map((row) => toGroup(row, roles.get(row.group_id)));
  }

  async insert(
    { tenantId, appId }: RoleGroupHome,
    groupId: RoleGroupId,
    input: RoleGroupInput,
  ): Promise<void> {
    await this.#db
      .insertInto('role_groups')
      .values({
        tenant_id: tenantId,
        app_id: appId,
        group_id: groupId,
        name: input.name,
        display_name: input.displayName,
        description: input.description,
      })
      .execute();
  }

  /** False if it was not there. */
  async update(home: RoleGroupHome, groupId: RoleGroupId, input: Partial<RoleGroupInput>): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('role_groups')
      .set({
        ...(input.name !== undefined && { name: input.name }),
        ...(input.displayName !== undefined && { display_name: input.displayName }),
        ...(input.description !== undefined && { description: input.description }),
        updated_at: new Date(),
      })
      .where('tenant_id', '=', home.tenantId)
      .where('app_id', '=', home.appId)
      .where('group_id', '=', groupId)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** False if it was not there. */
  async remove(home: RoleGroupHome, groupId: RoleGroupId): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('role_groups')
      .where('tenant_id', '=', home.tenantId)
      .where('app_id', '=', home.appId)
      .where('group_id', '=', groupId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Replaces the roles of the group, in this order. */
  async setRoles(tenantId: TenantId, groupId: RoleGroupId, ids: readonly RoleId[]): Promise<void> {
    await this.#db.deleteFrom('role_group_roles').where('group_id', '=', groupId).execute();
    if (ids.length === 0) return;
    const rows = ids.map((id, position) => ({
      tenant_id: tenantId,
      group_id: groupId,
      role_id: id,
      position,
    }));
    await this.#db.insertInto('role_group_roles').values(rows).execute();
  }

  async #roles(groupIds: readonly RoleGroupId[]): Promise<Map<RoleGroupId, Role[]>> {
    if (groupIds.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom('role_group_roles as g')
      .innerJoin('roles as r', 'r.role_id', 'g.role_id')
      .selectAll('r')
      .select('g.group_id')
      .where('g.group_id', 'in', [...groupIds])
      .orderBy('g.position')
      .execute();
    const byGroup = Map.groupBy(rows, (row) => row.group_id);
    return new Map([...byGroup].map(([groupId, members]) => [groupId, members.map(toRole)]));
  }

  #of({ tenantId, appId }: RoleGroupHome) {
    return this.#db
      .selectFrom('role_groups')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId);
  }
}

const toGroup = (row: Selectable<RoleGroupsTable>, roles: readonly Role[] = []): RoleGroup => ({
  groupId: row.group_id,
  tenantId: row.tenant_id,
  appId: row.app_id,
  name: row.name,
  displayName: row.display_name,
  description: row.description,
  roles,
});
