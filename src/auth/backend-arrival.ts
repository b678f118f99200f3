/** The end of every sign-in of the backend family: the factor is noted, and tokens come out (tokens-and-sessions.md 7). */
import type Koa from 'koa';
import type { OrganizationId } from '../base/ids.ts';
import { type Factor, hasShownCredential } from '../factors/factor.ts';
import type { BackendSignInDoor, TokenAnswer } from '../oidc/sessions/backend-sign-in.ts';
import type { Admission } from '../users/admission.ts';
import type { ProvedContact } from '../users/proved-contact.ts';
import type { User } from '../users/user.ts';
import type { CallingClient } from './calling-client.ts';

/** As the bodies have it. */
export interface BackendBody {
  readonly resource?: string | undefined;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly org_id?: string | undefined;
  readonly session_id?: string | undefined;
  readonly client_attributes?: { readonly ip_address?: string | undefined } | undefined;
}

export interface BackendArrivalParts {
  readonly admission: Pick<Admission, 'signedIn'>;
  readonly backend: Pick<BackendSignInDoor, 'signIn' | 'findEarlier'>;
}

export interface Proof {
  readonly user: Pick<User, 'userId'>;
  readonly factor: Factor;
  /** Where a message reached the person. */
  readonly proved?: ProvedContact | undefined;
}

/** What a token request has in the words of the engine's door. */
export const tokenRequestOf = ({ client }: Pick<CallingClient, 'client'>, body: BackendBody) => ({
  clientId: client.clientId,
  appId: client.appId,
  ...(body.resource !== undefined && { resource: body.resource }),
  ...(body.claims && { claims: body.claims }),
  ...(body.org_id !== undefined && { organizationId: body.org_id as OrganizationId }),
});

/** @returns undefined where the user was disabled or deleted meanwhile. @throws 400, 403 as `BackendSignInDoor.signIn` */
export async function arriveAtBackend(
  { admission, backend }: BackendArrivalParts,
  ctx: Koa.Context,
  calling: CallingClient,
  { user, factor, proved }: Proof,
  body: BackendBody,
): Promise<TokenAnswer | undefined> {
  const { tenantId, appId } = calling.application;
  const ip = body.client_attributes?.ip_address;
  // A session of somebody else is refused below, and must not vouch for this user here.
  const { client } = calling;
  const earlier =
    body.session_id === undefined ? undefined : await backend.findEarlier(client, body.session_id);
  const isContinued = earlier?.userId === user.userId && hasShownCredential(earlier.amr);
  const backendSessionId = body.session_id;
  const arrival = { tenantId, appId, factor, isContinued, backendSessionId, ...(ip !== undefined && { ip }) };
  if (!(await admission.signedIn(arrival, user.userId, proved))) return undefined;
  return backend.signIn(ctx, {
    ...tokenRequestOf(calling, body),
    userId: user.userId,
    factor,
    ...(body.session_id !== undefined && { sessionId: body.session_id }),
  });
}
