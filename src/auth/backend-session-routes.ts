/** Rows of backend sessions (contract/tokens-and-sessions.md 7). */
import type { ClientCaller } from '../base/caller.ts';
import { notFound } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import type { CrossDeviceSessions } from '../factors/cross-device-session.ts';
import { bodyOf, pathId, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { BackendSignInDoor } from '../oidc/sessions/backend-sign-in.ts';
import { withApprovalData } from './approval-data.ts';
import { tokenRequestOf } from './backend-arrival.ts';
import { authenticateSession, backendSessions, endSession, refreshToken } from './backend-session-schema.ts';
import type { backendUsers } from './backend-users.ts';
import type { CallingClient, callingClient } from './calling-client.ts';
import { EXECUTE, refreshedAnswer, tokenAnswer } from './sign-in-schema.ts';
import { toWordFault } from './text-fault.ts';

export interface BackendSessionParts {
  readonly clientOf: ReturnType<typeof callingClient>;
  readonly findUser: ReturnType<typeof backendUsers>;
  readonly backend: BackendSignInDoor;
  readonly crossDeviceSessions: Pick<CrossDeviceSessions, 'redeem'>;
}

const ours = { tokens: ['client'], permissions: EXECUTE, toFault: toWordFault } as const;
const ofUser = { ...ours, path: '/v1/auth/users/:userId/sessions' } as const;
const tag = 'Backend sessions';

export const backendSessionRoutes = (parts: BackendSessionParts): Row[] => [
  {
    ...ours,
    method: 'post',
    path: '/v1/auth/session/authenticate',
    status: 200,
    operation: {
      id: 'authenticateSession',
      summary: 'Get tokens for a session that lives',
      tag,
      body: authenticateSession,
      answer: tokenAnswer,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(authenticateSession, bodyOf(ctx));
      const calling = await parts.clientOf(clientId);
      const { tenantId } = calling.application;
      const handed = await parts.crossDeviceSessions.redeem(tenantId, clientId, body.session_id);
      const claims = withApprovalData(body.claims, handed?.approvalData);
      return parts.backend.authenticate(ctx, {
        ...tokenRequestOf(calling, { ...body, claims }),
        sessionId: handed?.sessionId ?? body.session_id,
      });
    },
  },
  {
    ...ours,
    method: 'post',
    path: '/v1/auth/token/refresh',
    status: 200,
    operation: {
      id: 'refreshBackendToken',
      summary: 'Get new tokens for a refresh token of your client',
      tag,
      body: refreshToken,
      answer: refreshedAnswer,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(refreshToken, bodyOf(ctx));
      const { client } = await parts.clientOf(clientId);
      return parts.backend.refresh(ctx, { clientId: client.clientId, refreshToken: body.refresh_token });
    },
  },
  {
    ...ours,
    method: 'post',
    path: '/v1/auth/session/logout',
    permissions: [...EXECUTE, 'sessions:delete'],
    status: 204,
    operation: {
      id: 'logoutBackendSession',
      summary: 'End a session with its refresh tokens; one that is over already is no fault',
      tag,
      body: endSession,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(endSession, bodyOf(ctx));
      const { client } = await parts.clientOf(clientId);
      await parts.backend.end(client.appId, body.session_id);
    },
  },
  {
    ...ofUser,
    method: 'get',
    permissions: [...EXECUTE, 'sessions:read'],
    status: 200,
    operation: {
      id: 'getBackendSessions',
      summary: 'List the sessions of a user at your application',
      tag,
      answer: backendSessions,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const calling = await parts.clientOf(clientId);
      const userId = await memberOf(parts, calling, pathId(ctx, 'userId'));
      return parts.backend.list(calling.client.appId, userId);
    },
  },
  {
    ...ofUser,
    method: 'delete',
    permissions: [...EXECUTE, 'sessions:delete'],
    status: 204,
    operation: {
      id: 'endBackendSessions',
      summary: 'End every session of a user at your application, with the refresh tokens',
      tag,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const calling = await parts.clientOf(clientId);
      const userId = await memberOf(parts, calling, pathId(ctx, 'userId'));
      await parts.backend.endAll(calling.client.appId, userId);
    },
  },
];

/** @throws 404 for anybody who is not a user of the application */
async function memberOf(
  { findUser }: BackendSessionParts,
  calling: CallingClient,
  identifier: UserId,
): Promise<UserId> {
  const user = await findUser(calling, { identifier_type: 'user_id', identifier });
  if (!user) throw notFound('User not found');
  return user.userId;
}
