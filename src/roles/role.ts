/** A role: a named list of permissions, of the users of one application or of the tenant's clients. */
import type { AppId, RoleGroupId, RoleId, TenantId } from '../base/ids.ts';

/** Where a role lives: in an application (for its users), or in the tenant (for clients, `appId` null). */
export interface RoleHome {
  readonly tenantId: TenantId;
  readonly appId: AppId | null;
}

/** What a holder has of a role. */
export interface HeldRole {
  readonly roleId: RoleId;
  readonly name: string;
  readonly permissions: readonly string[];
}

export interface Role extends HeldRole, RoleHome {
  readonly displayName: string;
  readonly description: string;
}

/** What a caller may set; absent members keep their value. */
export interface RoleInput {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly permissions: readonly string[];
}

export interface RoleGroupInput {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
}

/** A named set of roles of one application. */
export interface RoleGroup extends RoleGroupInput {
  readonly groupId: RoleGroupId;
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly roles: readonly Role[];
}

/** The union of what the roles permit, each permission once. */
export const effectivePermissions = (roles: readonly Pick<HeldRole, 'permissions'>[]): string[] => [
  ...new Set(roles.flatMap((role) => role.permissions)),
];

// Contract D15 and management-api.md section 0: `apps:read`, or the id of one application in place of the resource.
const CLIENT_PERMISSION = /^[\w-]{1,128}:(create|read|edit|delete|list|execute)$/;

/** One sentence for each permission that no operation of the management API could ask for. */
export const clientPermissionProblems = (permissions: readonly string[]): string[] =>
  permissions
    .map((permission, at) => [permission, at] as const)
    .filter(([permission]) => !CLIENT_PERMISSION.test(permission))
    .map(
      ([, at]) =>
        `permissions.${at} must be a resource or an application id, a colon, and one of create, read, edit, delete, list, execute`,
    );
