/** Passkey ceremonies that one device begins and another one finishes (contract/authentication.md 8). */
import type { ClientCaller, UserCaller } from '../base/caller.ts';
import type { ClientId, TenantId, UserId } from '../base/ids.ts';
import type { BoundTickets } from './bound-tickets.ts';
import type { CrossDeviceSessions, HandedSession } from './cross-device-session.ts';
import {
  type CrossDeviceTickets,
  type FoundTicket,
  secondsLeft,
  type Ticket,
  type TicketStatus,
} from './cross-device-ticket.ts';
import { ticketNotFound } from './factor-faults.ts';
import type { RegistrationAnswer } from './passkey-answer.ts';
import type { PasskeyAuthentication } from './passkey-authentication.ts';
import type { ExternalPasskeys, ExternalUser, RegisteredExternally } from './passkey-external.ts';
import type { PasskeyPlaces } from './passkey-places.ts';
import type { NewPasskey, PasskeyRegistration } from './passkey-registration.ts';
import type { CeremonyPlace } from './passkey-session.ts';

interface Parts {
  readonly tickets: CrossDeviceTickets;
  readonly boundTickets: Pick<BoundTickets, 'assertMayBegin'>;
  readonly sessions: CrossDeviceSessions;
  readonly places: PasskeyPlaces;
  readonly registration: PasskeyRegistration;
  readonly authentication: PasskeyAuthentication;
  readonly external: ExternalPasskeys;
}

/** What the second half of a ceremony comes to: its answer, and the session for the first device. */
export interface Finished<Answer> {
  readonly answer: Answer;
  readonly session?: HandedSession;
}

/** With the user's own id where the application vouched for one, and whether they were made by this. */
export type Registered = NewPasskey &
  Partial<Pick<RegisteredExternally, 'isUserCreated'>> & { readonly externalUserId?: string | undefined };

export class CrossDevicePasskeys {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws 404 `client_not_found`, 403 where the application has no passkey settings */
  async initAuthentication(
    { tenantId, clientId }: { tenantId: TenantId; clientId: ClientId },
    wish: Pick<Ticket, 'username' | 'approvalData'>,
  ): Promise<string> {
    const { appId } = await this.#parts.places.ofApplication(tenantId, clientId);
    return this.#parts.tickets.open(tenantId, { purpose: 'authenticate', clientId, appId, ...wish });
  }

  /** For the signed-in user alone. The caller has shown a sign-in that is strong enough. */
  async initRegistration(
    caller: UserCaller,
    wish: Pick<Ticket, 'username' | 'isOnePerDevice'>,
  ): Promise<string> {
    const { tenantId, clientId, userId } = caller;
    const { appId } = await this.#parts.places.ofApplication(tenantId, clientId);
    return this.#parts.tickets.open(tenantId, { purpose: 'register', clientId, appId, userId, ...wish });
  }

  /** @throws 400, 403 where there is no such user and none may be made */
  async initExternal(caller: ClientCaller, external: ExternalUser, username: string): Promise<string> {
    const { tenantId, clientId } = caller;
    const { appId } = await this.#parts.places.ofApplication(tenantId, clientId);
    await this.#parts.external.assertMayRegister(caller, external);
    return this.#parts.tickets.open(tenantId, { purpose: 'register', clientId, appId, username, external });
  }

  /** On the second device. @throws 404 for a ticket that is over, made up, or for a sign-in; 401 as `BoundTickets.assertMayBegin` */
  async startRegistration(tenantId: TenantId, id: string, deviceToken: string) {
    const ticket = await this.#parts.tickets.take(tenantId, id, 'register');
    await this.#parts.boundTickets.assertMayBegin(ticket, deviceToken);
    const { username = '', isOnePerDevice } = ticket;
    const timeoutSeconds = secondsLeft(ticket);
    // Whose passkey it will be is the ticket's to say, here and at the end.
    const userId = isOnePerDevice ? ticket.userId : undefined;
    const place = await this.#placeOf(ticket);
    const started = await this.#parts.registration.start(place, { username, userId, timeoutSeconds });
    await this.#parts.tickets.bind(ticket, started.sessionId);
    return started;
  }

