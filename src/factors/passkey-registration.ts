/** The registration ceremony of WebAuthn (section 7.1), by @simplewebauthn/server. */
import { createHmac } from 'node:crypto';
import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { AuditLog } from '../audit/audit-log.ts';
import type { UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { type Passkey, PasskeyStore } from '../users/passkey-store.ts';
import { UserStore } from '../users/user-store.ts';
import { invalidRequest, userNotActive } from './factor-faults.ts';
import { type RegistrationAnswer, reasonOf } from './passkey-answer.ts';
import { attestationOf, passkeyFault } from './passkey-policy.ts';
import {
  CEREMONY_SECONDS,
  type Ceremony,
  type CeremonyPlace,
  type PasskeySessions,
} from './passkey-session.ts';

export interface RegistrationStart {
  readonly username: string;
  readonly displayName?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
  /** A signed-in user: only they can finish, and a device that has a passkey of theirs gets no second one. */
  readonly userId?: UserId | undefined;
}

export type CreationOptions = Omit<PublicKeyCredentialCreationOptionsJSON, 'attestation'> & {
  readonly attestation: string;
};

export type NewPasskey = Omit<Passkey, 'createdAt' | 'lastUsedAt' | 'label'>;

/** 1023 bytes (WebAuthn 5.1, credential id) as base64url. */
const MAX_ID = 1364;
/** Beyond every key of the offered algorithms. */
const MAX_KEY = 4096;

interface Parts {
  readonly db: Database;
  readonly sessions: PasskeySessions;
  readonly audit: AuditLog;
  /** Keyed hash key for user handles. */
  readonly handleKey: string;
}

export class PasskeyRegistration {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Says the same to everybody who is not signed in: nothing here depends on which users exist. */
  async start(
    place: CeremonyPlace,
    start: RegistrationStart,
  ): Promise<{ sessionId: string; options: CreationOptions }> {
    const { username, userId, displayName = username, timeoutSeconds = CEREMONY_SECONDS.usual } = start;
    const { scope, name } = place.party;
    const store = new PasskeyStore(this.#parts.db);
    const existing = userId === undefined ? [] : await store.list(place.tenantId, userId, scope);
    const handle = this.#handleOf(place, username);
    const options = await generateRegistrationOptions({
      rpName: name,
      rpID: scope.rpId,
      userName: username,
      userDisplayName: displayName,
      userID: new Uint8Array(handle),
      timeout: timeoutSeconds * 1000,
      excludeCredentials: existing.map((passkey) => ({
        id: passkey.credentialId,
        transports: [...passkey.transports],
      })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    const { challenge } = options;
    const userHandle = handle.toString('base64url');
    const ceremony: Ceremony = {
      ...{ kind: 'register', challenge, username, userHandle },
      ...(userId !== undefined && { userId }),
    };
    const sessionId = await this.#parts.sessions.open(place, ceremony, timeoutSeconds);
    return { sessionId, options: { ...options, attestation: attestationOf(place.party) } };
  }

  /** Only the ceremony, for a user who is still to be made. @throws 400 for an answer that is not good */
  async check(
    place: CeremonyPlace,
    answer: RegistrationAnswer,
  ): Promise<Omit<NewPasskey, 'userId'> & Pick<Ceremony, 'userId'>> {
    const ceremony = await this.#parts.sessions.take(place, answer.sessionId, 'register');
    const found = await verified(place, answer, ceremony);
    const { credential, aaguid, fmt, credentialDeviceType, credentialBackedUp } = found;
    const publicKey = Buffer.from(credential.publicKey).toString('base64url');
    if (credential.id.length > MAX_ID || publicKey.length > MAX_KEY)
      throw invalidRequest('The answer of the authenticator is refused: its id or its key is too long');
    const fault = passkeyFault(place.party, { format: fmt, aaguid, deviceType: credentialDeviceType });
    if (fault !== undefined) throw invalidRequest(fault);
    return {
      ...place.party.scope,
      ...(ceremony.userId !== undefined && { userId: ceremony.userId }),
      username: ceremony.username ?? '',
      userHandle: ceremony.userHandle ?? '',
      credentialId: credential.id,
      publicKey,
      counter: credential.counter,
      transports: (credential.transports ?? []).slice(0, 10).map((transport) => transport.slice(0, 40)),
      aaguid,
      deviceType: credentialDeviceType,
      backedUp: credentialBackedUp,
    };
  }

  /** The whole second half for a user who is known. @throws 400 for an answer that is not good, 403 for a disabled user */
  async finish(place: CeremonyPlace, answer: RegistrationAnswer, userId: UserId): Promise<NewPasskey> {
    return this.keep(place, await this.check(place, answer), userId);
  }

  /** @throws 400 for a name or a credential that is another's, 403 for a user who is not active */
  async keep(
    place: CeremonyPlace,
    checked: Awaited<ReturnType<PasskeyRegistration['check']>>,
    userId: UserId,
  ): Promise<NewPasskey> {
    if (checked.userId !== undefined && checked.userId !== userId) throw otherUser();
    const passkey = { ...checked, userId };
    await this.#parts.db.transaction().execute(async (trx) => {
      await this.#assertMayBear(trx, place, passkey);
      const store = new PasskeyStore(trx);
      if (place.party.policy.replaceExisting)
        for (const { credentialId } of await store.list(place.tenantId, userId, place.party.scope))
          await store.remove(place.tenantId, userId, credentialId);
      if (!(await store.insert(place.tenantId, passkey)))
        throw invalidRequest('This passkey is registered already');
      await this.#parts.audit.record(trx, {
        tenantId: place.tenantId,
        type: 'user.passkey_added',
        actor: { kind: 'user', id: userId },
        subject: userId,
        details: { credential_id: passkey.credentialId, client_id: place.clientId, aaguid: passkey.aaguid },
      });
    });
    return passkey;
  }

  /** The name must not be one by which another user is known: neither an identifier nor the name of a passkey. */
  async #assertMayBear(db: Database, place: CeremonyPlace, { userId, username }: NewPasskey): Promise<void> {
    const [store, users] = [new PasskeyStore(db), new UserStore(db)];
    await users.lock(place.tenantId, userId);
    const user = await users.find(place.tenantId, userId);
    if (!user || user.status === 'Disabled') throw userNotActive();
    await store.lockName(place.tenantId, place.party.scope, username);
    const candidate = await users.findCandidate(place, username);
    // Who is known by the name as a user may use it, whoever made a passkey under it before.
    const owner =
      candidate?.user.userId ?? (await store.findOwner(place.tenantId, place.party.scope, username));
    if (owner !== undefined && owner !== userId) throw otherUser();
  }

  /** Unguessable, the same for one name in one place (an authenticator keeps one passkey per handle), and no user id (WebAuthn 14.6.1). */
  #handleOf({ tenantId, party }: CeremonyPlace, username: string): Buffer {
    const name = [tenantId, party.scope.rpId, party.scope.appId ?? '', username.toLowerCase()];
    return createHmac('sha256', this.#parts.handleKey).update(JSON.stringify(name)).digest();
  }
}

const otherUser = () =>
  invalidRequest('The passkey was made under the name of another user; start again with your own');

async function verified(
  { party }: CeremonyPlace,
  { credential }: RegistrationAnswer,
  { challenge }: Ceremony,
) {
  const { id, rawId, type, response } = credential;
  const { clientDataJSON, attestationObject, transports } = response;
  const found = await verifyRegistrationResponse({
    response: {
      ...{ id, rawId, type, clientExtensionResults: {} },
      response: { clientDataJSON, attestationObject, ...(transports && { transports }) },
    },
    expectedChallenge: challenge,
    expectedOrigin: [...party.origins],
    expectedRPID: party.scope.rpId,
    requireUserVerification: true,
  }).catch((error: unknown) => {
    throw invalidRequest(`The answer of the authenticator is refused: ${reasonOf(error)}`);
  });
  if (!found.verified)
    throw invalidRequest('The answer of the authenticator is refused: its attestation is wrong');
  return found.registrationInfo;
}
