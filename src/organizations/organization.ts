/** An organization: a business customer of the tenant, with the applications that its members use. */
import type { AppId, OrganizationId, RoleId, TenantId, UserId } from '../base/ids.ts';
import type { Role, RoleGroup } from '../roles/role.ts';

/** What a caller may set. */
export interface OrganizationInput {
  readonly name: string;
  readonly aliasName: string;
  /** Lower case; the first is the one that the deprecated `domain` shows. */
  readonly domains: readonly string[];
  readonly enabled: boolean;
}

export interface Organization extends OrganizationInput {
  readonly tenantId: TenantId;
  readonly organizationId: OrganizationId;
  readonly appIds: readonly AppId[];
  /** The organization that made this one, in one of its applications. */
  readonly managedBy?: OrganizationId;
  readonly manages: readonly { readonly appId: AppId; readonly organizationId: OrganizationId }[];
  /** Epoch milliseconds of the last upload; absent without a logo. */
  readonly logoAt?: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An organization in one of its applications. */
export interface OrganizationPlace {
  readonly tenantId: TenantId;
  readonly organizationId: OrganizationId;
  readonly appId: AppId;
}

/** What an organization may give to its members in an application. */
export interface OrganizationRoles {
  readonly roleGroups: readonly RoleGroup[];
  readonly roles: readonly Role[];
}

export interface OrganizationMember {
  readonly userId: UserId;
  readonly addedAt: Date;
  readonly roles: readonly { readonly appId: AppId; readonly roleId: RoleId }[];
}

/** Every organization has them in every application; either makes a member an administrator (tokens-and-sessions.md 1). */
export const DEFAULT_ROLES = [
  'organizationAdmin',
  'organizationCreator',
] as readonly string[] as readonly RoleId[];

export const defaultRole = (tenantId: TenantId, appId: AppId, roleId: RoleId): Role => ({
  tenantId,
  appId,
  roleId,
  name: roleId,
  displayName: '',
  description: '',
  permissions: [],
});
