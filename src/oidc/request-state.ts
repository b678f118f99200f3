/** What one request to the engine has learnt, carried beside it so that nothing is kept in a shared map. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from 'oidc-provider';
import type { ClientId } from '../base/ids.ts';
import type { OidcClient } from '../clients/client.ts';
import type { Consent } from '../consents/consent.ts';
import type { DelegatedConsent } from '../consents/delegated-consent.ts';
import type { Resource } from '../resources/resource.ts';
import type { HeldRole } from '../roles/role.ts';
import type { User } from '../users/user.ts';
import type { EndedSession } from './sessions/ended-session.ts';
import type { SignInTicket } from './sessions/sign-in-ticket.ts';
import type { VerifiedToken } from './verified-token.ts';

export interface RequestState {
  /** A JWT access token of ours whose signature was checked in this request. */
  verified?: VerifiedToken;
  /** The named resource whose lifetimes apply; loaded before the engine's synchronous questions. */
  resource?: Resource;
  /** Hash of the refresh token that the next saved one replaces. */
  replacing?: string;
  /** The successor of a used refresh token that came back within the grace window. */
  successor?: string;
  /** The consent that this authorization request rests on. */
  consent?: Consent;
  /** The delegated consent that the grant of this request rests on. */
  delegatedConsent?: DelegatedConsent;
  /** Browser sessions as read in this request, by uid. */
  readonly sessions: Map<string, { readonly id: string; readonly loginTs: unknown; hasEnded: boolean }>;
  /** Payloads of living grants, read along with a token. */
  readonly grants: Map<string, Record<string, unknown>>;
  /** The users behind them. */
  readonly users: Map<string, User>;
  /** Roles of users, by application and user: the access token and the ID token of one answer agree. */
  readonly roles: Map<string, Promise<readonly HeldRole[]>>;
  /** The access token of this answer, whose hash goes into the ID token. */
  accessToken?: string;
  /** Called with each client that the engine finds, in requests with a client certificate. */
  meetClient?: (client: OidcClient) => Promise<void>;
  /** The client to which an authority issued the certificate of this request. */
  certificateIssuedTo?: ClientId;
  /** Thumbprint of the certificate that a refresh token saved in this request is tied to. */
  refreshTokenBinding?: string;
  /** Who proved what at the authentication API, in the visit of a sign-in ticket. */
  ticket?: SignInTicket;
  /** The client in whose name a face of ours asks. */
  vouchedFor?: ClientId;
  /** The internal clients exist here: the one of the house, and the SAML clients (house-requests.ts). Absent means no. */
  houseIsOpen?: boolean;
  /** The client that is told of a logout: outside of any request of its own, but with its keys. */
  speaksTo?: Client;
  /** The browser session that ended in this request. */
  endedSession?: EndedSession;
  /** The database could not serve this request at this moment. */
  isBusy?: boolean;
  /** Why the engine refused this request. */
  refusal?: Error;
}

const storage = new AsyncLocalStorage<RequestState>();

const empty = (): RequestState => ({
  sessions: new Map(),
  grants: new Map(),
  users: new Map(),
  roles: new Map(),
});

export const withRequestState = <T>(run: () => T): T => storage.run(empty(), run);

/** The state of this request; outside of one, an empty state that nobody else sees. */
export const requestState = (): RequestState => storage.getStore() ?? empty();

/** Runs with what this request has learnt, and with the internal clients. */
export const withInternalClients = <T>(run: () => T): T =>
  storage.run({ ...requestState(), houseIsOpen: true }, run);

/** Keeps a grant that was just read, with its user, for the rest of this request. */
export function rememberGrant(
  grantId: string,
  grant: { payload: Record<string, unknown>; user: User },
): void {
  const { grants, users } = requestState();
  grants.set(grantId, grant.payload);
  users.set(grant.user.userId, grant.user);
}
