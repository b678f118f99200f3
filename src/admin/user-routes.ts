/** The user operations of the management API (management-api.md 12). Literal paths stand before `{user_id}`. */
import { validate } from '../http/validate.ts';
import type { IdentifierKind } from '../users/user.ts';
import type { UserService } from '../users/user-service.ts';
import { management } from './management-caller.ts';
import type { Row } from './route.ts';
import { passwordRows } from './user-password-routes.ts';
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
    async handle(ctx, caller) {
      const member = await users.get(management(caller), kind, ctx.params[parameter] ?? '');
      return { status: 200, body: { result: toOuterUser(member) } };
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
      async handle(ctx, caller) {
        const input = toNewUserInput(validate(createUserSchema, ctx.request.body));
        return { status: 201, body: { result: toOuterUser(await users.create(management(caller), input)) } };
      },
    },
    {
      method: 'get',
      path: '/v1/users',
      tokens: BOTH,
      permissions: LIST,
      async handle(ctx, caller) {
        const query = toPageQuery(validate(listUsersSchema, { ...ctx.query }));
        return { status: 200, body: toOuterPage(await users.list(management(caller), query), query) };
      },
    },
    {
      method: 'get',
      path: '/v1/users/count',
      tokens: BOTH,
      permissions: COUNT,
      async handle(ctx, caller) {
        validate(countUsersSchema, { ...ctx.query });
        return { status: 200, body: { result: { user_count: await users.count(management(caller)) } } };
      },
    },
    {
      method: 'get',
      path: '/v1/users/identifier',
      tokens: BOTH,
      permissions: READ,
      async handle(ctx, caller) {
        const query = validate(identifierSchema, { ...ctx.query });
        const member = await users.get(management(caller), query.identifier_name, query.identifier_value);
        return { status: 200, body: { result: toOuterUser(member) } };
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
      async handle(ctx, caller) {
        const input = toUserInput(validate(updateUserSchema, ctx.request.body));
        const member = await users.update(management(caller), ctx.params['user_id'] ?? '', input);
        return { status: 200, body: { result: toOuterUser(member) } };
      },
    },
    {
      method: 'delete',
      path: '/v1/users/:user_id/apps',
      tokens: ['client'],
      permissions: EDIT,
      async handle(ctx, caller) {
        await users.removeFromApp(management(caller), ctx.params['user_id'] ?? '');
        return { status: 204 };
      },
    },
    {
      method: 'delete',
      path: '/v1/manage/users/:user_id',
      tokens: ['admin'],
      permissions: ['users:delete'],
      async handle(ctx, caller) {
        await users.delete(management(caller), ctx.params['user_id'] ?? '');
        return { status: 204 };
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
