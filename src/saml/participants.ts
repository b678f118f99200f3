/** Remembers which service providers were told of a session, and under which name of the user (for single logout). */
import type { ClientId, TenantId, UserId } from '../base/ids.ts';
import { hashSecret } from '../base/secrets.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import type { NameId } from './subject.ts';

/** A provider that has been told of a session. */
export interface Participant {
  readonly clientId: ClientId;
  /** Names the session to this provider alone. */
  readonly sessionIndex: string;
  readonly userId: UserId;
  readonly sessionUid: string;
  readonly nameId: NameId;
}

interface Parts {
  readonly tenantId: TenantId;
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'listByUser'>;
}

const KIND = 'SamlParticipant';

export class Participants {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** For as long as the session may live. */
  async remember(participant: Participant, ttlSeconds: number): Promise<void> {
    const { ephemeral } = this.#parts;
    const { userId, clientId, nameId, sessionIndex } = participant;
    const options = { ttlSeconds, userId };
    await Promise.all([
      ephemeral.put(this.#at(sessionIndex), { ...participant }, options),
      ephemeral.put(this.#subjectAt(clientId, nameId), { userId }, options),
    ]);
  }

  /** Undefined for a session index that this client was not given. */
  async find(clientId: ClientId, sessionIndex: string): Promise<Participant | undefined> {
    const item = await this.#parts.ephemeral.get(this.#at(sessionIndex));
    const participant = item?.value as unknown as Participant | undefined;
    return participant?.clientId === clientId ? participant : undefined;
  }

  /** Every session of which this client was told under this name. */
  async named(clientId: ClientId, nameId: NameId): Promise<readonly Participant[]> {
    const { ephemeral, tenantId } = this.#parts;
    const userId = (await ephemeral.get(this.#subjectAt(clientId, nameId)))?.value.userId;
    if (typeof userId !== 'string') return [];
    const items = await ephemeral.listByUser(tenantId, KIND, userId);
    return items
      .map(({ value }) => value as unknown as Participant)
      .filter((one) => one.clientId === clientId && isSameName(one.nameId, nameId));
  }

  #at(sessionIndex: string): ItemKey {
    return { tenantId: this.#parts.tenantId, kind: KIND, key: hashSecret(sessionIndex) };
  }

  #subjectAt(clientId: ClientId, nameId: NameId): ItemKey {
    const key = hashSecret(JSON.stringify([clientId, ...wordsOf(nameId)]));
    return { tenantId: this.#parts.tenantId, kind: 'SamlSubject', key };
  }
}

const wordsOf = ({ value, format, nameQualifier, spNameQualifier }: NameId) => [
  value,
  format,
  nameQualifier,
  spNameQualifier,
];

/** SAML core 3.7.3: the identifier matches as a whole, with its format and its qualifiers. */
export const isSameName = (one: NameId, other: NameId): boolean =>
  JSON.stringify(wordsOf(one)) === JSON.stringify(wordsOf(other));
