/** Rows for the roles that an organization may give to its members in an application (management-api.md section 13). */
import type Koa from 'koa';
import type { AdminCaller } from '../base/caller.ts';
import type { AppId, OrganizationId } from '../base/ids.ts';
import { bodyOf, pathId, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import { DEFAULT_ROLES, defaultRole, type OrganizationRoles } from '../organizations/organization.ts';
import type {
  OrganizationAddress,
  OrganizationRoleService,
} from '../organizations/organization-role-service.ts';
import {
  roleGroupIds,
  roleGroupsAnswer,
  rolesAndGroups,
  rolesAndGroupsAnswer,
} from './organization-schema.ts';
import { toOuterRole, toOuterRoleGroup } from './role-schema.ts';

const tokens = ['admin'] as const;
const tag = 'Organizations';
const PLACE = '/v1/applications/:appId/organizations/:organization_id';
const may = (...actions: string[]): string[] =>
  actions.flatMap((action) => [`organizations:${action}`, `orgs:${action}`]);

const addressOf = (ctx: Koa.Context): OrganizationAddress => ({
  appId: pathId<AppId>(ctx, 'appId'),
  organizationId: pathId<OrganizationId>(ctx, 'organization_id'),
});

export const organizationRoleRoutes = (roles: OrganizationRoleService): Row[] => [
  {
    method: 'post',
    path: `${PLACE}/role-groups/set`,
    tokens,
    permissions: may('edit'),
    status: 202,
    operation: {
      id: 'setAssignedRoleGroups',
      summary: 'Replace the role groups that an organization may give in an application',
      tag,
      body: roleGroupIds,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const body = validate(roleGroupIds, bodyOf(ctx));
      await roles.set(caller, addressOf(ctx), { roleGroupIds: body.role_group_ids });
    },
  },
  {
    method: 'get',
    path: `${PLACE}/role-groups`,
    tokens,
    permissions: may('read'),
    status: 200,
    operation: {
      id: 'getAssignedRoleGroups',
      summary: 'Read the role groups that an organization may give in an application',
      tag,
      answer: roleGroupsAnswer,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const { role_groups, default_organization_roles } = outer(
        ctx,
        await roles.get(caller, addressOf(ctx)),
        caller,
      );
      return { result: { role_groups, default_organization_roles } };
    },
  },
  {
    method: 'post',
    path: `${PLACE}/roles-and-groups/set`,
    tokens,
    permissions: may('edit'),
    status: 202,
    operation: {
      id: 'setAssignedRolesAndGroups',
      summary: 'Replace the roles, the role groups or both that an organization may give in an application',
      tag,
      body: rolesAndGroups,
    },
    handle: async (ctx, caller: AdminCaller) => {
      const body = validate(rolesAndGroups, bodyOf(ctx));
      await roles.set(caller, addressOf(ctx), {
        ...(body.role_group_ids !== undefined && { roleGroupIds: body.role_group_ids }),
        ...(body.role_ids !== undefined && { roleIds: body.role_ids }),
      });
    },
  },
  {
    method: 'get',
    path: `${PLACE}/roles-and-groups`,
    tokens,
    permissions: may('read'),
    status: 200,
    operation: {
      id: 'getAssignedRolesAndGroups',
      summary: 'Read the roles and role groups that an organization may give in an application',
      tag,
      answer: rolesAndGroupsAnswer,
    },
    handle: async (ctx, caller: AdminCaller) => ({
      result: outer(ctx, await roles.get(caller, addressOf(ctx)), caller),
    }),
  },
];

const outer = (ctx: Koa.Context, given: OrganizationRoles, { tenantId }: AdminCaller) => ({
  role_groups: given.roleGroups.map(toOuterRoleGroup),
  default_organization_roles: DEFAULT_ROLES.map((id) =>
    toOuterRole(defaultRole(tenantId, pathId<AppId>(ctx, 'appId'), id)),
  ),
  roles: given.roles.map(toOuterRole),
});
