/** Single logout (contract/saml.md 1.5): decides whose session a LogoutRequest may end, ends it, and begins the way through the others. */
import { invalid } from '../base/errors.ts';
import type { ClientId, TenantId, UserId } from '../base/ids.ts';
import { hashSecret, newSecret } from '../base/secrets.ts';
import type { SamlClient } from '../clients/client.ts';
import { samlEndpoints } from '../clients/saml-client.ts';
import type { EndedSession } from '../oidc/sessions/ended-session.ts';
import type { FramesOf } from '../oidc/sessions/front-channel.ts';
import type { SamlVisits } from '../oidc/sessions/saml-visits.ts';
import type { SessionControl } from '../oidc/sessions/session-control.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import type { IncomingMessage } from './incoming.ts';
import { readLogoutAnswer } from './logout-answer.ts';
import type { Asker, LogoutChain, Move, Visit } from './logout-chain.ts';
import { type LogoutRequest, readLogoutRequest } from './logout-request.ts';
import { isSameName, type Participant, type Participants } from './participants.ts';
import { assertAddressed, assertNew, trustedRoot, withReason } from './request-trust.ts';
import { NAME_ID } from './saml-names.ts';
import { SamlStatus } from './saml-status.ts';
import type { NameId } from './subject.ts';

/** What was asked for; it waits only where the browser has to come back with its cookies. */
export interface PendingLogout extends Asker {
  readonly nameId: NameId;
  readonly sessionIndexes: readonly string[];
  readonly isSigned: boolean;
}

export interface SingleLogoutParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'consume' | 'putIfAbsent'>;
  readonly sessions: Pick<SessionControl, 'clientsOf' | 'end'>;
  readonly participants: Participants;
  readonly chain: LogoutChain;
  readonly framesOf: FramesOf;
  readonly note: (client: SamlClient, userId: UserId, type: string) => Promise<void>;
}

const PENDING_SECONDS = 300;

export class SingleLogout implements SamlVisits {
  readonly #parts: SingleLogoutParts;
  constructor(parts: SingleLogoutParts) {
    this.#parts = parts;
  }

  /** Takes a request of the provider. @throws 400 for one that is not its own, not meant for us, or not new */
  async accept(client: SamlClient, message: IncomingMessage): Promise<PendingLogout> {
    const { root, isSigned } = trustedRoot(message, client);
    const request = withReason(() => readLogoutRequest(root));
    const expectation = this.#expectation(client);
    assertAddressed(request, expectation);
    assertNamed(request, isSigned);
    assertInTime(request, client, expectation.now);
    await assertNew(request, expectation);
    const { relayState } = message;
    return {
      clientId: client.clientId,
      requestId: request.id,
      ...(relayState !== undefined && { relayState }),
      nameId: this.#whole(client, request.nameId),
      sessionIndexes: request.sessionIndexes,
      isSigned,
    };
  }

  /** Keeps it, for the next request of the browser: one that carries our cookies, which a post of another site does not. */
  async keep(pending: PendingLogout): Promise<string> {
    const secret = newSecret();
    await this.#parts.ephemeral.put(this.#at(secret), { ...pending }, { ttlSeconds: PENDING_SECONDS });
    return secret;
  }

