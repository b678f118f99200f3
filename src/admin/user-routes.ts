/** The user operations of the management API (management-api.md 12). Literal paths stand before `{user_id}`. */
import type { ManagementCaller } from '../base/caller.ts';
import { bodyOf, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { IdentifierKind } from '../users/user.ts';
import type { UserService } from '../users/user-service.ts';
import type { NewUserDelegations } from './new-user-delegations.ts';
import { userAnswer, userCountAnswer, usersAnswer } from './user-answer-schema.ts';
import { type PasswordParts, passwordRows, pathValue } from './user-password-routes.ts';
import {
  countUsersSchema,
  createUserSchema,
  filterOf,
  identifierSchema,
  listUsersSchema,
  toNewUserInput,
  toOuterPage,
  toOuterUser,
  toPageQuery,
  toUserInput,
  updateUserSchema,
} from './user-schema.ts';

const tag = 'Users';
const BOTH = ['client', 'admin'] as const;
const CREATE = ['apps:create', '[appId]:create', 'users:create'];
const READ = ['apps:read', '[appId]:read', 'users:read'];
const LIST = ['users:read', 'users:list', 'apps:read', '[appId]:read', 'apps:list', '[appId]:list'];
const COUNT = ['users:list', 'apps:list', '[appId]:list'];
const EDIT = ['apps:edit', '[appId]:edit', 'users:edit'];

interface LookUp {
  readonly path: string;
  readonly parameter: string;
  readonly kind: IdentifierKind;
  readonly id: string;
}

function byIdentifier(users: UserService, { path, parameter, kind, id }: LookUp): Row {
  return {
    method: 'get',
    path: `${path}/:${parameter}`,
    tokens: BOTH,
    permissions: READ,
    status: 200,
    operation: { id, summary: `Read a user by ${parameter}`, tag, answer: userAnswer },
    async handle(ctx, caller: ManagementCaller) {
      const member = await users.get(caller, kind, pathValue(ctx, parameter));
      return { result: toOuterUser(tagged(ctx, member)) };
    },
  };
}

function collectionRows(users: UserService, delegations: Pick<NewUserDelegations, 'forNewUser'>): Row[] {
  return [
    {
      method: 'post',
      path: '/v1/users',
      tokens: BOTH,
      permissions: CREATE,
      status: 201,
      operation: {
        id: 'createUser',
        summary: 'Create a user, or bring an existing one into the application',
        tag,
        body: createUserSchema,
        answer: userAnswer,
      },
      async handle(ctx, caller: ManagementCaller) {
        const body = validate(createUserSchema, bodyOf(ctx));
        const member = await users.create(caller, toNewUserInput(body), delegations.forNewUser(caller, body));
        return { result: toOuterUser(member) };
      },
    },
    {
      method: 'get',
      path: '/v1/users',
      tokens: BOTH,
      permissions: LIST,
      status: 200,
      operation: {
        id: 'getUsers',
        summary: 'Search users, page by page',
        tag,
        query: listUsersSchema,
        answer: usersAnswer,
      },
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
      operation: {
        id: 'getUsersCount',
        summary: 'Count the users that match a filter',
        tag,
        query: countUsersSchema,
        answer: userCountAnswer,
      },
      async handle(ctx, caller: ManagementCaller) {
        const { filter } = filterOf(validate(countUsersSchema, { ...ctx.query }));
        return { result: { user_count: await users.count(caller, filter) } };
      },
    },
    {
      method: 'get',
      path: '/v1/users/identifier',
      tokens: BOTH,
      permissions: READ,
      status: 200,
      operation: {
        id: 'getUserByIdentifier',
        summary: 'Find the one user with an identifier',
        tag,
        query: identifierSchema,
        answer: userAnswer,
      },
      async handle(ctx, caller: ManagementCaller) {
        const query = validate(identifierSchema, { ...ctx.query });
        const member = await users.get(caller, query.identifier_name, query.identifier_value);
        return { result: toOuterUser(tagged(ctx, member)) };
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
      operation: {
        id: 'updateUser',
        summary: 'Change a user; absent members stay',
        tag,
        body: updateUserSchema,
        answer: userAnswer,
      },
      async handle(ctx, caller: ManagementCaller) {
        const input = toUserInput(validate(updateUserSchema, bodyOf(ctx)));
        const member = await users.update(caller, pathValue(ctx, 'user_id'), input);
        return { result: toOuterUser(tagged(ctx, member)) };
      },
    },
    {
      method: 'delete',
      path: '/v1/users/:user_id/apps',
      tokens: ['client'],
      permissions: EDIT,
      status: 204,
      operation: { id: 'removeUserFromApp', summary: 'Take a user out of the application', tag },
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
      operation: { id: 'deleteTenantUser', summary: 'Delete a user from the tenant', tag },
      async handle(ctx, caller: ManagementCaller) {
        await users.delete(caller, pathValue(ctx, 'user_id'));
      },
    },
  ];
}

/** All user rows, in matching order. */
export const userRoutes = (
  users: UserService,
  passwords: PasswordParts,
  delegations: NewUserDelegations,
): Row[] => [
  ...collectionRows(users, delegations),
  ...LOOK_UPS.map((one) => byIdentifier(users, one)),
  ...passwordRows(users, passwords),
  byIdentifier(users, { path: '/v1/users', parameter: 'user_id', kind: 'userId', id: 'getUserById' }),
  ...memberRows(users),
];

const LOOK_UPS: readonly LookUp[] = [
  { path: '/v1/users/email', parameter: 'email', kind: 'email', id: 'getUserByEmail' },
  { path: '/v1/users/phone-number', parameter: 'phone_number', kind: 'phoneNumber', id: 'getUserByPhone' },
  {
    path: '/v1/users/phone',
    parameter: 'phone_number',
    kind: 'phoneNumber',
    id: 'deprecatedGetUserByPhone',
  },
  { path: '/v1/users/username', parameter: 'username', kind: 'username', id: 'getUserByUsername' },
  {
    path: '/v1/users/external-user-id',
    parameter: 'external_user_id',
    kind: 'externalUserId',
    id: 'getUserByExternalUserId',
  },
];
