/** The two password operations, whose errors have texts for `message` and `error_code` (contract C2). */
import type { Caller } from '../base/caller.ts';
import { AppError } from '../base/errors.ts';
import { validate } from '../http/validate.ts';
import { DEFAULT_POLICY, LEAST_POLICY, type PasswordPolicy, passwordFault } from '../users/password.ts';
import type { Member } from '../users/user.ts';
import type { UserService } from '../users/user-service.ts';
import { management } from './management-caller.ts';
import type { Row } from './route.ts';
import { addPasswordSchema, updatePasswordSchema } from './user-schema.ts';

type Answer = Awaited<ReturnType<Row['handle']>>;

const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  body: { message, error_code: code },
});
const done = (status: number, message: string): Answer => ({ status, body: { result: { message } } });

/** Gives the errors of these operations their text form; all others stay as they are. */
async function withTextErrors(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.status === 400) return refusal(400, 'system_invalid_input', error.message);
    if (error.status === 404) return refusal(404, 'user_not_found', error.message);
    throw error;
  }
}

/** The answer to a password that breaks the policy, if it does. */
function weakness(password: string, policy: PasswordPolicy): Answer | undefined {
  const fault = passwordFault(password, policy);
  return fault === undefined ? undefined : refusal(400, 'auth_password_weak', fault);
}

const hasIdentifier = ({ user, membership }: Member, username: string | undefined): boolean =>
  [user.email, user.phoneNumber, membership?.username, username].some((value) => value !== undefined);

async function addPassword(
  users: UserService,
  userId: string,
  body: unknown,
  caller: Caller,
): Promise<Answer> {
  const input = validate(addPasswordSchema, body);
  const member = await users.get(management(caller), 'userId', userId);
  if (member.user.hasPassword)
    return refusal(409, 'auth_password_already_configured', 'The user already has a password');
  if (!hasIdentifier(member, input.username))
    return refusal(
      400,
      'system_invalid_input',
      'username is required: the user has no identifier to sign in with',
    );
  const weak = weakness(input.password, input.enforce_complexity ? DEFAULT_POLICY : LEAST_POLICY);
  if (weak) return weak;
  const { password, username } = input;
  await users.setPassword(management(caller), member, {
    password,
    ...(username !== undefined && { username }),
  });
  return done(201, 'Password added');
}

async function updatePassword(
  users: UserService,
  userId: string,
  body: unknown,
  caller: Caller,
): Promise<Answer> {
  const input = validate(updatePasswordSchema, body);
  const member = await users.get(management(caller), 'userId', userId);
  if (!member.user.hasPassword) return refusal(400, 'auth_not_active', 'The user has no password');
  if (input.password === undefined)
    return refusal(400, 'auth_password_incomplete_credentials', 'password is required');
  const weak = weakness(input.password, DEFAULT_POLICY);
  if (weak) return weak;
  await users.setPassword(management(caller), member, { password: input.password });
  return done(200, 'Password updated');
}

export const passwordRows = (users: UserService): Row[] => [
  {
    method: 'post',
    path: '/v1/users/:user_id/password',
    tokens: ['client', 'admin'],
    permissions: ['apps:create', '[appId]:create', 'authenticators:create'],
    handle: (ctx, caller) =>
      withTextErrors(() => addPassword(users, ctx.params['user_id'] ?? '', ctx.request.body, caller)),
  },
  {
    method: 'put',
    path: '/v1/users/:user_id/password',
    tokens: ['client', 'admin'],
    permissions: ['apps:edit', '[appId]:edit', 'authenticators:edit'],
    handle: (ctx, caller) =>
      withTextErrors(() => updatePassword(users, ctx.params['user_id'] ?? '', ctx.request.body, caller)),
  },
];
