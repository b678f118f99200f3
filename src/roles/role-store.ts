/** Reads and writes the rows of roles. */
import { type Selectable, sql } from 'kysely';
import type { AppId, ClientId, RoleId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { gathered } from '../storage/gathered.ts';
import type { RolesTable } from '../storage/tables.ts';
import type { HeldRole, Role, RoleHome, RoleInput } from './role.ts';

interface Holder {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly userId: UserId;
}

export class RoleStore {
  readonly #db: Database;
  readonly #rolesOf = gathered((keys: readonly Holder[]) => this.#ofUsers(keys));

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Keeps an application for end users there until the transaction ends. False if there is none. */
  async holdApplication(tenantId: TenantId, appId: AppId): Promise<boolean> {
    const row = await this.#db
      .selectFrom('applications')
      .select('app_id')
      .where('tenant_id', '=', tenantId)
      .where('app_id', '=', appId)
      .where('kind', '=', 'end_user')
      .forKeyShare()
      .executeTakeFirst();
    return row !== undefined;
  }

  async find(home: RoleHome, roleId: RoleId): Promise<Role | undefined> {
    const row = await this.#of(home).where('role_id', '=', roleId).executeTakeFirst();
    return row && toRole(row);
  }

  /** As `find`, and keeps others from changing it until the transaction ends. */
  async findLocked(home: RoleHome, roleId: RoleId): Promise<Role | undefined> {
    const row = await this.#of(home).where('role_id', '=', roleId).forUpdate().executeTakeFirst();
    return row && toRole(row);
  }

  /** Keeps the role there until the transaction ends. False if there is none. */
  async hold(home: RoleHome, roleId: RoleId): Promise<boolean> {
    const held = this.#of(home).where('role_id', '=', roleId).forKeyShare();
    return (await held.executeTakeFirst()) !== undefined;
  }

  /** Oldest first. */
  async list(home: RoleHome): Promise<Role[]> {
    const rows = await this.#of(home).orderBy('created_at').orderBy('role_id').execute();
    return rows.map(toRole);
  }

  /** Those of the ids that are roles of this home. */
  async known(home: RoleHome, ids: readonly RoleId[]): Promise<Set<RoleId>> {
    if (ids.length === 0) return new Set();
    const rows = await this.#of(home)
      .where('role_id', 'in', [...ids])
      .execute();
    return new Set(rows.map((row) => row.role_id));
  }

  async insert({ tenantId, appId }: RoleHome, roleId: RoleId, input: RoleInput): Promise<Role> {
    const row = await this.#db
      .insertInto('roles')
      .values({
        tenant_id: tenantId,
        app_id: appId,
        role_id: roleId,
        role_name: input.name,
        display_name: input.displayName,
        description: input.description,
        permissions: JSON.stringify(input.permissions),
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toRole(row);
  }

  async update(
    { tenantId, appId }: RoleHome,
    roleId: RoleId,
    input: Partial<RoleInput>,
  ): Promise<Role | undefined> {
    const row = await this.#db
      .updateTable('roles')
      .set({
        ...(input.name !== undefined && { role_name: input.name }),
        ...(input.displayName !== undefined && { display_name: input.displayName }),
        ...(input.description !== undefined && { description: input.description }),
        ...(input.permissions !== undefined && { permissions: JSON.stringify(input.permissions) }),
        updated_at: new Date(),
      })
      .where('tenant_id', '=', tenantId)
      .where('app_id', 'is not distinct from', appId)
      .where('role_id', '=', roleId)
      .returningAll()
      .executeTakeFirst();
    return row && toRole(row);
  }

  /**
   * Locks the clients that have this client role until the transaction ends.
   * @returns one that has no other role.
   */
  async soleHolder({ tenantId }: RoleHome, roleId: RoleId): Promise<ClientId | undefined> {
    await sql`select 1 from clients c where c.tenant_id = ${tenantId} and exists
      (select 1 from client_roles r where r.client_id = c.client_id and r.role_id = ${roleId})
      order by c.client_id for no key update`.execute(this.#db);
    const { rows } = await sql<{ client_id: ClientId }>`select client_id from client_roles r
      where r.tenant_id = ${tenantId} and r.role_id = ${roleId} and not exists (select 1 from client_roles other
        where other.client_id = r.client_id and other.role_id <> ${roleId})
      order by client_id limit 1`.execute(this.#db);
    return rows[0]?.client_id;
  }

  /** Takes its assignments with it. */
  async remove(home: RoleHome, roleId: RoleId): Promise<void> {
    await this.#db
      .deleteFrom('roles')
      .where('tenant_id', '=', home.tenantId)
      .where('app_id', 'is not distinct from', home.appId)
      .where('role_id', '=', roleId)
      .execute();
  }

  /** The roles a user has now in an application, those of the user's groups included, oldest role first; asked for at every token of a user. */
  ofUser(tenantId: TenantId, appId: AppId, userId: UserId): Promise<HeldRole[]> {
    return this.#rolesOf({ tenantId, appId, userId });
  }

  async #ofUsers(keys: readonly Holder[]): Promise<HeldRole[][]> {
    const column = (name: keyof Holder): string[] => keys.map((key) => key[name]);
    const { rows } = await sql<HeldRole & { at: number }>`
      select k.at, r.role_id as "roleId", r.role_name as "name", r.permissions
      from unnest(${column('tenantId')}::text[], ${column('appId')}::text[], ${column('userId')}::text[])
        with ordinality as k (tenant_id, app_id, user_id, at)
      cross join lateral (
        select role_id from role_assignments where user_id = k.user_id
        union
        select g.role_id from group_users m join role_assignments g on g.assigned_group_id = m.group_id
        where m.user_id = k.user_id
      ) a
      join roles r on r.role_id = a.role_id and r.tenant_id = k.tenant_id and r.app_id = k.app_id
      order by r.created_at, r.role_id`.execute(this.#db);
    const byKey = Map.groupBy(rows, ({ at }) => Number(at));
    return keys.map((_, index) => (byKey.get(index + 1) ?? []).map(({ at: _at, ...role }) => role));
  }

  #of({ tenantId, appId }: RoleHome) {
    return this.#db
      .selectFrom('roles')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .where('app_id', 'is not distinct from', appId);
  }
}

export const toRole = (row: Selectable<RolesTable>): Role => ({
  tenantId: row.tenant_id,
  roleId: row.role_id,
  appId: row.app_id,
  name: row.role_name,
  displayName: row.display_name,
  description: row.description,
  permissions: row.permissions,
});
