/** Rows for the roles of an application's users, and, ours, for client roles (management-api.md section 10). */
import type { ManagementCaller } from '../base/caller.ts';
import type { AppId, RoleId } from '../base/ids.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { RoleAssignmentService } from '../roles/role-assignment-service.ts';
import type { RoleService } from '../roles/role-service.ts';
import { roleAnswer, roleIdAnswer, rolesAnswer } from './role-answer-schema.ts';
import {
  assignments,
  createRole,
  fromCreateRole,
  fromUpdateRole,
  toOuterRole,
  updateRole,
} from './role-schema.ts';

const tokens = ['admin'] as const;
const tag = 'Roles';
const USER_ROLES = '/v1/applications/:appId/roles';
/** Ours: client roles are made in the portal, which uses these rows. */
const CLIENT_ROLES = '/v1/roles';

export interface RoleParts {
  readonly roles: RoleService;
  readonly assignments: RoleAssignmentService;
}

export const roleRoutes = (parts: RoleParts): Row[] => [
  ...userRoleRows(parts.roles),
  ...assignmentRows(parts.assignments),
  ...clientRoleRows(parts.roles),
];

const userRoleRows = (roles: RoleService): Row[] => [
  {
    method: 'post',
    path: USER_ROLES,
    tokens,
    permissions: ['roles:create'],
    status: 201,
    operation: {
      id: 'createRole',
      summary: 'Create a role of an application',
      tag,
      body: createRole,
      answer: roleIdAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromCreateRole(validate(createRole, bodyOf(ctx)));
      const role = await roles.create(caller, pathId<AppId>(ctx, 'appId'), input);
      return { result: { role_id: role.roleId } };
    },
  },
  {
    method: 'get',
    path: USER_ROLES,
    tokens,
    permissions: ['roles:read', 'roles:list'],
    status: 200,
    operation: { id: 'getRoles', summary: 'List the roles of an application', tag, answer: rolesAnswer },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: (await roles.list(caller, pathId<AppId>(ctx, 'appId'))).map(toOuterRole),
    }),
  },
  {
    method: 'get',
    path: `${USER_ROLES}/:roleId`,
    tokens,
    permissions: ['roles:read'],
    status: 200,
    operation: { id: 'getRole', summary: 'Read a role', tag, answer: roleAnswer },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: toOuterRole(
        tagged(ctx, await roles.get(caller, pathId<AppId>(ctx, 'appId'), pathId(ctx, 'roleId'))),
      ),
    }),
  },
  {
    method: 'put',
    path: `${USER_ROLES}/:roleId`,
    tokens,
    permissions: ['roles:edit'],
    status: 202,
    operation: {
      id: 'updateRole',
      summary: 'Change a role; absent members stay',
      tag,
      body: updateRole,
      answer: roleAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromUpdateRole(validate(updateRole, bodyOf(ctx)));
      const role = await roles.update(caller, pathId<AppId>(ctx, 'appId'), pathId(ctx, 'roleId'), input);
      return { result: toOuterRole(tagged(ctx, role)) };
    },
  },
  {
    method: 'delete',
    path: `${USER_ROLES}/:roleId`,
    tokens,
    permissions: ['roles:delete'],
    status: 202,
    operation: {
      id: 'deleteRole',
      summary: 'Delete a role, and take it from everybody who has it',
      tag,
      answer: roleIdAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const role = await roles.remove(caller, pathId<AppId>(ctx, 'appId'), pathId(ctx, 'roleId'));
      return { result: { role_id: role.roleId } };
    },
  },
];

const assignmentRows = (service: RoleAssignmentService): Row[] => [
  {
    method: 'post',
    path: `${USER_ROLES}/:roleId/assignments`,
    tokens,
    permissions: ['roles:edit'],
    status: 204,
    operation: {
      id: 'assignRole',
      summary: 'Give a role to users, groups or applications',
      tag,
      body: assignments,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const { entity_ids: ids, entity_type: type } = validate(assignments, bodyOf(ctx));
      const at = { appId: pathId<AppId>(ctx, 'appId'), roleId: pathId<RoleId>(ctx, 'roleId') };
      await service.assign(caller, at, { type, ids });
    },
  },
  {
    method: 'delete',
    path: `${USER_ROLES}/:roleId/assignments/:entityId`,
    tokens,
    permissions: ['roles:edit'],
    status: 204,
    operation: { id: 'unassignRole', summary: 'Take a role from one of them', tag },
    handle: async (ctx, caller: ManagementCaller) => {
      const at = { appId: pathId<AppId>(ctx, 'appId'), roleId: pathId<RoleId>(ctx, 'roleId') };
      await service.unassign(caller, at, pathId(ctx, 'entityId'));
    },
  },
];

const clientRoleRows = (roles: RoleService): Row[] => [
  {
    method: 'post',
    path: CLIENT_ROLES,
    tokens,
    permissions: ['roles:create'],
    status: 201,
    operation: {
      id: 'createClientRole',
      summary: 'Create a role for clients',
      tag,
      body: createRole,
      answer: roleAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromCreateRole(validate(createRole, bodyOf(ctx)));
      return { result: toOuterRole(await roles.create(caller, null, input)) };
    },
  },
  {
    method: 'get',
    path: CLIENT_ROLES,
    tokens,
    permissions: ['roles:read', 'roles:list'],
    status: 200,
    operation: { id: 'getClientRoles', summary: 'List the roles for clients', tag, answer: rolesAnswer },
    handle: async (_ctx, caller: ManagementCaller) => ({
      result: (await roles.list(caller, null)).map(toOuterRole),
    }),
  },
  {
    method: 'get',
    path: `${CLIENT_ROLES}/:roleId`,
    tokens,
    permissions: ['roles:read'],
    status: 200,
    operation: { id: 'getClientRole', summary: 'Read a role for clients', tag, answer: roleAnswer },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: toOuterRole(tagged(ctx, await roles.get(caller, null, pathId(ctx, 'roleId')))),
    }),
  },
  {
    method: 'put',
    path: `${CLIENT_ROLES}/:roleId`,
    tokens,
    permissions: ['roles:edit'],
    status: 200,
    operation: {
      id: 'updateClientRole',
      summary: 'Change a role for clients',
      tag,
      body: updateRole,
      answer: roleAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromUpdateRole(validate(updateRole, bodyOf(ctx)));
      const role = await roles.update(caller, null, pathId(ctx, 'roleId'), input);
      return { result: toOuterRole(tagged(ctx, role)) };
    },
  },
  {
    method: 'delete',
    path: `${CLIENT_ROLES}/:roleId`,
    tokens,
    permissions: ['roles:delete'],
    status: 204,
    operation: { id: 'deleteClientRole', summary: 'Delete a role for clients', tag },
    handle: async (ctx, caller: ManagementCaller) => {
      await roles.remove(caller, null, pathId(ctx, 'roleId'));
    },
  },
];
