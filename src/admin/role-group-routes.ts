/** Rows for groups of roles (management-api.md section 10). */
import type { ManagementCaller } from '../base/caller.ts';
import type { AppId, RoleGroupId } from '../base/ids.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { RoleGroupService } from '../roles/role-group-service.ts';
import { roleGroupAnswer, roleGroupIdAnswer, roleGroupsAnswer } from './role-answer-schema.ts';
import {
  createRoleGroup,
  fromCreateRoleGroup,
  fromUpdateRoleGroup,
  roleIds,
  toOuterRoleGroup,
  updateRoleGroup,
} from './role-schema.ts';

const tokens = ['admin'] as const;
const tag = 'Roles';
const GROUPS = '/v1/applications/:appId/role-groups';

export const roleGroupRoutes = (groups: RoleGroupService): Row[] => [
  ...listRows(groups),
  ...singleRows(groups),
];

const listRows = (groups: RoleGroupService): Row[] => [
  {
    method: 'post',
    path: GROUPS,
    tokens,
    permissions: ['roles:create'],
    status: 201,
    operation: {
      id: 'createRoleGroup',
      summary: 'Create a group of roles',
      tag,
      body: createRoleGroup,
      answer: roleGroupAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromCreateRoleGroup(validate(createRoleGroup, bodyOf(ctx)));
      return { result: toOuterRoleGroup(await groups.create(caller, pathId<AppId>(ctx, 'appId'), input)) };
    },
  },
  {
    method: 'get',
    path: GROUPS,
    tokens,
    permissions: ['roles:read', 'roles:list'],
    status: 200,
    operation: {
      id: 'getRoleGroups',
      summary: 'List the groups of roles of an application',
      tag,
      answer: roleGroupsAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: (await groups.list(caller, pathId<AppId>(ctx, 'appId'))).map(toOuterRoleGroup),
    }),
  },
];

const singleRows = (groups: RoleGroupService): Row[] => [
  {
    method: 'get',
    path: `${GROUPS}/:groupId`,
    tokens,
    permissions: ['roles:read'],
    status: 200,
    operation: { id: 'getRoleGroup', summary: 'Read a group of roles', tag, answer: roleGroupAnswer },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: toOuterRoleGroup(
        tagged(ctx, await groups.get(caller, pathId<AppId>(ctx, 'appId'), pathId(ctx, 'groupId'))),
      ),
    }),
  },
  {
    method: 'put',
    path: `${GROUPS}/:groupId`,
    tokens,
    permissions: ['roles:edit'],
    status: 202,
    operation: {
      id: 'updateRoleGroup',
      summary: 'Change a group of roles',
      tag,
      body: updateRoleGroup,
      answer: roleGroupAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromUpdateRoleGroup(validate(updateRoleGroup, bodyOf(ctx)));
      const [appId, groupId] = [pathId<AppId>(ctx, 'appId'), pathId<RoleGroupId>(ctx, 'groupId')];
      return { result: toOuterRoleGroup(tagged(ctx, await groups.update(caller, appId, groupId, input))) };
    },
  },
  {
    method: 'delete',
    path: `${GROUPS}/:groupId`,
    tokens,
    permissions: ['roles:delete'],
    status: 202,
    operation: {
      id: 'deleteRoleGroup',
      summary: 'Delete a group; its roles stay',
      tag,
      answer: roleGroupIdAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const groupId = pathId<RoleGroupId>(ctx, 'groupId');
      await groups.remove(caller, pathId<AppId>(ctx, 'appId'), groupId);
      return { result: { group_id: groupId } };
    },
  },
  {
    method: 'post',
    path: `${GROUPS}/:groupId/roles/set`,
    tokens,
    permissions: ['roles:edit'],
    status: 202,
    operation: {
      id: 'setRolesOfRoleGroup',
      summary: 'Replace the roles of a group',
      tag,
      body: roleIds,
      answer: roleGroupAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const { role_ids } = validate(roleIds, bodyOf(ctx));
      const [appId, groupId] = [pathId<AppId>(ctx, 'appId'), pathId<RoleGroupId>(ctx, 'groupId')];
      return { result: toOuterRoleGroup(await groups.setRoles(caller, appId, groupId, role_ids)) };
    },
  },
];
