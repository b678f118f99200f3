/** Rows for the authenticator apps of the signed-in user (contract/authentication.md 9). */
import type { UserCaller } from '../base/caller.ts';
import type { AssertStrongSignIn } from '../factors/strong-sign-in.ts';
import type { TotpService } from '../factors/totp-service.ts';
import { bodyOf, pathId, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import { toWordFault } from './text-fault.ts';
import {
  confirmedTotp,
  confirmTotp,
  recoveryCodes,
  startedTotp,
  startTotp,
  totpList,
} from './totp-schema.ts';

const ours = { tokens: ['user'], permissions: [], toFault: toWordFault } as const;
const tag = 'Authenticator apps';

export const totpRoutes = (totp: TotpService, assertStrong: AssertStrongSignIn): Row[] => [
  {
    ...ours,
    method: 'post',
    path: '/v1/users/me/totp',
    status: 201,
    operation: {
      id: 'startTotp',
      summary: 'Begin to add an authenticator app; needs a sign-in of the last ten minutes',
      tag,
      body: startTotp,
      answer: startedTotp,
    },
    async handle(ctx, caller: UserCaller) {
      const { label } = validate(startTotp, bodyOf(ctx));
      await assertStrong(caller);
      const { totpId, uri, secret } = await totp.start(caller, label);
      return { totp_id: totpId, uri, secret };
    },
  },
  {
    ...ours,
    method: 'get',
    path: '/v1/users/me/totp',
    status: 200,
    operation: { id: 'listTotp', summary: 'List your authenticator apps', tag, answer: totpList },
    async handle(_ctx, caller: UserCaller) {
      const all = await totp.list(caller);
      return {
        result: all.map(({ totpId, createdAt }) => ({
          totp_id: totpId,
          created_at: createdAt.toISOString(),
        })),
        recovery_codes_left: await totp.countRecoveryCodes(caller),
      };
    },
  },
  {
    ...ours,
    method: 'post',
    path: '/v1/users/me/totp/recovery-codes',
    status: 201,
    operation: {
      id: 'regenerateRecoveryCodes',
      summary: 'Replace your recovery codes; they are shown once',
      tag,
      answer: recoveryCodes,
    },
    async handle(_ctx, caller: UserCaller) {
      await assertStrong(caller);
      return { recovery_codes: await totp.regenerateRecoveryCodes(caller) };
    },
  },
  {
    ...ours,
    method: 'post',
    path: '/v1/users/me/totp/revoke',
    status: 204,
    operation: { id: 'revokeTotp', summary: 'Remove every authenticator app of yours', tag },
    async handle(_ctx, caller: UserCaller) {
      await assertStrong(caller);
      for (const { totpId } of await totp.list(caller)) await totp.remove(caller, totpId);
    },
  },
  {
    ...ours,
    method: 'post',
    path: '/v1/users/me/totp/:totpId/confirm',
    status: 200,
    operation: {
      id: 'confirmTotp',
      summary: 'Finish adding an authenticator app with its first code; shows recovery codes once',
      tag,
      body: confirmTotp,
      answer: confirmedTotp,
    },
    async handle(ctx, caller: UserCaller) {
      await assertStrong(caller);
      const { code } = validate(confirmTotp, bodyOf(ctx));
      const { recoveryCodes } = await totp.confirm(caller, pathId(ctx, 'totpId'), code);
      return recoveryCodes ? { recovery_codes: recoveryCodes } : {};
    },
  },
  {
    ...ours,
    method: 'delete',
    path: '/v1/users/me/totp/:totpId',
    status: 204,
    operation: { id: 'removeTotp', summary: 'Remove an authenticator app', tag },
    async handle(ctx, caller: UserCaller) {
      await assertStrong(caller);
      return totp.remove(caller, pathId(ctx, 'totpId'));
    },
  },
];
