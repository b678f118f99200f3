/** Users over SCIM (contract/management-api.md 13, RFC 7644 3.4), to read. Its errors have a form of their own: http/scim-error.ts. */
import type Koa from 'koa';
import type { ManagementCaller } from '../base/caller.ts';
import { bodyOf, type Row, tagged } from '../http/route.ts';
import { SCIM_TYPE } from '../http/scim-error.ts';
import { validate } from '../http/validate.ts';
import type { UserService } from '../users/user-service.ts';
import {
  type ScimList,
  scimListAnswer,
  scimListQuery,
  scimSearchBody,
  scimShownQuery,
  scimUser,
  toScimList,
  toScimPageQuery,
} from './scim-schema.ts';
import { scimMember, shown, toScimUser } from './scim-user.ts';
import { pathValue } from './user-password-routes.ts';

const tag = 'SCIM';
const tokens = ['client', 'admin'] as const;
const READ = ['users:read', 'apps:read', '[appId]:read'];
const LIST = [...READ, 'users:list', 'apps:list', '[appId]:list'];
const listed = { tokens, permissions: LIST, status: 200 };

/** The configured public address: http/server.ts sets both parts. */
const originOf = (ctx: Koa.Context): string => `${ctx.protocol}://${ctx.host}`;

export function scimRoutes(users: UserService): Row[] {
  const listing = (path: string, id: string): Row => ({
    method: 'get',
    path,
    ...listed,
    operation: { id, summary: 'Search users by SCIM', tag, query: scimListQuery, answer: scimListAnswer },
    handle: (ctx, caller: ManagementCaller) =>
      answerList({ users, ctx, caller }, validate(scimListQuery, { ...ctx.query })),
  });
  return [
    listing('/scim/Users', 'scimListUsers'),
    listing('/scim/Users/.search', 'scimSearchUsers'),
    {
      method: 'post',
      path: '/scim/Users/.search',
      ...listed,
      operation: {
        id: 'scimSearchUsersByPost',
        summary: 'Search users by SCIM, the filter in the body',
        tag,
        body: scimSearchBody,
        answer: scimListAnswer,
      },
      handle: (ctx, caller: ManagementCaller) =>
        answerList({ users, ctx, caller }, validate(scimSearchBody, bodyOf(ctx))),
    },
    {
      method: 'get',
      path: '/scim/Users/:user_id',
      tokens,
      permissions: READ,
      status: 200,
      operation: {
        id: 'scimGetUser',
        summary: 'Read a user by SCIM',
        tag,
        query: scimShownQuery,
        answer: scimUser,
      },
      async handle(ctx, caller: ManagementCaller) {
        const query = validate(scimShownQuery, { ...ctx.query });
        const member = tagged(ctx, scimMember(await users.get(caller, 'userId', pathValue(ctx, 'user_id'))));
        ctx.type = SCIM_TYPE;
        return shown(toScimUser(member, originOf(ctx)), query);
      },
    },
  ];
}

async function answerList(
  { users, ctx, caller }: { users: UserService; ctx: Koa.Context; caller: ManagementCaller },
  list: ScimList,
): Promise<object> {
  const page = await users.list(caller, toScimPageQuery(list));
  ctx.type = SCIM_TYPE;
  const resources = page.members.map((member) => shown(toScimUser(member, originOf(ctx)), list));
  return toScimList(resources, { total: page.total, startIndex: list.startIndex });
}
