/** Rows that give a backend tokens for an authenticator app or a passkey (contract/authentication.md 8, 9). */
import type Koa from 'koa';
import type { ClientCaller } from '../base/caller.ts';
import type { CrossDevicePasskeys } from '../factors/cross-device-passkeys.ts';
import { SecondFactorMissing, userNotActive, wrongCode } from '../factors/factor-faults.ts';
import { authenticationAnswer } from '../factors/passkey-answer-schema.ts';
import type { PasskeyAuthentication } from '../factors/passkey-authentication.ts';
import type { PasskeyPlaces } from '../factors/passkey-places.ts';
import type { TotpService } from '../factors/totp-service.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { BackendSignInDoor } from '../oidc/sessions/backend-sign-in.ts';
import { withApprovalData } from './approval-data.ts';
import { arriveAtBackend, type BackendArrivalParts } from './backend-arrival.ts';
import type { backendUsers } from './backend-users.ts';
import type { CallingClient, callingClient } from './calling-client.ts';
import {
  type AuthenticateTotp,
  type AuthenticateWebauthn,
  authenticateTotp,
  authenticateWebauthn,
} from './factor-token-schema.ts';
import { EXECUTE, tokenAnswer } from './sign-in-schema.ts';
import { toWordFault } from './text-fault.ts';

export interface FactorTokenParts extends BackendArrivalParts {
  readonly backend: Pick<BackendSignInDoor, 'signIn' | 'findEarlier' | 'open'>;
  readonly clientOf: ReturnType<typeof callingClient>;
  readonly findUser: ReturnType<typeof backendUsers>;
  readonly totp: Pick<TotpService, 'verify' | 'verifyRecoveryCode'>;
  readonly passkeys: {
    readonly places: Pick<PasskeyPlaces, 'ofApplication'>;
    readonly authentication: Pick<PasskeyAuthentication, 'finish'>;
    readonly crossDevice: Pick<CrossDevicePasskeys, 'signIn'>;
  };
}

const post = {
  method: 'post',
  tokens: ['client'],
  permissions: EXECUTE,
  status: 200,
  toFault: toWordFault,
} as const;

export const factorTokenRoutes = (parts: FactorTokenParts): Row[] => [
  {
    ...post,
    path: '/v1/auth/totp/authenticate',
    operation: {
      id: 'authenticateTotp',
      summary: 'Redeem a code of an authenticator app, or a recovery code, for tokens',
      tag: 'Authenticator apps',
      body: authenticateTotp,
      answer: tokenAnswer,
    },
    handle: async (ctx, { clientId }: ClientCaller) =>
      byTotp(parts, ctx, await parts.clientOf(clientId), validate(authenticateTotp, bodyOf(ctx))),
  },
  {
    ...post,
    path: '/v1/auth/webauthn/authenticate',
    operation: {
      id: 'authenticateWebauthn',
      summary: 'Redeem the answer of a passkey for tokens',
      tag: 'Passkeys',
      body: authenticateWebauthn,
      answer: tokenAnswer,
    },
    handle: async (ctx, { clientId }: ClientCaller) =>
      byPasskey(parts, ctx, await parts.clientOf(clientId), validate(authenticateWebauthn, bodyOf(ctx))),
  },
];

async function byTotp(
  parts: FactorTokenParts,
  ctx: Koa.Context,
  calling: CallingClient,
  body: AuthenticateTotp,
): Promise<unknown> {
  const { identifier, identifier_type = 'email' } = body;
  const user = await parts.findUser(calling, { identifier, identifier_type });
  if (!user || user.status === 'Disabled') throw wrongCode();
  const { tenantId, appId } = calling.application;
  const owner = { tenantId, appId, userId: user.userId };
  const code = body.token ?? body.passcode;
  const factor =
    code === undefined
      ? await parts.totp.verifyRecoveryCode(owner, body.recovery_code ?? '')
      : await parts.totp.verify(owner, code);
  const tokens = await arriveAtBackend(parts, ctx, calling, { user, factor }, body);
  if (!tokens) throw wrongCode();
  return tokens;
}

async function byPasskey(
  parts: FactorTokenParts,
  ctx: Koa.Context,
  calling: CallingClient,
  body: AuthenticateWebauthn,
): Promise<unknown> {
  const { places, authentication, crossDevice } = parts.passkeys;
  const place = await places.ofApplication(calling.application.tenantId, calling.client.clientId);
  const answer = authenticationAnswer(body.webauthn_encoded_result);
  const outcome = await crossDevice.signIn(place, answer.sessionId, async (at, isHanded) => {
    const { user, amr, approvalData } = await authentication.finish(at, answer);
    const request = { ...body, claims: withApprovalData(body.claims, approvalData) };
    const arrival = arriveAtBackend(parts, ctx, calling, { user, factor: amr }, request);
    const tokens = await arrival.catch(asSecondFactorMissing);
    if (!tokens) throw userNotActive();
    if (!isHanded) return { answer: tokens };
    const { clientId, appId } = calling.client;
    const sessionId = await parts.backend.open({ clientId, appId, userId: user.userId, factor: amr });
    return { answer: tokens, session: { sessionId, approvalData } };
  });
  if (outcome instanceof SecondFactorMissing) throw outcome;
  return outcome;
}

/** The passkey was right, and the first device goes on to the second factor with what it gets. @throws everything else */
function asSecondFactorMissing(error: unknown): SecondFactorMissing {
  if (error instanceof SecondFactorMissing) return error;
  throw error;
}