  /** On the second device. @throws 404 for a ticket that is over, made up, or for a registration; 401 likewise */
  async startAuthentication(tenantId: TenantId, id: string, deviceToken: string) {
    const ticket = await this.#parts.tickets.take(tenantId, id, 'authenticate');
    await this.#parts.boundTickets.assertMayBegin(ticket, deviceToken);
    const { username, approvalData } = ticket;
    const timeoutSeconds = secondsLeft(ticket);
    const place = await this.#placeOf(ticket);
    const started = await this.#parts.authentication.start(place, { username, approvalData, timeoutSeconds });
    await this.#parts.tickets.bind(ticket, started.sessionId);
    return started;
  }

  /**
   * @param signIn opens the session that a registration of the older family ends in
   * @throws 404 for a ceremony of no ticket of this client, else as a registration on one device
   */
  async register(
    caller: ClientCaller,
    answer: RegistrationAnswer,
    signIn: (userId: UserId) => Promise<HandedSession>,
  ): Promise<Registered> {
    const { tenantId, clientId } = caller;
    const of = { tenantId, clientId, purpose: 'register' } as const;
    const ticket = await this.#parts.tickets.findByCeremony(of, answer.sessionId);
    if (!ticket) throw ticketNotFound();
    const place = await this.#placeOf(ticket);
    return this.#finish(ticket, async () => {
      const registered = await this.#register(place, answer, caller, ticket);
      const externalUserId = ticket.external?.externalUserId;
      return {
        answer: { ...registered, externalUserId },
        ...(ticket.binding && { session: await signIn(registered.userId) }),
      };
    });
  }

  /**
   * Runs the second half of a sign-in. Where it belongs to a ticket, that is spent first, whatever comes of it, and says
   * afterwards how it went; the session is for the first device.
   * @throws 404 for a ticket that is over, else what `second` throws
   */
  async signIn<Answer>(
    place: CeremonyPlace,
    webauthnSessionId: string,
    second: (place: CeremonyPlace, isHanded: boolean) => Promise<Finished<Answer>>,
  ): Promise<Answer> {
    const of = { ...place, purpose: 'authenticate' } as const;
    const ticket = await this.#parts.tickets.findByCeremony(of, webauthnSessionId);
    if (!ticket) return (await second(place, false)).answer;
    return this.#finish(ticket, () => second({ ...place, ticket: ticket.key }, true));
  }

  attach(tenantId: TenantId, id: string): Promise<Ticket> {
    return this.#parts.tickets.attach(tenantId, id);
  }

  abort(caller: ClientCaller, id: string): Promise<void> {
    return this.#parts.tickets.abort(caller, id);
  }

  /** The session id is there as long as it can be redeemed. */
  async status(
    tenantId: TenantId,
    id: string,
  ): Promise<{ status: TicketStatus; sessionId?: string | undefined }> {
    const { status, sealedSession } = await this.#parts.tickets.status(tenantId, id);
    return { status, sessionId: await this.#parts.sessions.openSealed(tenantId, sealedSession) };
  }

  /** The ceremony of one ticket is not that of another one, nor one without. */
  async #placeOf({ tenantId, clientId, key }: FoundTicket): Promise<CeremonyPlace> {
    return { ...(await this.#parts.places.ofApplication(tenantId, clientId)), ticket: key };
  }

  async #finish<Answer>(ticket: FoundTicket, work: () => Promise<Finished<Answer>>): Promise<Answer> {
    if (!(await this.#parts.tickets.spend(ticket))) throw ticketNotFound();
    try {
      const { answer, session } = await work();
      const sealedSession = session && (await this.#parts.sessions.hand(ticket, session));
      await this.#parts.tickets.end(ticket, { status: 'success', sealedSession });
      return answer;
    } catch (error) {
      await this.#parts.tickets.end(ticket, { status: 'error' });
      throw error;
    }
  }

  #register(
    place: CeremonyPlace,
    answer: RegistrationAnswer,
    caller: ClientCaller,
    ticket: Ticket,
  ): Promise<Registered> {
    const { userId, external } = ticket;
    if (userId !== undefined) return this.#parts.registration.finish(place, answer, userId);
    if (external === undefined) throw ticketNotFound();
    return this.#parts.external.registerAt(place, answer, { caller, external });
  }
}
