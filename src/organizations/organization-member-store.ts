/** Reads and writes who is a member of an organization, with which roles. */
import { sql } from 'kysely';
import type { AppId, OrganizationId, RoleId, TenantId, UserId } from '../base/ids.ts';
import type { HeldRole } from '../roles/role.ts';
import type { Database } from '../storage/database.ts';
import { DEFAULT_ROLES, type OrganizationMember, type OrganizationPlace } from './organization.ts';

/** An organization in its tenant. */
interface Home {
  readonly tenantId: TenantId;
  readonly organizationId: OrganizationId;
}
interface Row {
  readonly user_id: UserId;
  readonly created_at: Date;
  readonly roles: { appId: AppId; roleId: RoleId }[];
}

export class OrganizationMemberStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** In the order in which they came; one of them where a user is named. */
  async list(
    { tenantId, organizationId }: Home,
    userId: UserId | null = null,
  ): Promise<OrganizationMember[]> {
    const { rows } = await sql<Row>`select m.user_id, m.created_at,
      coalesce((select json_agg(json_build_object('appId', r.app_id, 'roleId', r.role_id)
        order by r.app_id, r.position) from organization_member_roles r
        where r.organization_id = m.organization_id and r.user_id = m.user_id), '[]') as roles
      from organization_members m
      where m.tenant_id = ${tenantId} and m.organization_id = ${organizationId}
      and (${userId}::text is null or m.user_id = ${userId})
      order by m.created_at, m.user_id`.execute(this.#db);
    return rows.map((row) => ({ userId: row.user_id, addedAt: row.created_at, roles: row.roles }));
  }

  async find(home: Home, userId: UserId): Promise<OrganizationMember | undefined> {
    return (await this.list(home, userId))[0];
  }

  /** True for a user of the tenant; of this application, if one is named. Held until the transaction ends. */
  async holdUser(tenantId: TenantId, userId: UserId, appId: AppId | null): Promise<boolean> {
    const { rows } = await sql`select 1 from users u where u.tenant_id = ${tenantId} and u.user_id = ${userId}
      and (${appId}::text is null or exists (select 1 from user_applications a
        where a.user_id = u.user_id and a.app_id = ${appId}))
      for key share`.execute(this.#db);
    return rows.length > 0;
  }

  /** False if the user was a member before. */
  async add({ tenantId, organizationId }: Home, userId: UserId): Promise<boolean> {
    const added = await this.#db
      .insertInto('organization_members')
      .values({ tenant_id: tenantId, organization_id: organizationId, user_id: userId })
      .onConflict((on) => on.doNothing())
      .returning('user_id')
      .executeTakeFirst();
    return added !== undefined;
  }

  async remove({ tenantId, organizationId }: Home, userId: UserId): Promise<void> {
    await this.#db
      .deleteFrom('organization_members')
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .where('user_id', '=', userId)
      .execute();
  }

  /** Replaces the member's roles in the application. */
  async setRoles(place: OrganizationPlace, userId: UserId, ids: readonly RoleId[]): Promise<void> {
    const { tenantId, organizationId, appId } = place;
    await this.#db
      .deleteFrom('organization_member_roles')
      .where('tenant_id', '=', tenantId)
      .where('organization_id', '=', organizationId)
      .where('user_id', '=', userId)
      .where('app_id', '=', appId)
      .execute();
    if (ids.length === 0) return;
    const head = { tenant_id: tenantId, organization_id: organizationId, user_id: userId, app_id: appId };
    await this.#db
      .insertInto('organization_member_roles')
      .values(ids.map((id, position) => ({ ...head, role_id: id, position })))
      .execute();
  }

  /** True for a member of an enabled organization that has this application. */
  async mayEnter({ tenantId, organizationId, appId }: OrganizationPlace, userId: UserId): Promise<boolean> {
    const { rows } = await sql`select 1 from organization_members m
      join organizations o on o.organization_id = m.organization_id
      join organization_apps a on a.organization_id = m.organization_id and a.app_id = ${appId}
      where m.tenant_id = ${tenantId} and m.organization_id = ${organizationId} and m.user_id = ${userId}
      and o.enabled`.execute(this.#db);
    return rows.length > 0;
  }

  /** True where the member has one of the default roles in the application of an enabled organization. */
  async isAdministrator(place: OrganizationPlace, userId: UserId): Promise<boolean> {
    if (!(await this.mayEnter(place, userId))) return false;
    return (await this.rolesOf(place, userId)).some(({ roleId }) => DEFAULT_ROLES.includes(roleId));
  }

  /** The roles that a member has in an application by way of the organization. */
  async rolesOf({ tenantId, organizationId, appId }: OrganizationPlace, userId: UserId): Promise<HeldRole[]> {
    const { rows } = await sql<HeldRole>`select m.role_id as "roleId",
      coalesce(r.role_name, m.role_id) as "name", coalesce(r.permissions, '[]'::jsonb) as "permissions"
      from organization_member_roles m left join roles r on r.role_id = m.app_role_id
      where m.tenant_id = ${tenantId} and m.organization_id = ${organizationId} and m.user_id = ${userId}
      and m.app_id = ${appId} order by m.position`.execute(this.#db);
    return rows;
  }

  /** Ends what members obtained by signing in for the organization: all of it, or that of one user or some applications. */
  async endSignIns(
    { tenantId, organizationId }: Home,
    only: { userId?: UserId; appIds?: readonly AppId[] } = {},
  ): Promise<void> {
    const userId = only.userId ?? null;
    const appIds = only.appIds === undefined ? null : [...only.appIds];
    await sql`delete from grants g
      using organization_members m where m.tenant_id = ${tenantId} and m.organization_id = ${organizationId}
      and (${userId}::text is null or m.user_id = ${userId})
      and g.tenant_id = m.tenant_id and g.user_id = m.user_id
      and g.payload->'tessera'->>'organizationId' = ${organizationId}
      and (${appIds}::text[] is null or exists (select 1 from clients c
        where c.client_id = g.client_id and c.app_id = any(${appIds}::text[])))`.execute(this.#db);
  }
}
