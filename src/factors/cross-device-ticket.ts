/**
 * A ticket joins two devices in one passkey ceremony: the first one asks and waits, the second one has the authenticator
 * (contract/authentication.md 8). Its state is kept in items of their own, so that each step is taken by one caller only.
 */
import type { AppId, ClientId, TenantId, UserId } from '../base/ids.ts';
import { hashSecret, newSecret } from '../base/secrets.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import { deviceAttached, ticketNotFound } from './factor-faults.ts';
import type { ExternalUser } from './passkey-external.ts';

export type TicketStatus = 'pending' | 'scanned' | 'success' | 'error' | 'timeout' | 'aborted';

export interface Ticket {
  readonly purpose: 'register' | 'authenticate';
  /** Nobody else can finish or abort it. */
  readonly clientId: ClientId;
  readonly appId: AppId;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly username?: string | undefined;
  /** Who registers, where they were signed in at the start. */
  readonly userId?: UserId | undefined;
  /** A device that has a passkey of theirs gets no second one. */
  readonly isOnePerDevice?: boolean | undefined;
  /** Who registers, where the application vouches for them. */
  readonly external?: ExternalUser | undefined;
  readonly approvalData?: Readonly<Record<string, unknown>> | undefined;
  /** Five minutes where nothing is said. */
  readonly seconds?: number | undefined;
  /** Of a session of the older family, which binds its devices (bound-tickets.ts); such a ticket is none for the newer one. */
  readonly binding?: TicketBinding | undefined;
}

export interface TicketBinding {
  /** Hash of the token of the device that began; absent where a backend did. */
  readonly originHash?: string | undefined;
  /** Where the code of the session is good. */
  readonly redirectUri: string;
  /** To be shown on the second device. */
  readonly message?: string | undefined;
  /** What the device that began says it is. */
  readonly userAgent: string;
}

/** With the key under which the ticket is kept: the hash of its id. */
export interface FoundTicket extends Ticket {
  readonly tenantId: TenantId;
  readonly key: string;
}

/** How a ticket ended. */
export interface Outcome {
  readonly status: 'success' | 'error' | 'aborted';
  readonly sealedSession?: string | undefined;
}

const TICKET_SECONDS = 300;
/** So long a ticket that is over can still be asked for its status. */
export const REMEMBERED_SECONDS = 900;
export const KIND = {
  ticket: 'CrossDevice',
  device: 'CrossDeviceAttached',
  outcome: 'CrossDeviceOutcome',
} as const;
/** Which ticket a ceremony belongs to. */
const CEREMONY_KIND = 'CrossDeviceCeremony';

export class CrossDeviceTickets {
  readonly #ephemeral: EphemeralStore;
  constructor(ephemeral: EphemeralStore) {
    this.#ephemeral = ephemeral;
  }

