/** The two password operations, whose errors have texts for `message` and `error_code` (contract C2). */
import type { Context } from 'koa';
import type { ManagementCaller } from '../base/caller.ts';
import { AppError } from '../base/errors.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import { DEFAULT_POLICY, LEAST_POLICY, type PasswordPolicy, passwordFault } from '../users/password.ts';
import type { Member } from '../users/user.ts';
import type { UserService } from '../users/user-service.ts';
import { messageAnswer } from './user-answer-schema.ts';
import { addPasswordSchema, updatePasswordSchema } from './user-schema.ts';

/** What stands in this place of the path, whatever it is: no such user is a 404 of the service. */
export const pathValue = (ctx: Context, name: string): string =>
  (ctx.params as Record<string, string | undefined>)[name] ?? '';

/** Gives the errors of these operations their text form; all others stay as they are. */
export function toTextFault(error: unknown): unknown {
  if (!(error instanceof AppError) || error instanceof TextCodeError) return error;
  if (error.status === 404) return new TextCodeError(404, 'user_not_found', error.message);
  // A taken username too: the only 409 that is published here says that the user has a password already.
  if (error.status === 400 || error.tsErrorCode === 'identifier_taken')
    return new TextCodeError(400, 'system_invalid_input', error.message);
  if (error.status === 409) return alreadyConfigured();
  return error;
}

const alreadyConfigured = () =>
  new TextCodeError(409, 'auth_password_already_configured', 'The user already has a password');

/** @throws 400 naming what the password lacks. */
export function assertStrong(password: string, policy: PasswordPolicy): void {
  const fault = passwordFault(password, policy);
  if (fault !== undefined) throw new TextCodeError(400, 'auth_password_weak', fault);
}

const hasIdentifier = ({ user, membership }: Member, username: string | undefined): boolean =>
  [user.email, user.phoneNumber, membership?.username, username].some((value) => value !== undefined);

async function addPassword(
  users: UserService,
  userId: string,
  body: unknown,
  caller: ManagementCaller,
): Promise<object> {
  const input = validate(addPasswordSchema, body);
  const member = await users.get(caller, 'userId', userId);
  if (member.user.hasPassword) throw alreadyConfigured();
  if (!hasIdentifier(member, input.username))
    throw new TextCodeError(
      400,
      'system_invalid_input',
      'username is required: the user has no identifier to sign in with',
    );
  assertStrong(input.password, input.enforce_complexity ? DEFAULT_POLICY : LEAST_POLICY);
  const { password, username } = input;
  await users.setPassword(caller, member, {
    password,
    mustChange: input.force_replace,
    ...(username !== undefined && { username }),
  });
  return { result: { message: 'Password added' } };
}

async function updatePassword(
  users: UserService,
  userId: string,
  body: unknown,
  caller: ManagementCaller,
): Promise<object> {
  const input = validate(updatePasswordSchema, body);
  const member = await users.get(caller, 'userId', userId);
  if (!member.user.hasPassword) throw new TextCodeError(400, 'auth_not_active', 'The user has no password');
  if (input.password === undefined)
    throw new TextCodeError(400, 'auth_password_incomplete_credentials', 'password is required');
  assertStrong(input.password, DEFAULT_POLICY);
  await users.setPassword(caller, member, { password: input.password, mustChange: input.force_replace });
  return { result: { message: 'Password updated' } };
}

export const passwordRows = (users: UserService): Row[] => [
  {
    method: 'post',
    path: '/v1/users/:user_id/password',
    tokens: ['client', 'admin'],
    permissions: ['apps:create', '[appId]:create', 'authenticators:create'],
    status: 201,
    operation: {
      id: 'addPasswordCredential',
      summary: 'Give a user a first password',
      tag: 'Users',
      body: addPasswordSchema,
      answer: messageAnswer,
    },
    handle: (ctx, caller: ManagementCaller) =>
      addPassword(users, pathValue(ctx, 'user_id'), bodyOf(ctx), caller),
    toFault: toTextFault,
  },
  {
    method: 'put',
    path: '/v1/users/:user_id/password',
    tokens: ['client', 'admin'],
    permissions: ['apps:edit', '[appId]:edit', 'authenticators:edit'],
    status: 200,
    operation: {
      id: 'updatePasswordCredential',
      summary: 'Replace the password of a user',
      tag: 'Users',
      body: updatePasswordSchema,
      answer: messageAnswer,
    },
    handle: (ctx, caller: ManagementCaller) =>
      updatePassword(users, pathValue(ctx, 'user_id'), bodyOf(ctx), caller),
    toFault: toTextFault,
  },
];
