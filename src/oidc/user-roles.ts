/** The roles a user has in an application now, asked for once in a request. */
import type { AppId, OrganizationId, TenantId, UserId } from '../base/ids.ts';
import type { OrganizationMemberStore } from '../organizations/organization-member-store.ts';
import type { HeldRole } from '../roles/role.ts';
import type { RoleStore } from '../roles/role-store.ts';
import { requestState } from './request-state.ts';

export interface RoleParts {
  readonly roles: Pick<RoleStore, 'ofUser'>;
  readonly organizations: Pick<OrganizationMemberStore, 'rolesOf'>;
  readonly tenantId: TenantId;
}

/** After a sign-in for an organization, with those that the user has there as a member. */
export type RolesOfUser = (
  appId: string,
  userId: string | undefined,
  organizationId?: OrganizationId,
) => Promise<readonly HeldRole[]>;

export const rolesOfUser =
  (parts: RoleParts): RolesOfUser =>
  async (appId, userId, organizationId) => {
    if (userId === undefined) return [];
    const { roles } = requestState();
    const key = [appId, userId, organizationId ?? ''].join(' ');
    const found = roles.get(key) ?? read(parts, appId as AppId, userId as UserId, organizationId);
    roles.set(key, found);
    return found;
  };

async function read(
  { roles, organizations, tenantId }: RoleParts,
  appId: AppId,
  userId: UserId,
  organizationId: OrganizationId | undefined,
): Promise<readonly HeldRole[]> {
  const own = await roles.ofUser(tenantId, appId, userId);
  if (organizationId === undefined) return own;
  const asMember = await organizations.rolesOf({ tenantId, organizationId, appId }, userId);
  const held = new Set(own.map((role) => role.roleId));
  return [...own, ...asMember.filter((role) => !held.has(role.roleId))];
}