  /** @returns the `cross_device_ticket_id` */
  async open(tenantId: TenantId, ticket: Omit<Ticket, 'startedAt'>): Promise<string> {
    const id = newSecret();
    const at = { tenantId, kind: KIND.ticket, key: hashSecret(id) };
    const kept = { ...ticket, startedAt: Date.now() };
    await this.#ephemeral.put(at, JSON.parse(JSON.stringify(kept)), {
      ttlSeconds: REMEMBERED_SECONDS,
      ...(ticket.userId !== undefined && { userId: ticket.userId }),
    });
    return id;
  }

  /** A ticket that is still to be finished. @throws 404 for one that is made up, over, or for something else */
  async take(tenantId: TenantId, id: string, purpose?: Ticket['purpose']): Promise<FoundTicket> {
    const found = await this.find(tenantId, hashSecret(id));
    if (!found?.isOpen || (purpose !== undefined && found.ticket.purpose !== purpose)) throw ticketNotFound();
    return found.ticket;
  }

  /** The first device to come is the second device. @throws 404 as `take`, 400 for any other one */
  async attach(tenantId: TenantId, id: string): Promise<FoundTicket> {
    const ticket = await this.take(tenantId, id);
    if (ticket.binding) throw ticketNotFound();
    if (!(await this.join(ticket))) throw deviceAttached();
    return ticket;
  }

  /** @throws 404 for a ticket that is not known (any more) */
  async status(
    tenantId: TenantId,
    id: string,
  ): Promise<{ status: TicketStatus; sealedSession?: string | undefined }> {
    const found = await this.find(tenantId, hashSecret(id));
    if (!found || found.ticket.binding) throw ticketNotFound();
    return this.progress(found.ticket);
  }

  async progress(ticket: FoundTicket): Promise<{ status: TicketStatus; sealedSession?: string | undefined }> {
    const outcome = await this.#ephemeral.get(at(ticket, KIND.outcome));
    if (outcome) return outcome.value as unknown as Outcome;
    if (secondsLeft(ticket) <= 0) return { status: 'timeout' };
    const attached = await this.#ephemeral.get(at(ticket, KIND.device));
    return { status: attached ? 'scanned' : 'pending' };
  }

  /** @throws 404 for a ticket of another client, and one that is over */
  async abort({ tenantId, clientId }: { tenantId: TenantId; clientId: ClientId }, id: string): Promise<void> {
    const ticket = await this.take(tenantId, id);
    if (ticket.clientId !== clientId || !(await this.spend(ticket))) throw ticketNotFound();
    await this.end(ticket, { status: 'aborted' });
  }

  /** Notes that the ceremony is the ticket's; whoever begins one without having attached has attached by that. */
  async bind(ticket: FoundTicket, webauthnSessionId: string): Promise<void> {
    if (!ticket.binding) await this.join(ticket);
    // Kept longer than the ceremony: as long as there is one, it is known to which ticket it belongs.
    await this.#ephemeral.put(
      ceremonyAt(ticket.tenantId, webauthnSessionId),
      { key: ticket.key },
      { ttlSeconds: REMEMBERED_SECONDS },
    );
  }

  /** The ticket of a ceremony that this client has begun for this purpose, open or not. */
  async findByCeremony(
    { tenantId, clientId, purpose }: Pick<FoundTicket, 'tenantId' | 'clientId' | 'purpose'>,
    webauthnSessionId: string,
  ): Promise<FoundTicket | undefined> {
    const bound = await this.#ephemeral.get(ceremonyAt(tenantId, webauthnSessionId));
    const ticket = bound && (await this.find(tenantId, String(bound.value.key)))?.ticket;
    return ticket?.clientId === clientId && ticket.purpose === purpose ? ticket : undefined;
  }

  /** True for exactly one caller, and only before its time is over. */
  async spend(ticket: FoundTicket): Promise<boolean> {
    return secondsLeft(ticket) > 0 && (await this.#ephemeral.consume(at(ticket, KIND.ticket)));
  }

  end(ticket: FoundTicket, outcome: Outcome): Promise<void> {
    return this.#ephemeral.put(at(ticket, KIND.outcome), JSON.parse(JSON.stringify(outcome)), {
      ttlSeconds: REMEMBERED_SECONDS,
    });
  }

  /** True for exactly one device. */
  join(ticket: FoundTicket, device: Record<string, unknown> = {}): Promise<boolean> {
    return this.#ephemeral.putIfAbsent(at(ticket, KIND.device), device, { ttlSeconds: REMEMBERED_SECONDS });
  }

  /** Open or not. */
  async find(tenantId: TenantId, key: string): Promise<{ ticket: FoundTicket; isOpen: boolean } | undefined> {
    const item = await this.#ephemeral.get({ tenantId, kind: KIND.ticket, key });
    if (!item) return undefined;
    const ticket = { ...(item.value as unknown as Ticket), tenantId, key };
    return { ticket, isOpen: !item.consumed && secondsLeft(ticket) > 0 };
  }
}

/** Whole seconds until the ticket is over; 0 or less afterwards. */
export const secondsLeft = ({ startedAt, seconds = TICKET_SECONDS }: Ticket): number =>
  Math.ceil((startedAt - Date.now()) / 1000) + seconds;

export const at = ({ tenantId, key }: FoundTicket, kind: string): ItemKey => ({ tenantId, kind, key });
const ceremonyAt = (tenantId: TenantId, id: string): ItemKey => ({
  tenantId,
  kind: CEREMONY_KIND,
  key: hashSecret(id),
});
