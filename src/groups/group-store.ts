/** Reads and writes the rows of groups. */
import type { Selectable } from 'kysely';
import type { AppId, GroupId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { GroupsTable } from '../storage/tables.ts';
import type { Group, GroupInput } from './group.ts';

export class GroupStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async find(tenantId: TenantId, groupId: GroupId): Promise<Group | undefined> {
    const row = await this.#of(tenantId).where('group_id', '=', groupId).executeTakeFirst();
    return row && toGroup(row);
  }

  /** Held until the transaction ends, so that two writers see each other's work. */
  async lock(tenantId: TenantId, groupId: GroupId): Promise<void> {
    await this.#of(tenantId).where('group_id', '=', groupId).forUpdate().execute();
  }

  /** Oldest first. */
  async list(tenantId: TenantId): Promise<Group[]> {
    const rows = await this.#of(tenantId).orderBy('created_at').orderBy('group_id').execute();
    return rows.map(toGroup);
  }

  /** The groups of a user, oldest group first. */
  async ofUser(tenantId: TenantId, userId: UserId): Promise<Group[]> {
    const rows = await this.#db
      .selectFrom('group_users as m')
      .innerJoin('groups as g', 'g.group_id', 'm.group_id')
      .selectAll('g')
      .where('m.user_id', '=', userId)
      .where('g.tenant_id', '=', tenantId)
      .orderBy('g.created_at')
      .orderBy('g.group_id')
      .execute();
    return rows.map(toGroup);
  }

  async insert(tenantId: TenantId, groupId: GroupId, input: GroupInput): Promise<Group> {
    const row = await this.#db
      .insertInto('groups')
      .values({
        tenant_id: tenantId,
        group_id: groupId,
        name: input.name,
        description: input.description,
        custom_data: JSON.stringify(input.customData),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toGroup(row);
  }

  /** Of a group that is locked. */
  async update(group: Group, input: Partial<GroupInput>): Promise<Group> {
    const row = await this.#db
      .updateTable('groups')
      .set({
        ...(input.name !== undefined && { name: input.name }),
        ...(input.description !== undefined && { description: input.description }),
        ...(input.customData !== undefined && { custom_data: JSON.stringify(input.customData) }),
        updated_at: new Date(),
      })
      .where('tenant_id', '=', group.tenantId)
      .where('group_id', '=', group.groupId)
      .returningAll()
      .executeTakeFirstOrThrow();
    return toGroup(row);
  }

  /** Takes its users' membership and its roles with it. */
  async remove(tenantId: TenantId, groupId: GroupId): Promise<void> {
    await this.#db
      .deleteFrom('groups')
      .where('tenant_id', '=', tenantId)
      .where('group_id', '=', groupId)
      .execute();
  }

  /** The applications in which the group has roles. */
  async applicationsOf(tenantId: TenantId, groupId: GroupId): Promise<AppId[]> {
    const rows = await this.#db
      .selectFrom('role_assignments as a')
      .innerJoin('roles as r', 'r.role_id', 'a.role_id')
      .select('r.app_id')
      .distinct()
      .where('a.tenant_id', '=', tenantId)
      .where('a.assigned_group_id', '=', groupId)
      .execute();
    return rows.flatMap(({ app_id }) => (app_id === null ? [] : [app_id]));
  }

  #of(tenantId: TenantId) {
    return this.#db.selectFrom('groups').selectAll().where('tenant_id', '=', tenantId);
  }
}

const toGroup = (row: Selectable<GroupsTable>): Group => ({
  tenantId: row.tenant_id,
  groupId: row.group_id,
  name: row.name,
  description: row.description,
  customData: row.custom_data,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
