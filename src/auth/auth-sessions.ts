/** Sessions of the older cross-device family: bound tickets whose result is an authorization code (contract/authentication.md 8). */
import type { ClientCaller, UserCaller } from '../base/caller.ts';
import { AppError, invalid } from '../base/errors.ts';
import type { ClientId, TenantId, UserId } from '../base/ids.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import type { BoundTicket, BoundTickets } from '../factors/bound-tickets.ts';
import type { CrossDeviceSessions } from '../factors/cross-device-session.ts';
import type { CrossDeviceTickets, TicketStatus } from '../factors/cross-device-ticket.ts';
import { authSessionNotFound, userNotActive } from '../factors/factor-faults.ts';
import type { PasskeyPlaces } from '../factors/passkey-places.ts';
import type { AssertStrongSignIn } from '../factors/strong-sign-in.ts';
import type { BackendSignInDoor } from '../oidc/sessions/backend-sign-in.ts';
import type { UserStore } from '../users/user-store.ts';
import { withApprovalData } from './approval-data.ts';
import type {
  AuthorizeSession,
  SessionStatus,
  StartAuthorized,
  StartRestricted,
} from './auth-session-schema.ts';
import type { callingClient } from './calling-client.ts';
import type { RedirectSignIns } from './redirect-request.ts';

export interface AuthSessionParts {
  readonly tenantId: TenantId;
  readonly boundTickets: BoundTickets;
  readonly crossDeviceTickets: Pick<CrossDeviceTickets, 'progress'>;
  readonly crossDeviceSessions: Pick<CrossDeviceSessions, 'openSealed' | 'redeem'>;
  readonly places: Pick<PasskeyPlaces, 'ofApplication'>;
  readonly redirects: Pick<RedirectSignIns, 'accept'>;
  readonly clientOf: ReturnType<typeof callingClient>;
  readonly backend: Pick<BackendSignInDoor, 'code'>;
  readonly users: Pick<UserStore, 'findCandidate' | 'findMember'>;
  readonly assertStrong: AssertStrongSignIn;
}

type Caller = ClientCaller | UserCaller;

export class AuthSessions {
  readonly #parts: AuthSessionParts;
  constructor(parts: AuthSessionParts) {
    this.#parts = parts;
  }

