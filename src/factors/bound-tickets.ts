/**
 * Cross-device tickets of the older family (`auth-session`, contract/authentication.md 8): each device shows a token that only it
 * has, so that whoever learns the id alone can do nothing with it.
 */
import type { TenantId, UserId } from '../base/ids.ts';
import { hashSecret, newSecret, sameHash } from '../base/secrets.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import {
  at,
  type CrossDeviceTickets,
  type FoundTicket,
  KIND,
  REMEMBERED_SECONDS,
  type Ticket,
  type TicketBinding,
} from './cross-device-ticket.ts';
import {
  authSessionNotFound,
  deviceAlreadyAttached,
  deviceTokenMissing,
  deviceTokenWrong,
  invalidAuthSession,
} from './factor-faults.ts';

export interface BoundTicket extends FoundTicket {
  readonly binding: TicketBinding;
}
type NewTicket = Omit<Ticket, 'startedAt' | 'binding'>;
type NewBinding = Omit<TicketBinding, 'originHash'>;

/** Which device of a session it is. */
export interface KnownDevice {
  readonly isFirst: boolean;
  readonly isAttached: boolean;
}

const AUTHORIZED = 'CrossDeviceAuthorized';
const DETACHED = 'CrossDeviceDetached';
const ttlSeconds = REMEMBERED_SECONDS;

interface Parts {
  readonly tickets: CrossDeviceTickets;
  readonly ephemeral: EphemeralStore;
}

export class BoundTickets {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begun by a device. @returns the id, and the token of that device */
  async openOnDevice(tenantId: TenantId, ticket: NewTicket, binding: NewBinding) {
    const token = newSecret();
    const bound = { ...ticket, binding: { ...binding, originHash: hashSecret(token) } };
    return { id: await this.#parts.tickets.open(tenantId, bound), token };
  }

  /** Begun by a backend: the first device to attach is the only one. */
  openForDevice(tenantId: TenantId, ticket: NewTicket, binding: NewBinding): Promise<string> {
    return this.#parts.tickets.open(tenantId, { ...ticket, binding });
  }

  /** Open or over, as long as it is remembered. @throws 404 */
  async find(tenantId: TenantId, id: string): Promise<{ ticket: BoundTicket; isOpen: boolean }> {
    const found = await this.#parts.tickets.find(tenantId, hashSecret(id));
    if (!isBound(found?.ticket)) throw authSessionNotFound();
    return { ticket: found.ticket, isOpen: found.isOpen };
  }

  /** @throws 404 for one that is made up or over */
  async take(tenantId: TenantId, id: string): Promise<BoundTicket> {
    const { ticket, isOpen } = await this.find(tenantId, id);
    if (!isOpen) throw authSessionNotFound();
    return ticket;
  }

  /** The first device to come is it. @returns its token. @throws 404 as `take`, 400 for any other device */
  async attach(tenantId: TenantId, id: string): Promise<{ ticket: BoundTicket; token: string }> {
    const ticket = await this.take(tenantId, id);
    const token = newSecret();
    if (!(await this.#parts.tickets.join(ticket, { hash: hashSecret(token) }))) throw deviceAlreadyAttached();
    return { ticket, token };
  }

  /** @throws 401 for no token, and for one of no device of this session */
  async known(ticket: BoundTicket, token: string): Promise<KnownDevice> {
    if (token === '') throw deviceTokenMissing();
    const hash = hashSecret(token);
    const attached = await this.#attachedHash(ticket);
    const { originHash } = ticket.binding;
    const device = {
      isFirst: originHash !== undefined && sameHash(originHash, hash),
      isAttached: attached !== undefined && sameHash(attached, hash),
    };
    if (!device.isFirst && !device.isAttached) throw deviceTokenWrong();
    return device;
  }

  /** Of a ticket of either family: a ceremony on a bound one is begun by the attached device alone. @throws 401 */
  async assertMayBegin(ticket: FoundTicket, token: string): Promise<void> {
    if (isBound(ticket) && !(await this.known(ticket, token)).isAttached) throw deviceTokenWrong();
  }

  /**
   * From now on the ticket is for a new passkey of this user, and for nothing else. The device must be there before: nobody who
   * comes later gets what was allowed to somebody else.
   * @throws 400 without a device, and for a session that was allowed something already
   */
  async authorize(ticket: BoundTicket, user: { userId: UserId; username: string }): Promise<void> {
    const { ephemeral } = this.#parts;
    if (ticket.purpose !== 'authenticate' || ticket.binding.originHash === undefined)
      throw invalidAuthSession('The session is authorized already');
    if ((await this.#attachedHash(ticket)) === undefined)
      throw invalidAuthSession('No device is attached to the session yet; attach it first');
    if (!(await ephemeral.putIfAbsent(at(ticket, AUTHORIZED), {}, { ttlSeconds })))
      throw invalidAuthSession('The session is authorized already');
    const { tenantId: _tenant, key: _key, ...kept } = ticket;
    const value = JSON.parse(JSON.stringify({ ...kept, purpose: 'register', ...user }));
    const { userId } = user;
    if (!(await ephemeral.replace(at(ticket, KIND.ticket), value, { ttlSeconds, userId })))
      throw authSessionNotFound();
  }

  /** The device's token is good for nothing more; what was not finished stays so. @throws 401 for any other token */
  async detach(tenantId: TenantId, id: string, token: string): Promise<void> {
    const { tickets, ephemeral } = this.#parts;
    const { ticket } = await this.find(tenantId, id);
    if (!(await this.known(ticket, token)).isAttached) throw deviceTokenWrong();
    if (!(await ephemeral.putIfAbsent(at(ticket, DETACHED), {}, { ttlSeconds }))) throw deviceTokenWrong();
    if (await tickets.spend(ticket)) await tickets.end(ticket, { status: 'aborted' });
  }

  async isDetached(ticket: BoundTicket): Promise<boolean> {
    return (await this.#parts.ephemeral.get(at(ticket, DETACHED))) !== undefined;
  }

  /** Undefined before and after. */
  async #attachedHash(ticket: BoundTicket): Promise<string | undefined> {
    const device = await this.#parts.ephemeral.get(at(ticket, KIND.device));
    const hash = device?.value.hash;
    return typeof hash === 'string' && !(await this.isDetached(ticket)) ? hash : undefined;
  }
}

const isBound = (ticket: FoundTicket | undefined): ticket is BoundTicket => ticket?.binding !== undefined;
