/** Rows for groups of roles (management-api.md section 10). */
import type { ManagementCaller } from '../base/caller.ts';
import type { AppId, RoleGroupId } from '../base/ids.ts';
import { validate } from '../http/validate.ts';
import type { RoleGroupService } from '../roles/role-group-service.ts';
import {
  createRoleGroup,
  fromCreateRoleGroup,
  fromUpdateRoleGroup,
  roleIds,
  toOuterRoleGroup,
  updateRoleGroup,
} from './role-schema.ts';
import { bodyOf, pathId, type Row } from './route.ts';

const tokens = ['admin'] as const;
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
    handle: async (ctx, caller: ManagementCaller) => ({
      result: toOuterRoleGroup(await groups.get(caller, pathId<AppId>(ctx, 'appId'), pathId(ctx, 'groupId'))),
    }),
  },
  {
    method: 'put',
    path: `${GROUPS}/:groupId`,
    tokens,
    permissions: ['roles:edit'],
    status: 202,
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromUpdateRoleGroup(validate(updateRoleGroup, bodyOf(ctx)));
      const [appId, groupId] = [pathId<AppId>(ctx, 'appId'), pathId<RoleGroupId>(ctx, 'groupId')];
      return { result: toOuterRoleGroup(await groups.update(caller, appId, groupId, input)) };
    },
  },
  {
    method: 'delete',
    path: `${GROUPS}/:groupId`,
    tokens,
    permissions: ['roles:delete'],
    status: 202,
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
    handle: async (ctx, caller: ManagementCaller) => {
      const { role_ids } = validate(roleIds, bodyOf(ctx));
      const [appId, groupId] = [pathId<AppId>(ctx, 'appId'), pathId<RoleGroupId>(ctx, 'groupId')];
      return { result: toOuterRoleGroup(await groups.setRoles(caller, appId, groupId, role_ids)) };
    },
  },
];
