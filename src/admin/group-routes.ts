/** Rows for groups and their users (management-api.md sections 12 and 13). */
import type { ManagementCaller } from '../base/caller.ts';
import type { GroupId } from '../base/ids.ts';
import type { GroupService } from '../groups/group-service.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import {
  createGroup,
  fromCreateGroup,
  fromUpdateGroup,
  groupAnswer,
  groupsAnswer,
  groupUserIds,
  groupUsersAnswer,
  toOuterGroup,
  toOuterGroupUser,
  updateGroup,
} from './group-schema.ts';

const tokens = ['client', 'admin'] as const;
const tag = 'Groups';
const GROUPS = '/v1/groups';

export const groupRoutes = (groups: GroupService): Row[] => [
  ...listRows(groups),
  ...singleRows(groups),
  ...userRows(groups),
];

const listRows = (groups: GroupService): Row[] => [
  {
    method: 'post',
    path: GROUPS,
    tokens,
    permissions: ['groups:create'],
    status: 201,
    operation: {
      id: 'createGroup',
      summary: 'Create a group of users',
      tag,
      body: createGroup,
      answer: groupAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromCreateGroup(validate(createGroup, bodyOf(ctx)));
      return { result: toOuterGroup(tagged(ctx, await groups.create(caller, input))) };
    },
  },
  {
    method: 'get',
    path: GROUPS,
    tokens,
    permissions: ['groups:read', 'groups:list'],
    status: 200,
    operation: { id: 'getGroups', summary: 'List the groups of the tenant', tag, answer: groupsAnswer },
    handle: async (_ctx, caller: ManagementCaller) => ({
      result: (await groups.list(caller)).map(toOuterGroup),
    }),
  },
  {
    method: 'get',
    path: '/v1/users/:user_id/groups',
    tokens,
    permissions: ['apps:read', '[appId]:read', 'groups:read'],
    status: 200,
    operation: { id: 'getUserGroups', summary: 'List the groups of a user', tag, answer: groupsAnswer },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: (await groups.ofUser(caller, pathId(ctx, 'user_id'))).map(toOuterGroup),
    }),
  },
];

const singleRows = (groups: GroupService): Row[] => [
  {
    method: 'get',
    path: `${GROUPS}/:group_id`,
    tokens,
    permissions: ['groups:read'],
    status: 200,
    operation: { id: 'getGroup', summary: 'Read a group', tag, answer: groupAnswer },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: toOuterGroup(tagged(ctx, await groups.get(caller, pathId(ctx, 'group_id')))),
    }),
  },
  {
    method: 'put',
    path: `${GROUPS}/:group_id`,
    tokens,
    permissions: ['groups:edit'],
    status: 200,
    operation: {
      id: 'updateGroup',
      summary: 'Change a group; absent fields stay',
      tag,
      body: updateGroup,
      answer: groupAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromUpdateGroup(validate(updateGroup, bodyOf(ctx)));
      const group = await groups.update(caller, pathId<GroupId>(ctx, 'group_id'), input);
      return { result: toOuterGroup(tagged(ctx, group)) };
    },
  },
  {
    method: 'delete',
    path: `${GROUPS}/:group_id`,
    tokens,
    permissions: ['groups:delete'],
    status: 204,
    operation: {
      id: 'deleteGroup',
      summary: 'Delete a group, and with it the roles that its users have through it',
      tag,
    },
    handle: (ctx, caller: ManagementCaller) => groups.remove(caller, pathId(ctx, 'group_id')),
  },
];

const userRows = (groups: GroupService): Row[] => [
  {
    method: 'get',
    path: `${GROUPS}/:group_id/users`,
    tokens,
    permissions: ['groups:read', 'groups:list'],
    status: 200,
    operation: {
      id: 'getGroupUsers',
      summary: 'List the users of a group; a client token sees those of its application',
      tag,
      answer: groupUsersAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: (await groups.users(caller, pathId(ctx, 'group_id'))).map(toOuterGroupUser),
    }),
  },
  {
    method: 'post',
    path: `${GROUPS}/:group_id/users`,
    tokens,
    permissions: ['groups:edit'],
    status: 204,
    operation: {
      id: 'addUsersToGroup',
      summary: 'Add users to a group; who is in it already stays',
      tag,
      body: groupUserIds,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const { user_ids } = validate(groupUserIds, bodyOf(ctx));
      await groups.addUsers(caller, pathId(ctx, 'group_id'), user_ids);
    },
  },
  {
    method: 'delete',
    path: `${GROUPS}/:group_id/users/:user_id`,
    tokens,
    permissions: ['groups:edit'],
    status: 204,
    operation: { id: 'removeUserFromGroup', summary: 'Take a user out of a group', tag },
    handle: (ctx, caller: ManagementCaller) =>
      groups.removeUser(caller, pathId(ctx, 'group_id'), pathId(ctx, 'user_id')),
  },
];