  /** Of anybody, for a sign-in. @returns the id, and the token of the device. @throws 400, 403, 404 `client_not_found` */
  async startRestricted(body: StartRestricted, userAgent: string): Promise<{ id: string; token: string }> {
    const { tenantId } = this.#parts;
    const clientId = body.client_id as ClientId;
    const place = await this.#place(clientId, body.redirect_uri);
    const { approval_data: approvalData, session_expiration: seconds } = body;
    return this.#parts.boundTickets.openOnDevice(
      tenantId,
      { purpose: 'authenticate', clientId, appId: place.appId, approvalData, seconds },
      { redirectUri: place.redirectUri, message: body.cross_device?.binding_message, userAgent },
    );
  }

  /** For a new passkey of a user whom the caller vouches for. @returns the id. @throws as `startRestricted`, `#userOf` */
  async startAuthorized(caller: Caller, body: StartAuthorized): Promise<string> {
    assertOwnClient(caller, body.client_id);
    const { clientId } = caller;
    const { username, session_expiration: seconds } = body;
    const { appId, redirectUri } = await this.#place(clientId, body.redirect_uri);
    const userId = await this.#userOf(caller, username);
    return this.#parts.boundTickets.openForDevice(
      this.#parts.tenantId,
      { purpose: 'register', clientId, appId, userId, username, seconds },
      { redirectUri, userAgent: '' },
    );
  }

  /** Lets the attached device of a restricted session register a passkey of the user. @throws 400, 404 for another client's session */
  async authorize(caller: Caller, body: AuthorizeSession): Promise<void> {
    assertOwnClient(caller, body.client_id);
    const ticket = await this.#parts.boundTickets.take(this.#parts.tenantId, body.auth_session_id);
    if (ticket.clientId !== caller.clientId) throw authSessionNotFound();
    const { username } = body;
    const userId = await this.#userOf(caller, username);
    await this.#parts.boundTickets.authorize(ticket, { userId, username });
  }

  attach(id: string): Promise<{ ticket: BoundTicket; token: string }> {
    return this.#parts.boundTickets.attach(this.#parts.tenantId, id);
  }

  detach(id: string, token: string): Promise<void> {
    return this.#parts.boundTickets.detach(this.#parts.tenantId, id, token);
  }

  /** The code is shown once, to the device that began; where a backend began, to the one that attached. @throws 401, 404 */
  async status(id: string, token: string): Promise<SessionStatus> {
    const { boundTickets, crossDeviceTickets, tenantId } = this.#parts;
    const { ticket } = await boundTickets.find(tenantId, id);
    const { isFirst } = await boundTickets.known(ticket, token);
    const { status, sealedSession } = await crossDeviceTickets.progress(ticket);
    if (status === 'timeout') throw authSessionNotFound();
    const mayRedeem = isFirst || ticket.binding.originHash === undefined;
    const code = mayRedeem ? await this.#code(ticket, sealedSession) : undefined;
    const isPending = status === 'pending' || status === 'scanned';
    return {
      session_status: isPending || code !== undefined ? 'in-progress' : 'completed',
      cross_device_status: (await boundTickets.isDetached(ticket)) ? 'completed' : statusOf(ticket, status),
      ...(code !== undefined && { cross_device_result: { auth_code: code } }),
    };
  }

  async #code(ticket: BoundTicket, sealedSession: string | undefined): Promise<string | undefined> {
    const { crossDeviceSessions: sessions, backend } = this.#parts;
    const { tenantId, clientId, appId } = ticket;
    const handedId = await sessions.openSealed(tenantId, sealedSession);
    const handed = handedId === undefined ? undefined : await sessions.redeem(tenantId, clientId, handedId);
    if (!handed) return undefined;
    const claims = withApprovalData(undefined, handed.approvalData);
    const { sessionId } = handed;
    const { redirectUri } = ticket.binding;
    return backend.code({ clientId, appId, sessionId, redirectUri, ...(claims && { claims }) });
  }

  /** What the client demands of authorization requests is not waived here either. */
  async #place(clientId: ClientId, wanted: string | undefined) {
    const { appId } = await this.#parts.places.ofApplication(this.#parts.tenantId, clientId);
    const calling = await this.#parts.clientOf(clientId);
    const redirectUri = wanted ?? calling.client.settings.redirect_uris[0];
    if (redirectUri === undefined)
      throw new TextCodeError(400, 'missing_redirect_uri', 'The client has no redirect URIs');
    await this.#parts.redirects.accept(calling, { redirect_uri: redirectUri }).catch((error: unknown) => {
      const isForeign = error instanceof AppError && error.message.startsWith('redirect_uri');
      throw isForeign ? new TextCodeError(400, 'invalid_redirect_uri', error.message) : error;
    });
    return { appId, redirectUri };
  }

  /**
   * A user vouches for nobody else and needs a strong sign-in, a backend vouches for users of its application.
   * @throws 400 for the name of another user, 404 for a stranger, 403 for a disabled one and for a weak sign-in
   */
  async #userOf(caller: Caller, username: string): Promise<UserId> {
    const { users, assertStrong } = this.#parts;
    const { tenantId, appId } = caller;
    if (caller.kind === 'user') await assertStrong(caller);
    const named = (await users.findCandidate({ tenantId, appId }, username))?.user;
    if (caller.kind === 'user') {
      if (named?.userId !== caller.userId)
        throw invalid('username: is not that of the user of the access token');
      return caller.userId;
    }
    const member = named && (await users.findMember({ tenantId, appId }, 'userId', named.userId));
    if (!member) throw new TextCodeError(404, 'user_not_found', 'The application has no such user');
    if (member.user.status === 'Disabled') throw userNotActive();
    return member.user.userId;
  }
}

function assertOwnClient(caller: Caller, clientId: string | undefined): void {
  if (clientId !== undefined && clientId !== caller.clientId)
    throw invalid('client_id: is not the client of the access token');
}

function statusOf({ purpose }: BoundTicket, status: TicketStatus): SessionStatus['cross_device_status'] {
  if (status === 'pending') return 'pending-attachment';
  if (status === 'scanned') return 'attached';
  if (status !== 'success') return 'completed';
  return purpose === 'register' ? 'registered' : 'authenticated';
}
