/** The authentication ceremony of WebAuthn (section 7.2), by @simplewebauthn/server. */
import {
  generateAuthenticationOptions,
  type PublicKeyCredentialRequestOptionsJSON,
  verifyAuthenticationResponse,
} from '@simplewebauthn/server';
import type { AuditLog } from '../audit/audit-log.ts';
import { AppError } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';
import { type Passkey, PasskeyStore } from '../users/passkey-store.ts';
import type { User } from '../users/user.ts';
import { UserStore } from '../users/user-store.ts';
import { invalidRequest, locked, noCredentials, userNotActive } from './factor-faults.ts';
import { type AuthenticationAnswer, reasonOf } from './passkey-answer.ts';
import {
  CEREMONY_SECONDS,
  type Ceremony,
  type CeremonyPlace,
  type PasskeySessions,
} from './passkey-session.ts';

export interface AuthenticationStart {
  readonly username?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly approvalData?: Readonly<Record<string, unknown>> | undefined;
  /** A user whose first factor is proven already: only their passkeys are asked for. */
  readonly userId?: UserId | undefined;
}

export interface ProvenPasskey {
  readonly user: User;
  readonly amr: 'webauthn';
  readonly passkey: Passkey;
  readonly approvalData?: Readonly<Record<string, unknown>>;
}

interface Parts {
  readonly db: Database;
  readonly sessions: PasskeySessions;
  readonly audit: AuditLog;
  readonly limiter: Pick<GuessLimiter, 'guess'>;
}

