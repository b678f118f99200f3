/** The two password operations, whose errors have texts for `message` and `error_code` (contract C2). */
import type { Context } from 'koa';
import type { ManagementCaller } from '../base/caller.ts';
import { AppError } from '../base/errors.ts';
import type { AppId, TenantId } from '../base/ids.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import { LEAST_POLICY, type PasswordSettings } from '../users/password-policy.ts';
import { ownerOf, type PasswordRules } from '../users/password-rules.ts';
import type { PasswordService } from '../users/password-service.ts';
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

/** What the rows about passwords need. */
export interface PasswordParts {
  readonly passwords: Pick<PasswordService, 'set'>;
  readonly rules: Pick<PasswordRules, 'assertGood'>;
  /** What the application asks of passwords. */
  settingsOf(tenantId: TenantId, appId: AppId): Promise<PasswordSettings>;
}

/** The application whose policy holds: for the whole tenant, the one that the user belongs to longest. */
async function settingsFor(
  { settingsOf }: PasswordParts,
  caller: ManagementCaller,
  { membership }: Member,
): Promise<PasswordSettings> {
  const settings = await settingsOf(caller.tenantId, membership?.appId ?? caller.appId);
  if (settings.isDisabled) throw policyDisabled();
  return settings;
}

/** The contract names the code and not its case: an application that signs nobody in with a password (management-api.md 12). */
const policyDisabled = () =>
  new TextCodeError(
    400,
    'auth_password_policy_disabled',
    'The application does not use passwords; set auth_methods.password in its login preferences, or offer the password in its hosted_login',
  );

const hasIdentifier = ({ user, membership }: Member, username: string | undefined): boolean =>
  [user.email, user.phoneNumber, membership?.username, username].some((value) => value !== undefined);

async function addPassword(
  users: UserService,
  parts: PasswordParts,
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
  const { password, username } = input;
  const settings = await settingsFor(parts, caller, member);
  if (input.enforce_complexity)
    await parts.rules.assertGood(settings.policy, password, ownerOf(member, username));
  else await parts.rules.assertGood(LEAST_POLICY, password);
  await parts.passwords.set(caller, member, {
    password,
    mustChange: input.force_replace,
    settings,
    ...(username !== undefined && { username }),
  });
  return { result: { message: 'Password added' } };
}

async function updatePassword(
  users: UserService,
  parts: PasswordParts,
  userId: string,
  body: unknown,
  caller: ManagementCaller,
): Promise<object> {
  const input = validate(updatePasswordSchema, body);
  const member = await users.get(caller, 'userId', userId);
  if (!member.user.hasPassword) throw new TextCodeError(400, 'auth_not_active', 'The user has no password');
  if (input.password === undefined)
    throw new TextCodeError(400, 'auth_password_incomplete_credentials', 'password is required');
  const { password } = input;
  const settings = await settingsFor(parts, caller, member);
  await parts.rules.assertGood(settings.policy, password, ownerOf(member));
  await parts.passwords.set(caller, member, { password, mustChange: input.force_replace, settings });
  return { result: { message: 'Password updated' } };
}

export const passwordRows = (users: UserService, parts: PasswordParts): Row[] => [
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
      addPassword(users, parts, pathValue(ctx, 'user_id'), bodyOf(ctx), caller),
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
      updatePassword(users, parts, pathValue(ctx, 'user_id'), bodyOf(ctx), caller),
    toFault: toTextFault,
  },
];
