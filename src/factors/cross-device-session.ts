/** Hands the session of a sign-in on one device to another one: an id that is good once, for one client (contract/authentication.md 8). */
import type { ClientId, TenantId } from '../base/ids.ts';
import { hashSecret, newSecret } from '../base/secrets.ts';
import type { Sealer } from '../keys/sealer.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import type { FoundTicket } from './cross-device-ticket.ts';

export interface HandedSession {
  /** Of the backend session. */
  readonly sessionId: string;
  readonly approvalData?: Readonly<Record<string, unknown>> | undefined;
}

interface Kept {
  readonly clientId: ClientId;
  /** It is a credential, and so is the id it is handed out under. */
  readonly sealedId: string;
  readonly approvalData?: Readonly<Record<string, unknown>>;
}

interface Parts {
  readonly ephemeral: EphemeralStore;
  readonly sealer: Pick<Sealer, 'seal' | 'open'>;
}

const KIND = 'CrossDeviceSession';
export const HANDED_SECONDS = 300;
const CONTEXT = 'cross-device session';
const handedAt = (tenantId: TenantId, id: string) => ({ tenantId, kind: KIND, key: hashSecret(id) });

export class CrossDeviceSessions {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @returns the id for the first device, sealed */
  async hand({ tenantId, clientId }: FoundTicket, session: HandedSession): Promise<string> {
    const { ephemeral, sealer } = this.#parts;
    const id = newSecret();
    const { sessionId, approvalData } = session;
    const kept: Kept = {
      clientId,
      sealedId: sealer.seal(sessionId, CONTEXT),
      ...(approvalData && { approvalData }),
    };
    await ephemeral.put(handedAt(tenantId, id), { ...kept }, { ttlSeconds: HANDED_SECONDS });
    return sealer.seal(id, CONTEXT);
  }

  /** Undefined once it is redeemed or over. */
  async openSealed(tenantId: TenantId, sealed: string | undefined): Promise<string | undefined> {
    if (sealed === undefined) return undefined;
    const id = this.#parts.sealer.open(sealed, CONTEXT);
    const item = await this.#parts.ephemeral.get(handedAt(tenantId, id));
    return item && !item.consumed ? id : undefined;
  }

  /** For exactly one call of the client whose ticket it was; undefined for every other id, client and time. */
  async redeem(tenantId: TenantId, clientId: ClientId, id: string): Promise<HandedSession | undefined> {
    const at = handedAt(tenantId, id);
    const kept = (await this.#parts.ephemeral.get(at))?.value as unknown as Kept | undefined;
    // Another client must not be able to spend it either: the client is compared first.
    if (kept?.clientId !== clientId || !(await this.#parts.ephemeral.consume(at))) return undefined;
    return { sessionId: this.#parts.sealer.open(kept.sealedId, CONTEXT), approvalData: kept.approvalData };
  }
}
