/** What Tessera remembers between the two halves of a passkey ceremony; good for one answer, within its time. */
import type { AppId, ClientId, TenantId, UserId } from '../base/ids.ts';
import { hashSecret, newSecret } from '../base/secrets.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import type { PasskeyScope } from '../users/passkey-store.ts';
import { invalidRequest } from './factor-faults.ts';
import type { RelyingParty } from './passkey-party.ts';

/** Where a ceremony takes place. Its second half must come from the very same place. */
export interface CeremonyPlace {
  readonly tenantId: TenantId;
  readonly clientId: ClientId;
  readonly appId: AppId;
  readonly party: RelyingParty;
  /** Of a ceremony that joins two devices: the key of its ticket. */
  readonly ticket?: string;
}

export interface Ceremony {
  readonly kind: 'register' | 'authenticate';
  /** Base64url, as the authenticator signs it. */
  readonly challenge: string;
  /** Under which name the passkey is made or looked for. */
  readonly username?: string;
  /** What the authenticator is told to know the user by; of a registration. */
  readonly userHandle?: string;
  /** The one user who may finish, where one is known at the start. */
  readonly userId?: UserId;
  readonly approvalData?: Readonly<Record<string, unknown>>;
}

/** The least, the greatest and the usual time for an answer, in seconds (contract/authentication.md 8). */
export const CEREMONY_SECONDS = { min: 30, max: 600, usual: 300 } as const;

const KIND = 'WebauthnSession';

interface Kept extends Ceremony {
  readonly clientId: ClientId;
  readonly appId: AppId;
  readonly scope: PasskeyScope;
  readonly ticket?: string;
}

export class PasskeySessions {
  readonly #ephemeral: EphemeralStore;
  constructor(ephemeral: EphemeralStore) {
    this.#ephemeral = ephemeral;
  }

  /** @returns the `webauthn_session_id` */
  async open(
    { tenantId, clientId, appId, party, ticket }: CeremonyPlace,
    ceremony: Ceremony,
    ttlSeconds: number,
  ) {
    const id = newSecret();
    const kept: Kept = {
      ...{ ...ceremony, clientId, appId, scope: party.scope },
      ...(ticket !== undefined && { ticket }),
    };
    await this.#ephemeral.put(sessionAt(tenantId, id), JSON.parse(JSON.stringify(kept)), {
      ttlSeconds,
      ...(ceremony.userId !== undefined && { userId: ceremony.userId }),
    });
    return id;
  }

  /**
   * Takes the session: whatever comes of the answer, there is no second one.
   * @throws 400 for one that is over, of another place, or of the other kind
   */
  async take(place: CeremonyPlace, id: string, kind: Ceremony['kind']): Promise<Ceremony> {
    const at = sessionAt(place.tenantId, id);
    const item = await this.#ephemeral.get(at);
    const kept = item?.value as unknown as Kept | undefined;
    // A stranger who learns of a session must not be able to end it: the place is compared first.
    if (!kept || !isOf(place, kept) || kept.kind !== kind || !(await this.#ephemeral.consume(at)))
      throw invalidRequest('webauthn_session_id names no open session of this client; start again');
    return kept;
  }
}

const sessionAt = (tenantId: TenantId, id: string) => ({ tenantId, kind: KIND, key: hashSecret(id) });

const isOf = ({ clientId, appId, party, ticket }: CeremonyPlace, kept: Kept): boolean =>
  kept.ticket === ticket &&
  kept.clientId === clientId &&
  kept.appId === appId &&
  kept.scope.rpId === party.scope.rpId &&
  kept.scope.appId === party.scope.appId;