export class PasskeyAuthentication {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Every passkey here is discoverable, so a username needs no list of credentials: it only says who may answer. What is
   * answered does not depend on whether there is such a user, or whether they have a passkey.
   */
  async start(
    place: CeremonyPlace,
    start: AuthenticationStart,
  ): Promise<{ sessionId: string; options: PublicKeyCredentialRequestOptionsJSON }> {
    const { username, userId, approvalData, timeoutSeconds = CEREMONY_SECONDS.usual } = start;
    const { scope } = place.party;
    const own =
      userId === undefined ? [] : await new PasskeyStore(this.#parts.db).list(place.tenantId, userId, scope);
    const options = await generateAuthenticationOptions({
      rpID: scope.rpId,
      timeout: timeoutSeconds * 1000,
      userVerification: 'required',
      allowCredentials: own.map(({ credentialId, transports }) => ({
        id: credentialId,
        transports: [...transports],
      })),
    });
    const ceremony: Ceremony = {
      kind: 'authenticate',
      challenge: options.challenge,
      ...(username !== undefined && { username }),
      ...(userId !== undefined && { userId }),
      ...(approvalData !== undefined && { approvalData }),
    };
    return { sessionId: await this.#parts.sessions.open(place, ceremony, timeoutSeconds), options };
  }

  /**
   * Who has answered. A passkey of an application's own pages is good for members of that application only. Wrong answers
   * count for the user whose passkey is named (contract/authentication.md 6, `lockoutTiers`); `ip`: and for where the
   * person is.
   * @throws 400 for an answer that is not good, 403 for a disabled user and while locked, 404 for a passkey that is not known
   */
  async finish(place: CeremonyPlace, answer: AuthenticationAnswer, ip?: string): Promise<ProvenPasskey> {
    const ceremony = await this.#parts.sessions.take(place, answer.sessionId, 'authenticate');
    const passkey = await this.#find(place, answer);
    const { authenticationInfo } = await this.#counted(place, passkey, ip, () =>
      verified(place, answer, ceremony, passkey),
    );
    const user = await this.#userOf(place, passkey);
    await this.#assertAsked(place, ceremony, passkey);
    await this.#recordUse(place, passkey, {
      counter: authenticationInfo.newCounter,
      backedUp: authenticationInfo.credentialBackedUp,
    });
    const { approvalData } = ceremony;
    return { user, amr: 'webauthn', passkey, ...(approvalData && { approvalData }) };
  }

  async #find({ tenantId, party }: CeremonyPlace, { credential }: AuthenticationAnswer): Promise<Passkey> {
    const passkey = await new PasskeyStore(this.#parts.db).find(tenantId, credential.id);
    const isHere = passkey?.rpId === party.scope.rpId && passkey.appId === party.scope.appId;
    if (!passkey || !isHere) throw noCredentials();
    return passkey;
  }

  async #counted<T>(
    { tenantId, party }: CeremonyPlace,
    { userId }: Passkey,
    ip: string | undefined,
    verify: () => Promise<T>,
  ): Promise<T> {
    const target = {
      tenantId,
      key: `passkey:${userId}`,
      lockout: party.lockout,
      ...(ip !== undefined && { ip }),
    };
    const seen: { fault?: AppError } = {};
    const guess = await this.#parts.limiter.guess(target, () =>
      verify().catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
        seen.fault = error;
        return undefined;
      }),
    );
    if (guess.outcome === 'locked') throw locked(guess.until);
    if (guess.outcome === 'wrong') throw seen.fault ?? noCredentials();
    return guess.value;
  }

  async #userOf({ tenantId, appId, party }: CeremonyPlace, { userId }: Passkey): Promise<User> {
    const users = new UserStore(this.#parts.db);
    const user = await users.find(tenantId, userId);
    if (!user || user.status === 'Disabled') throw userNotActive();
    if (party.scope.appId !== undefined && !(await users.findMembership(tenantId, userId, appId)))
      throw noCredentials();
    return user;
  }

  /** Where the start named a user, nobody else may answer. */
  async #assertAsked(place: CeremonyPlace, { userId, username }: Ceremony, passkey: Passkey): Promise<void> {
    if (userId !== undefined && userId !== passkey.userId) throw otherUser();
    if (username === undefined) return;
    const candidate = await new UserStore(this.#parts.db).findCandidate(place, username);
    const isTheirs = candidate
      ? candidate.user.userId === passkey.userId
      : username.toLowerCase() === passkey.username.toLowerCase();
    if (!isTheirs) throw otherUser();
  }

  async #recordUse(
    { tenantId, clientId }: CeremonyPlace,
    passkey: Passkey,
    use: { counter: number; backedUp: boolean },
  ): Promise<void> {
    if (await new PasskeyStore(this.#parts.db).recordUse(tenantId, passkey.credentialId, use)) return;
    await this.#parts.audit.record(this.#parts.db, {
      tenantId,
      type: 'user.passkey_counter_went_back',
      actor: { kind: 'user', id: passkey.userId },
      subject: passkey.userId,
      details: { credential_id: passkey.credentialId, client_id: clientId, counter: use.counter },
    });
    throw invalidRequest(
      'The answer of the authenticator is refused: its counter went back, so the passkey may have been copied',
    );
  }
}

const otherUser = () => invalidRequest('The passkey belongs to another user than the one who was asked for');

async function verified(
  { party }: CeremonyPlace,
  { credential }: AuthenticationAnswer,
  { challenge }: Ceremony,
  passkey: Passkey,
) {
  const { id, rawId, type, response } = credential;
  const { clientDataJSON, authenticatorData, signature, userHandle } = response;
  if (userHandle && userHandle !== passkey.userHandle)
    throw invalidRequest(
      'The answer of the authenticator is refused: its user handle is not that of the passkey',
    );
  const found = await verifyAuthenticationResponse({
    response: {
      ...{ id, rawId, type, clientExtensionResults: {} },
      response: { clientDataJSON, authenticatorData, signature },
    },
    expectedChallenge: challenge,
    expectedOrigin: [...party.origins],
    expectedRPID: party.scope.rpId,
    requireUserVerification: true,
    // The counter is compared when the use is written down, which no two requests can do at once.
    credential: {
      id: passkey.credentialId,
      publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
      counter: 0,
    },
  }).catch((error: unknown) => {
    throw invalidRequest(`The answer of the authenticator is refused: ${reasonOf(error)}`);
  });
  if (!found.verified)
    throw invalidRequest('The answer of the authenticator is refused: its signature is wrong');
  return found;
}
