/** The user operations of the management API (management-api.md 12). Literal paths stand before `{user_id}`. */
import type { ManagementCaller } from '../base/caller.ts';
import { validate } from '../http/validate.ts';
import type { IdentifierKind } from '../users/user.ts';
import type { UserService } from '../users/user-service.ts';
import { bodyOf, type Row } from './route.ts';
import { passwordRows, pathValue } from './user-password-routes.ts';
import {
  countUsersSchema,
  createUserSchema,
  identifierSchema,
  listUsersSchema,
  toNewUserInput,
  toOuterPage,
  toOuterUser,
  toPageQuery,
  toUserInput,
  updateUserSchema,
} from './user-schema.ts';

const BOTH = ['client', 'admin'] as const;
const CREATE = ['apps:create', '[appId]:create', 'users:create'];
const READ = ['apps:read', '[appId]:read', 'users:read'];
const LIST = ['users:read', 'users:list', 'apps:read', '[appId]:read', 'apps:list', '[appId]:list'];
const COUNT = ['users:list', 'apps:list', '[appId]:list'];
const EDIT = ['apps:edit', '[appId]:edit', 'users:edit'];

function byIdentifier(users: UserService, path: string, parameter: string, kind: IdentifierKind): Row {
  return {
    method: 'get',
    path: `${path}/:${parameter}`,
    tokens: BOTH,
    permissions: READ,
    status: 200,
    async handle(ctx, caller: ManagementCaller) {
      const member = await users.get(caller, kind, pathValue(ctx, parameter));
      return { result: toOuterUser(member) };
    },
  };
}

function collectionRows(users: UserService): Row[] {
  return [
    {
      method: 'post',
      path: '/v1/users',
      tokens: BOTH,
      permissions: CREATE,
      status: 201,
      async handle(ctx, caller: ManagementCaller) {
        const input = toNewUserInput(validate(createUserSchema, bodyOf(ctx)));
        return { result: toOuterUser(await users.create(caller, input)) };
      },
    },
    {
      method: 'get',
      path: '/v1/users',
      tokens: BOTH,
      permissions: LIST,
      status: 200,
      async handle(ctx, caller: ManagementCaller) {
        const query = toPageQuery(validate(listUsersSchema, { ...ctx.query }));
        return toOuterPage(await users.list(caller, query), query);
      },
    },
    {
      method: 'get',
      path: '/v1/users/count',
      tokens: BOTH,
      permissions: COUNT,
      status: 200,
      async handle(ctx, caller: ManagementCaller) {
        validate(countUsersSchema, { ...ctx.query });
        return { result: { user_count: await users.count(caller) } };
      },
    },
    {
      method: 'get',
      path: '/v1/users/identifier',
      tokens: BOTH,
      permissions: READ,
      status: 200,
      async handle(ctx, caller: ManagementCaller) {
        const query = validate(identifierSchema, { ...ctx.query });
        const member = await users.get(caller, query.identifier_name, query.identifier_value);
        return { result: toOuterUser(member) };
      },
    },
  ];
}

function memberRows(users: UserService): Row[] {
  return [
    {
      method: 'put',
      path: '/v1/users/:user_id',
      tokens: BOTH,
      permissions: EDIT,
      status: 200,
      async handle(ctx, caller: ManagementCaller) {
        const input = toUserInput(validate(updateUserSchema, bodyOf(ctx)));
        const member = await users.update(caller, pathValue(ctx, 'user_id'), input);
        return { result: toOuterUser(member) };
      },
    },
    {
      method: 'delete',
      path: '/v1/users/:user_id/apps',
      tokens: ['client'],
      permissions: EDIT,
      status: 204,
      async handle(ctx, caller: ManagementCaller) {
        await users.removeFromApp(caller, pathValue(ctx, 'user_id'));
      },
    },
    {
      method: 'delete',
      path: '/v1/manage/users/:user_id',
      tokens: ['admin'],
      permissions: ['users:delete'],
      status: 204,
      async handle(ctx, caller: ManagementCaller) {
        await users.delete(caller, pathValue(ctx, 'user_id'));
      },
    },
  ];
}

/** All user rows, in matching order. */
export const userRoutes = (users: UserService): Row[] => [
  ...collectionRows(users),
  byIdentifier(users, '/v1/users/email', 'email', 'email'),
  byIdentifier(users, '/v1/users/phone-number', 'phone_number', 'phoneNumber'),
  byIdentifier(users, '/v1/users/phone', 'phone_number', 'phoneNumber'),
  byIdentifier(users, '/v1/users/username', 'username', 'username'),
  byIdentifier(users, '/v1/users/external-user-id', 'external_user_id', 'externalUserId'),
  ...passwordRows(users),
  byIdentifier(users, '/v1/users', 'user_id', 'userId'),
  ...memberRows(users),
];
