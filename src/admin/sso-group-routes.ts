/** Rows for client groups of the SSO Service (contract/management-api.md 14). */
import type { ManagementCaller } from '../base/caller.ts';
import type { SsoGroupId } from '../base/ids.ts';
import { bodyOf, pathId, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { SsoGroupService } from '../sso/sso-group-service.ts';
import {
  createSsoGroup,
  fromCreateSsoGroup,
  fromUpdateSsoGroup,
  ssoGroupAnswer,
  ssoGroupListAnswer,
  toOuterSsoGroup,
  updateSsoGroup,
} from './sso-group-schema.ts';

const tokens = ['client', 'admin'] as const;
const tag = 'SSO client groups';
const BASE = '/v1/sso-service/sso-group';

export const ssoGroupRoutes = (groups: SsoGroupService): Row[] => [
  {
    method: 'post',
    path: BASE,
    tokens,
    permissions: ['sso-service:edit'],
    status: 201,
    operation: {
      id: 'createSsoGroup',
      summary: 'Create a client group',
      tag,
      body: createSsoGroup,
      answer: ssoGroupAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => {
      const input = fromCreateSsoGroup(validate(createSsoGroup, bodyOf(ctx)));
      return { result: toOuterSsoGroup(await groups.create(caller, input)) };
    },
  },
  {
    method: 'get',
    path: BASE,
    tokens,
    permissions: ['sso-service:read'],
    status: 200,
    operation: {
      id: 'getSsoGroups',
      summary: 'List the client groups of the tenant',
      tag,
      answer: ssoGroupListAnswer,
    },
    handle: async (_ctx, caller: ManagementCaller) => ({
      result: (await groups.list(caller)).map(toOuterSsoGroup),
    }),
  },
  ...singleRows(groups),
];

function singleRows(groups: SsoGroupService): Row[] {
  return [
    {
      method: 'get',
      path: `${BASE}/:groupId`,
      tokens,
      permissions: ['sso-service:read'],
      status: 200,
      operation: { id: 'getSsoGroup', summary: 'Read a client group', tag, answer: ssoGroupAnswer },
      handle: async (ctx, caller: ManagementCaller) => {
        const group = await groups.get(caller, pathId<SsoGroupId>(ctx, 'groupId'));
        return { result: toOuterSsoGroup(tagged(ctx, group)) };
      },
    },
    {
      method: 'put',
      path: `${BASE}/:groupId`,
      tokens,
      permissions: ['sso-service:edit'],
      status: 200,
      operation: {
        id: 'updateSsoGroup',
        summary: 'Change a client group',
        tag,
        body: updateSsoGroup,
        answer: ssoGroupAnswer,
      },
      handle: async (ctx, caller: ManagementCaller) => {
        const input = fromUpdateSsoGroup(validate(updateSsoGroup, bodyOf(ctx)));
        const group = await groups.update(caller, pathId<SsoGroupId>(ctx, 'groupId'), input);
        return { result: toOuterSsoGroup(tagged(ctx, group)) };
      },
    },
    {
      method: 'delete',
      path: `${BASE}/:groupId`,
      tokens,
      permissions: ['sso-service:delete'],
      status: 204,
      operation: { id: 'deleteSsoGroup', summary: 'Delete a client group that has no clients', tag },
      handle: (ctx, caller: ManagementCaller) => groups.remove(caller, pathId<SsoGroupId>(ctx, 'groupId')),
    },
  ];
}
