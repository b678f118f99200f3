/** Decides what an organization may give to its members in an application: roles and role groups of that application. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { AdminCaller } from '../base/caller.ts';
import { notFound } from '../base/errors.ts';
import type { AppId, OrganizationId, RoleGroupId, RoleId } from '../base/ids.ts';
import type { RoleGroup } from '../roles/role.ts';
import { RoleGroupStore } from '../roles/role-group-store.ts';
import { RoleStore } from '../roles/role-store.ts';
import { type Database, isForeignKeyViolation } from '../storage/database.ts';
import type { OrganizationPlace, OrganizationRoles } from './organization.ts';
import { OrganizationRoleStore } from './organization-role-store.ts';
import { lockedOrganization, recordOrganization } from './organization-trail.ts';

/** The organization and the application that a path names. */
export interface OrganizationAddress {
  readonly organizationId: OrganizationId;
  readonly appId: AppId;
}

/** Absent members stay. */
export interface OrganizationRoleInput {
  readonly roleGroupIds?: readonly string[];
  readonly roleIds?: readonly string[];
}

const unknown = (kind: string, ids: readonly string[]) => notFound(`${kind} not found: ${ids.join(', ')}`);

export class OrganizationRoleService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  /** @throws 404 for the organization, and an application that it does not have. */
  get(caller: AdminCaller, at: OrganizationAddress): Promise<OrganizationRoles> {
    return this.#within(caller, at, (trx, place) => rolesWithin(trx, place));
  }

  /** Replaces what is given. @throws 404 also for a role or a role group that the application does not have. */
  set(caller: AdminCaller, at: OrganizationAddress, input: OrganizationRoleInput): Promise<void> {
    return this.#within(caller, at, async (trx, place) => {
      if (input.roleGroupIds !== undefined) await setGroups(trx, place, input.roleGroupIds as RoleGroupId[]);
      if (input.roleIds !== undefined) await setRoles(trx, place, input.roleIds as RoleId[]);
      await recordOrganization(this.#audit, trx, caller, {
        type: 'organization.roles_set',
        organizationId: at.organizationId,
        details: { app_id: at.appId, role_group_ids: input.roleGroupIds, role_ids: input.roleIds },
      });
    });
  }

  async #within<T>(
    caller: AdminCaller,
    { organizationId, appId }: OrganizationAddress,
    work: (trx: Database, place: OrganizationPlace) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#db.transaction().execute(async (trx) => {
        const organization = await lockedOrganization(trx, caller, organizationId);
        if (!organization.appIds.includes(appId))
          throw notFound('Application not found in this organization');
        return work(trx, { tenantId: caller.tenantId, organizationId, appId });
      });
    } catch (error) {
      // The role or the application went away between the look and the write.
      if (isForeignKeyViolation(error)) throw notFound('Role, role group or application not found');
      throw error;
    }
  }
}

/** What the organization may give in the application, in the order in which it was set. */
export async function rolesWithin(db: Database, place: OrganizationPlace): Promise<OrganizationRoles> {
  const [store, home] = [new OrganizationRoleStore(db), { tenantId: place.tenantId, appId: place.appId }];
  const roles = new Map((await new RoleStore(db).list(home)).map((role) => [role.roleId, role]));
  const groups = new Map<string, RoleGroup>(
    (await new RoleGroupStore(db).list(home)).map((group) => [group.groupId, group]),
  );
  return {
    roles: (await store.roleIds(place)).flatMap((id) => roles.get(id) ?? []),
    roleGroups: (await store.groupIds(place)).flatMap((id) => groups.get(id) ?? []),
  };
}

async function setRoles(db: Database, place: OrganizationPlace, roleIds: readonly RoleId[]): Promise<void> {
  const ids = [...new Set(roleIds)];
  const known = await new RoleStore(db).known(place, ids);
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length > 0) throw unknown('Role', missing);
  await new OrganizationRoleStore(db).setRoles(place, ids);
}

async function setGroups(db: Database, place: OrganizationPlace, groupIds: RoleGroupId[]): Promise<void> {
  const ids = [...new Set(groupIds)];
  const known = new Set((await new RoleGroupStore(db).list(place)).map((group) => group.groupId));
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length > 0) throw unknown('Role group', missing);
  await new OrganizationRoleStore(db).setGroups(place, ids);
}
