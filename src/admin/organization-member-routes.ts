/** Rows for the members of an organization, open to its own administrators too (management-api.md sections 10 and 13). */
import type { AppId, OrganizationId, UserId } from '../base/ids.ts';
import { bodyOf, pathId, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { OrganizationMemberService } from '../organizations/organization-member-service.ts';
import type { OrganizationCaller } from '../organizations/organization-trail.ts';
import { memberAnswer, membersAnswer, newMember, toOuterMember } from './organization-schema.ts';
import { roleIds } from './role-schema.ts';

const tokens = ['admin', 'user'] as const;
const tag = 'Organization members';
const MEMBERS = '/v1/organizations/:organization_id/members';
const may = (...actions: string[]): string[] =>
  actions.flatMap((action) => [`organizations:${action}`, `orgs:${action}`]);

export const memberRoutes = (members: OrganizationMemberService): Row[] => [
  {
    method: 'get',
    path: MEMBERS,
    tokens,
    permissions: may('read', 'list'),
    status: 200,
    operation: {
      id: 'getOrganizationMembers',
      summary: 'List the members of an organization with their roles',
      tag,
      answer: membersAnswer,
    },
    handle: async (ctx, caller: OrganizationCaller) => ({
      result: (await members.list(caller, pathId(ctx, 'organization_id'))).map(toOuterMember),
    }),
  },
  {
    method: 'post',
    path: MEMBERS,
    tokens,
    permissions: may('edit'),
    status: 201,
    operation: {
      id: 'addOrganizationMember',
      summary: 'Make a user a member, at once with roles in one application if these are given',
      tag,
      body: newMember,
      answer: memberAnswer,
    },
    handle: async (ctx, caller: OrganizationCaller) => {
      const body = validate(newMember, bodyOf(ctx));
      const member = await members.add(caller, pathId(ctx, 'organization_id'), {
        userId: body.user_id as UserId,
        ...(body.app_id !== undefined && { appId: body.app_id as AppId }),
        roleIds: body.role_ids ?? [],
      });
      return { result: toOuterMember(member) };
    },
  },
  {
    method: 'delete',
    path: `${MEMBERS}/:member_id`,
    tokens,
    permissions: may('edit'),
    status: 204,
    operation: {
      id: 'removeOrganizationMember',
      summary: 'End a membership; what the member obtained by signing in for the organization ends',
      tag,
    },
    handle: (ctx, caller: OrganizationCaller) =>
      members.remove(caller, pathId(ctx, 'organization_id'), pathId(ctx, 'member_id')),
  },
  {
    method: 'post',
    path: '/v1/applications/:appId/organizations/:organization_id/members/:member_id/roles',
    tokens,
    permissions: ['roles:edit'],
    status: 204,
    operation: {
      id: 'setOrganizationMemberRoles',
      summary: 'Replace the roles of a member in an application',
      tag,
      body: roleIds,
    },
    handle: async (ctx, caller: OrganizationCaller) => {
      const { role_ids } = validate(roleIds, bodyOf(ctx));
      const at = {
        appId: pathId<AppId>(ctx, 'appId'),
        organizationId: pathId<OrganizationId>(ctx, 'organization_id'),
      };
      await members.setRoles(caller, at, pathId(ctx, 'member_id'), role_ids);
    },
  },
];