  /** Takes it back, once. @throws 400 for one that is unknown, over, or of another client */
  async take({ clientId }: SamlClient, secret: unknown): Promise<PendingLogout> {
    const at = this.#at(typeof secret === 'string' ? secret : '');
    const pending = (await this.#parts.ephemeral.get(at))?.value as unknown as PendingLogout | undefined;
    if (pending?.clientId !== clientId || !(await this.#parts.ephemeral.consume(at)))
      throw invalid(
        'This sign-out is over or was never begun: go back to the application and start there again',
      );
    return pending;
  }

  /**
   * Ends the sessions that the request names, and leads the browser on.
   * @param ownSession uid of the session of this browser; what is not signed can end no other.
   * @throws 400 where nothing may be ended and the provider has no place to be told so
   */
  async end(client: SamlClient, pending: PendingLogout, ownSession: string | undefined): Promise<Move> {
    const named = await this.#named(pending);
    const proven = named.filter(({ sessionUid }) => pending.isSigned || sessionUid === ownSession);
    if (proven.length === 0) return this.#refuse(pending);
    const others: EndedSession['clients'][number][] = [];
    for (const participant of proven) others.push(...(await this.#endOne(client, participant)));
    const frames = await this.#parts.framesOf({ clients: others });
    return this.#parts.chain.goOn({
      asker: askerOf(pending),
      frames: frames.map(({ href }) => href),
      waiting: await this.#visits(others),
      isPartial: false,
    });
  }

  /** Takes the answer of a provider that was visited. @throws 400 for one that is not its own, or to nothing that was asked */
  async answered(client: SamlClient, message: IncomingMessage): Promise<Move> {
    const { root, isSigned } = trustedRoot(message, client);
    const answer = withReason(() => readLogoutAnswer(root));
    assertAddressed(answer, this.#expectation(client));
    assertNamed(answer, isSigned);
    // Whoever has certificates signs: without that it may be the word of anybody on the way.
    const isProven = isSigned || client.settings.sp_certificates.length === 0;
    const isDone = answer.isDone && isProven;
    return this.#parts.chain.answered(client, { ...answer, isDone }, message.relayState);
  }

  async begin({ clients }: EndedSession, next: string | undefined): Promise<string | undefined> {
    const waiting = await this.#visits(clients);
    const to = next === undefined ? {} : { next };
    const move = await this.#parts.chain.goOn({ ...to, waiting, isPartial: false });
    return move.kind === 'visit' ? stepUrl(this.#parts.origin, move.step) : undefined;
  }

  /** With session indexes every one of them has to fit, or the request means somebody else. */
  async #named({ clientId, nameId, sessionIndexes }: PendingLogout): Promise<readonly Participant[]> {
    const { participants } = this.#parts;
    if (sessionIndexes.length === 0) return participants.named(clientId, nameId);
    const found = await Promise.all(sessionIndexes.map((index) => participants.find(clientId, index)));
    const fitting = found.filter((one) => one !== undefined && isSameName(one.nameId, nameId));
    return fitting.length === found.length ? fitting.filter((one) => one !== undefined) : [];
  }

  /** @returns the other clients of the session; none where it ended before, or has been another one since. */
  async #endOne(
    client: SamlClient,
    { sessionUid, sessionIndex, userId }: Participant,
  ): Promise<EndedSession['clients']> {
    const { sessions } = this.#parts;
    const session = await sessions.clientsOf(sessionUid, userId);
    if (!session?.clients.some(({ sid }) => sid === sessionIndex)) return [];
    if (!(await sessions.end(sessionUid, userId))) return [];
    await this.#parts.note(client, userId, 'saml.signed_out');
    return session.clients.filter(({ sid }) => sid !== sessionIndex);
  }

  /** Those of a session's clients that were told of it by SAML. */
  async #visits(clients: EndedSession['clients']): Promise<Visit[]> {
    const { participants } = this.#parts;
    const found = await Promise.all(clients.map(({ clientId, sid }) => participants.find(clientId, sid)));
    return found.flatMap((one) =>
      one ? [{ clientId: one.clientId, sessionIndex: one.sessionIndex, nameId: one.nameId }] : [],
    );
  }

  /** The same for everything that an unsigned request can have wrong: it is no way to find out who is signed in. */
  async #refuse(pending: PendingLogout): Promise<Move> {
    const { top, second, message } = pending.isSigned
      ? new SamlStatus('requester', 'unknownPrincipal', 'No session of this user with this provider is known')
      : new SamlStatus('requester', 'requestDenied', UNPROVEN);
    const answer = await this.#parts.chain.answer(askerOf(pending), { top, second, message });
    if (!answer) throw invalid(message);
    return { kind: 'answer', dispatch: answer };
  }

  /** SAML core 8.3.7: between the two of us the qualifiers of a persistent identifier may be left out. */
  #whole(client: SamlClient, nameId: NameId): NameId {
    if (nameId.format !== NAME_ID.persistent) return nameId;
    const { entityId } = samlEndpoints(this.#parts.origin, client.clientId);
    return { nameQualifier: entityId, spNameQualifier: client.spEntityId, ...nameId };
  }

  #expectation(client: SamlClient) {
    const { tenantId, origin, ephemeral } = this.#parts;
    const destination = samlEndpoints(origin, client.clientId).sloUrl;
    return { tenantId, client, destination, now: new Date(), ephemeral };
  }

  #at(secret: string): ItemKey {
    return { tenantId: this.#parts.tenantId, kind: 'SamlLogout', key: hashSecret(secret) };
  }
}

const UNPROVEN =
  'The request is neither signed with a registered certificate nor about the user who is signed in to this browser';

export const stepUrl = (origin: string, step: string): string =>
  `${origin}/saml/logout?${new URLSearchParams({ step })}`;

const askerOf = ({ clientId, requestId, relayState }: PendingLogout): Asker => ({
  clientId: clientId as ClientId,
  requestId,
  ...(relayState !== undefined && { relayState }),
});

/** SAML bindings 3.4.5.2, 3.5.5.2: what is signed for somebody says for whom; it could be carried on otherwise. */
function assertNamed({ destination }: { readonly destination: string | undefined }, isSigned: boolean): void {
  if (isSigned && destination === undefined)
    throw invalid('The message is signed and has no Destination: it could be meant for another');
}

function assertInTime({ notOnOrAfter }: LogoutRequest, { settings }: SamlClient, now: Date): void {
  const end = notOnOrAfter && notOnOrAfter.getTime() + settings.clock_skew_seconds * 1000;
  if (end !== undefined && now.getTime() >= end)
    throw invalid(
      'The NotOnOrAfter of the LogoutRequest is over: go back to the application and start there again',
    );
}
