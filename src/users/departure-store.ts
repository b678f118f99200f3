/** What goes with a user who leaves an application: tokens, consents of both kinds, roles, and what its organizations gave there. */
import { sql } from 'kysely';
import type { AppId, OrganizationId, RoleId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { User } from './user.ts';

/** What was taken, for the audit trail. */
export interface Departure {
  readonly roleIds: readonly RoleId[];
  /** The user is no member any more. */
  readonly leftOrganizationIds: readonly OrganizationId[];
  /** The user stays a member, by way of another application, and lost roles in this one. */
  readonly keptOrganizationIds: readonly OrganizationId[];
}

export class DepartureStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** Call it before the user is locked: who changes the members of an organization locks it first, then the user. */
  async holdOrganizations(tenantId: TenantId, userId: UserId): Promise<void> {
    await sql`select 1 from organizations o where o.tenant_id = ${tenantId} and exists
      (select 1 from organization_members m where m.organization_id = o.organization_id and m.user_id = ${userId})
      order by o.organization_id for update`.execute(this.#db);
  }

  /** @returns undefined, and takes nothing, where the user is not in the application. */
  async leave(user: User, appId: AppId): Promise<Departure | undefined> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('user_applications')
      .where('tenant_id', '=', user.tenantId)
      .where('user_id', '=', user.userId)
      .where('app_id', '=', appId)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return undefined;
    await this.#endDelegations(user, appId);
    await this.#endGrants(user, appId);
    const roleIds = await this.#takeRoles(user, appId);
    const withRoles = await this.#takeOrganizationRoles(user, appId);
    const left = await this.#leaveOrganizations(user, appId);
    const kept = withRoles.filter((id) => !left.includes(id));
    return { roleIds, leftOrganizationIds: left, keptOrganizationIds: kept };
  }

  /**
   * On either side: the actor would come back for tokens of somebody who is gone. A consent for every application stays
   * where the subject is in another one (management-api.md 12), and what it has given here ends. In this one it is not good
   * any more, and nowhere once the subject has left the last: that is no dependent user who has not come in yet.
   */
  async #endDelegations({ tenantId, userId }: User, appId: AppId): Promise<void> {
    await sql`delete from delegated_consents where tenant_id = ${tenantId} and app_id = ${appId}
      and ${userId} in (actor_id, subject_id)`.execute(this.#db);
    await sql`delete from delegated_consents where tenant_id = ${tenantId} and app_id is null and subject_id = ${userId}
      and not exists (select 1 from user_applications u join applications a on a.app_id = u.app_id
        where u.user_id = ${userId} and a.kind = 'end_user')`.execute(this.#db);
    await sql`delete from grants g using delegated_consents d, clients c
      where g.tenant_id = ${tenantId} and g.delegated_consent_id = d.consent_id and d.actor_id = ${userId}
      and c.client_id = g.client_id and c.app_id = ${appId}`.execute(this.#db);
  }

  /** Those to clients of the application, with the consents behind them. */
  async #endGrants(user: User, appId: AppId): Promise<void> {
    const clients = this.#db.selectFrom('clients').select('client_id').where('app_id', '=', appId);
    for (const table of ['consents', 'grants'] as const)
      await this.#db
        .deleteFrom(table)
        .where('tenant_id', '=', user.tenantId)
        .where('user_id', '=', user.userId)
        .where('client_id', 'in', clients)
        .execute();
  }

  async #takeRoles(user: User, appId: AppId): Promise<RoleId[]> {
    const roles = this.#db.selectFrom('roles').select('role_id').where('app_id', '=', appId);
    const rows = await this.#db
      .deleteFrom('role_assignments')
      .where('tenant_id', '=', user.tenantId)
      .where('user_id', '=', user.userId)
      .where('role_id', 'in', roles)
      .returning('role_id')
      .execute();
    return rows.map((row) => row.role_id);
  }

  async #takeOrganizationRoles(user: User, appId: AppId): Promise<OrganizationId[]> {
    const rows = await this.#db
      .deleteFrom('organization_member_roles')
      .where('tenant_id', '=', user.tenantId)
      .where('user_id', '=', user.userId)
      .where('app_id', '=', appId)
      .returning('organization_id')
      .execute();
    return [...new Set(rows.map((row) => row.organization_id))];
  }

  /** Organizations of the application in whose other applications the user is not either; ends the sign-ins for them. */
  async #leaveOrganizations({ tenantId, userId }: User, appId: AppId): Promise<OrganizationId[]> {
    const { rows } = await sql<{ organization_id: OrganizationId }>`delete from organization_members m
      where m.tenant_id = ${tenantId} and m.user_id = ${userId}
      and exists (select 1 from organization_apps a
        where a.organization_id = m.organization_id and a.app_id = ${appId})
      and not exists (select 1 from organization_apps a join user_applications u on u.app_id = a.app_id
        where a.organization_id = m.organization_id and u.user_id = m.user_id)
      returning m.organization_id`.execute(this.#db);
    const left = rows.map((row) => row.organization_id);
    await sql`delete from grants where tenant_id = ${tenantId} and user_id = ${userId}
      and payload->'tessera'->>'organizationId' = any(${left}::text[])`.execute(this.#db);
    return left;
  }
}
