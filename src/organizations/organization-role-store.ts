/** Reads and writes which roles and role groups an organization may give to its members in an application. */
import type { RoleGroupId, RoleId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { OrganizationPlace } from './organization.ts';

export class OrganizationRoleStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** In the order in which they were set. */
  async roleIds(place: OrganizationPlace): Promise<RoleId[]> {
    const rows = await this.#db
      .selectFrom('organization_roles')
      .select('role_id')
      .where('tenant_id', '=', place.tenantId)
      .where('organization_id', '=', place.organizationId)
      .where('app_id', '=', place.appId)
      .orderBy('position')
      .execute();
    return rows.map((row) => row.role_id);
  }

  /** In the order in which they were set. */
  async groupIds(place: OrganizationPlace): Promise<RoleGroupId[]> {
    const rows = await this.#db
      .selectFrom('organization_role_groups')
      .select('group_id')
      .where('tenant_id', '=', place.tenantId)
      .where('organization_id', '=', place.organizationId)
      .where('app_id', '=', place.appId)
      .orderBy('position')
      .execute();
    return rows.map((row) => row.group_id);
  }

  async setRoles(place: OrganizationPlace, ids: readonly RoleId[]): Promise<void> {
    await this.#db
      .deleteFrom('organization_roles')
      .where('tenant_id', '=', place.tenantId)
      .where('organization_id', '=', place.organizationId)
      .where('app_id', '=', place.appId)
      .execute();
    if (ids.length === 0) return;
    await this.#db
      .insertInto('organization_roles')
      .values(ids.map((id, position) => ({ ...columnsOf(place), role_id: id, position })))
      .execute();
  }

  async setGroups(place: OrganizationPlace, ids: readonly RoleGroupId[]): Promise<void> {
    await this.#db
      .deleteFrom('organization_role_groups')
      .where('tenant_id', '=', place.tenantId)
      .where('organization_id', '=', place.organizationId)
      .where('app_id', '=', place.appId)
      .execute();
    if (ids.length === 0) return;
    await this.#db
      .insertInto('organization_role_groups')
      .values(ids.map((id, position) => ({ ...columnsOf(place), group_id: id, position })))
      .execute();
  }
}

const columnsOf = ({ tenantId, organizationId, appId }: OrganizationPlace) => ({
  tenant_id: tenantId,
  organization_id: organizationId,
  app_id: appId,
});
