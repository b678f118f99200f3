/** The verbs of an organization's members, for administrators of the tenant and of the organization. */
import type { AuditLog } from '../audit/audit-log.ts';
import { conflict, invalid, notFound } from '../base/errors.ts';
import type { AppId, OrganizationId, RoleId, UserId } from '../base/ids.ts';
import { RoleStore } from '../roles/role-store.ts';
import { type Database, isForeignKeyViolation } from '../storage/database.ts';
import { RefreshTokenTriggerStore } from '../users/refresh-token-trigger-store.ts';
import {
  DEFAULT_ROLES,
  type Organization,
  type OrganizationMember,
  type OrganizationPlace,
} from './organization.ts';
import { OrganizationMemberStore } from './organization-member-store.ts';
import { managedOrganization } from './organization-reach.ts';
import { type OrganizationAddress, rolesWithin } from './organization-role-service.ts';
import { type OrganizationCaller, recordOrganization } from './organization-trail.ts';

export interface NewMember {
  readonly userId: UserId;
  /** Where the roles are given. */
  readonly appId?: AppId;
  readonly roleIds: readonly string[];
}

const memberNotFound = () => notFound('Member not found');
const noApplication = () => notFound('Application not found in this organization');

export class OrganizationMemberService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  /** @throws 403, 404 */
  list(caller: OrganizationCaller, organizationId: OrganizationId): Promise<OrganizationMember[]> {
    return this.#within(caller, { organizationId }, (trx, organization) =>
      new OrganizationMemberStore(trx).list(organization),
    );
  }

  /** @throws 403, 404, 409 for who is a member already, 400 for a user or roles that are not there or out of reach. */
  add(
    caller: OrganizationCaller,
    organizationId: OrganizationId,
    input: NewMember,
  ): Promise<OrganizationMember> {
    const { userId, appId } = input;
    const at = { organizationId, ...(appId !== undefined && { appId }) };
    return this.#within(caller, at, async (trx, organization) => {
      const store = new OrganizationMemberStore(trx);
      // An organization's administrator knows the users of the application, not those of the tenant.
      const within = caller.kind === 'user' ? caller.appId : null;
      if (!(await store.holdUser(caller.tenantId, userId, within)))
        throw invalid(`user_id: unknown user ${userId}`);
      if (!(await store.add(organization, userId))) throw conflict('This user is already a member');
      if (appId !== undefined)
        await this.#setRoles(trx, caller, { organization, appId, userId, roleIds: input.roleIds });
      await this.#record(trx, caller, 'organization.member_added', organizationId, { user_id: userId });
      return (await store.find(organization, userId)) as OrganizationMember;
    });
  }

  /** Ends what the member obtained by signing in for the organization. @throws 403, 404 */
  remove(caller: OrganizationCaller, organizationId: OrganizationId, userId: UserId): Promise<void> {
    return this.#within(caller, { organizationId }, async (trx, organization) => {
      const store = new OrganizationMemberStore(trx);
      if (!(await store.find(organization, userId))) throw memberNotFound();
      await store.endSignIns(organization, { userId });
      await store.remove(organization, userId);
      await this.#record(trx, caller, 'organization.member_removed', organizationId, { user_id: userId });
    });
  }

  /** Replaces the member's roles in the application. @throws 403, 404, 400 naming roles that cannot be given. */
  setRoles(
    caller: OrganizationCaller,
    at: OrganizationAddress,
    userId: UserId,
    roleIds: readonly string[],
  ): Promise<void> {
    return this.#within(caller, at, async (trx, organization) => {
      if (!(await new OrganizationMemberStore(trx).find(organization, userId))) throw memberNotFound();
      await this.#setRoles(trx, caller, { organization, appId: at.appId, userId, roleIds });
      await this.#record(trx, caller, 'organization.member_roles_set', at.organizationId, {
        app_id: at.appId,
        user_id: userId,
        role_ids: roleIds,
      });
    });
  }

  async #setRoles(
    db: Database,
    caller: OrganizationCaller,
    to: { organization: Organization; appId: AppId; userId: UserId; roleIds: readonly string[] },
  ): Promise<void> {
    const { tenantId, organizationId } = to.organization;
    const place = { tenantId, organizationId, appId: to.appId };
    const ids = [...new Set(to.roleIds)] as RoleId[];
    const allowed = await rolesToGive(db, caller, place, ids);
    const refused = ids.filter((id) => !allowed.has(id));
    if (refused.length > 0) throw invalid(...refused.map((id) => `role_ids: unknown role ${id}`));
    await new OrganizationMemberStore(db).setRoles(place, to.userId, ids);
    const triggers = new RefreshTokenTriggerStore(db);
    await triggers.pull(tenantId, 'invalidateOnMemberRoleUpdate', [to.userId], to.appId);
  }

  async #within<T>(
    caller: OrganizationCaller,
    at: { organizationId: OrganizationId; appId?: AppId },
    work: (trx: Database, organization: Organization) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#db.transaction().execute(async (trx) => {
        const organization = await managedOrganization(trx, caller, at);
        if (at.appId !== undefined && !organization.appIds.includes(at.appId)) throw noApplication();
        return work(trx, organization);
      });
    } catch (error) {
      // The role or the application went away between the look and the write.
      if (isForeignKeyViolation(error)) throw invalid('role_ids: unknown role');
      throw error;
    }
  }

  #record(
    db: Database,
    caller: OrganizationCaller,
    type: string,
    organizationId: OrganizationId,
    details: Record<string, unknown>,
  ): Promise<void> {
    return recordOrganization(this.#audit, db, caller, { type, organizationId, details });
  }
}

/** The tenant's administrators give any role of the application, those of an organization what was put at its disposal. */
async function rolesToGive(
  db: Database,
  caller: OrganizationCaller,
  place: OrganizationPlace,
  ids: readonly RoleId[],
): Promise<ReadonlySet<RoleId>> {
  if (caller.kind === 'admin')
    return new Set([...DEFAULT_ROLES, ...(await new RoleStore(db).known(place, ids))]);
  const { roles, roleGroups } = await rolesWithin(db, place);
  const given = [...roles, ...roleGroups.flatMap((group) => group.roles)];
  return new Set([...DEFAULT_ROLES, ...given.map((role) => role.roleId)]);
}
