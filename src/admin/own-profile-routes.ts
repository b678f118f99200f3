/** What users can do to themselves: `/v1/users/me` (contract/management-api.md 12, C25). No path names another user. */
import type { UserCaller } from '../base/caller.ts';
import { notFound } from '../base/errors.ts';
import type { AssertStrongSignIn } from '../factors/strong-sign-in.ts';
import { bodyOf, type Row, tagged } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { OwnProfile } from '../users/own-profile.ts';
import { ownerOf } from '../users/password-rules.ts';
import { ownFields, ownPasswordSchema, ownProfileSchema } from './own-profile-schema.ts';
import { deviceKeyAnswer, messageAnswer, userAnswer } from './user-answer-schema.ts';
import { type PasswordParts, toTextFault } from './user-password-routes.ts';
import { toOuterUser } from './user-schema.ts';

const tokens = ['user'] as const;
const tag = 'Own account';

/** Tokens of third-party clients do not get here (R97, C25): permission.ts. */
export function ownProfileRoutes(
  profile: OwnProfile,
  {
    rules,
    settingsOf,
    assertStrong,
  }: Pick<PasswordParts, 'rules' | 'settingsOf'> & { readonly assertStrong: AssertStrongSignIn },
): Row[] {
  return [
    {
      method: 'get',
      path: '/v1/users/me',
      tokens,
      permissions: [],
      status: 200,
      operation: { id: 'getCurrentUser', summary: 'Read your own profile', tag, answer: userAnswer },
      async handle(ctx, caller: UserCaller) {
        return { result: toOuterUser(tagged(ctx, await profile.get(caller))) };
      },
    },
    {
      method: 'put',
      path: '/v1/users/me',
      tokens,
      permissions: [],
      status: 200,
      operation: {
        id: 'updateCurrentUser',
        summary: 'Change your own profile',
        tag,
        body: ownProfileSchema,
        answer: userAnswer,
      },
      async handle(ctx, caller: UserCaller) {
        const fields = ownFields(validate(ownProfileSchema, bodyOf(ctx)));
        return { result: toOuterUser(tagged(ctx, await profile.update(caller, fields))) };
      },
    },
    {
      method: 'post',
      path: '/v1/users/me/password-credentials',
      tokens,
      permissions: [],
      status: 200,
      operation: {
        id: 'addPasswordCredentialsToCurrentUser',
        summary: 'Set your own first password; needs a sign-in of the last ten minutes',
        tag,
        body: ownPasswordSchema,
        answer: messageAnswer,
      },
      async handle(ctx, caller: UserCaller) {
        const input = validate(ownPasswordSchema, bodyOf(ctx));
        await assertStrong(caller);
        const { policy } = await settingsOf(caller.tenantId, caller.appId);
        const owner = ownerOf(await profile.get(caller), input.username);
        await rules.assertGood(policy, input.password, owner);
        await profile.setFirstPassword(caller, input);
        return { result: { message: 'Password added' } };
      },
      toFault: toTextFault,
    },
    {
      method: 'get',
      path: '/v1/users/me/device-keys',
      tokens,
      permissions: [],
      status: 200,
      operation: {
        id: 'getDeviceKeysForTenant',
        summary: 'Read the key of your device; nobody has one in this version',
        tag,
        answer: deviceKeyAnswer,
      },
      async handle() {
        throw notFound('The user has no device key');
      },
    },
  ];
}
