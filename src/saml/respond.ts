/** Turns the end of a sign-in into the form that the browser posts to the service provider. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { AppId, ClientId, TenantId, UserId } from '../base/ids.ts';
import type { Secret } from '../base/secrets.ts';
import type { SamlClient } from '../clients/client.ts';
import { samlEndpoints } from '../clients/saml-client.ts';
import { fitting } from '../clients/signature-algorithm.ts';
import type { Signer } from '../keys/saml-certificates.ts';
import type { ListedClaims } from '../oidc/sessions/listed-claims.ts';
import type { LoginAnswer } from '../oidc/sessions/login-handoff.ts';
import type { Database } from '../storage/database.ts';
import type { UserStore } from '../users/user-store.ts';
import type { Participants } from './participants.ts';
import { type Addressed, type ResponseSigner, refusalResponse, successResponse } from './response.ts';
import { NAME_ID } from './saml-names.ts';
import { SamlStatus } from './saml-status.ts';
import { contextOf, type PendingSignOn } from './sign-on.ts';
import { attributesOf, type NameId, nameIdOf, requestedType } from './subject.ts';

export interface RespondParts {
  readonly tenantId: TenantId;
  readonly origin: string;
  readonly db: Database;
  readonly audit: AuditLog;
  readonly participants: Pick<Participants, 'remember' | 'find'>;
  readonly users: Pick<UserStore, 'find' | 'findMembership'>;
  readonly certificates: { signer(tenantId: TenantId, owner: { clientId: ClientId }): Promise<Signer> };
  readonly listedClaims: ListedClaims;
  /** For identifiers that stay the same for a user and provider. */
  readonly persistentKey: Secret;
}

/** A base64 response for `acsUrl`. */
export interface Reply {
  readonly acsUrl: string;
  readonly response: string;
  readonly relayState: string | undefined;
}

export class Responder {
  readonly #parts: RespondParts;
  constructor(parts: RespondParts) {
    this.#parts = parts;
  }

  /** What signs for this client now. */
  async signerOf(client: SamlClient): Promise<ResponseSigner> {
    const { tenantId, certificates } = this.#parts;
    const signer = await certificates.signer(tenantId, { clientId: client.clientId });
    return { ...signer, algorithm: fitting(client.settings.signature_algorithm, signer.keyType) };
  }

  /** The response for who signed in, or the status where the provider cannot be told who that is. */
  async answer(client: SamlClient, pending: PendingSignOn, answer: LoginAnswer | SamlStatus): Promise<Reply> {
    if (answer instanceof SamlStatus) return this.#refuse(client, pending, answer);
    try {
      return await this.#succeed(client, pending, answer);
    } catch (error) {
      if (!(error instanceof SamlStatus)) throw error;
      return this.#refuse(client, pending, error);
    }
  }

  async #succeed(client: SamlClient, pending: PendingSignOn, answer: LoginAnswer): Promise<Reply> {
    const { tenantId, users, listedClaims } = this.#parts;
    const user = await users.find(tenantId, answer.userId);
    if (!user || user.status === 'Disabled')
      throw new SamlStatus('responder', 'authnFailed', 'The user was disabled or deleted');
    const membership = await users.findMembership(tenantId, user.userId, client.appId);
    const nameId = await this.#stable(client, answer, this.#nameId(client, pending, { user, membership }));
    const claims = await listedClaims(client, user, answer);
    const addressed = this.#addressed(client, pending);
    const response = await successResponse(
      addressed,
      {
        audience: client.spEntityId,
        nameId,
        attributes: attributesOf(client, claims),
        authnContext: contextOf(answer.amr),
        authenticatedAt: new Date(answer.authTime * 1000),
        sessionIndex: answer.sid,
        sessionEndsAt: new Date(answer.sessionEndsAt * 1000),
      },
      { signer: await this.signerOf(client), settings: client.settings, now: new Date() },
    );
    await this.#remember(client, answer, nameId);
    await this.note(client, user.userId, 'saml.signed_in');
    return replyOf(pending, response);
  }

  #nameId(
    client: SamlClient,
    pending: PendingSignOn,
    who: Pick<Parameters<typeof nameIdOf>[1], 'user' | 'membership'>,
  ): NameId {
    const { origin, persistentKey } = this.#parts;
    const type = requestedType(client.settings.sp_name_id_type, pending.nameIdFormat);
    const { entityId } = samlEndpoints(origin, client.clientId);
    const naming = { ...who, client, entityId, persistentKey };
    const nameId = nameIdOf(type, naming);
    // SAML core 3.3.4: the answer is about the asked subject, or there is none.
    const { subject } = pending;
    if (subject !== undefined && subject !== nameId.value && subject !== who.user.email)
      throw new SamlStatus(
        'responder',
        'unknownPrincipal',
        'Another user than the requested subject signed in',
      );
    return nameId;
  }

  /** A transient identifier stands for the session (saml.md 1.3), and a logout must still find it. */
  async #stable({ clientId }: SamlClient, { sid }: LoginAnswer, nameId: NameId): Promise<NameId> {
    if (nameId.format !== NAME_ID.transient) return nameId;
    const known = (await this.#parts.participants.find(clientId, sid))?.nameId;
    return known?.format === NAME_ID.transient ? known : nameId;
  }

  async #refuse(client: SamlClient, pending: PendingSignOn, status: SamlStatus): Promise<Reply> {
    const by = { signer: await this.signerOf(client), now: new Date() };
    return replyOf(pending, await refusalResponse(this.#addressed(client, pending), status, by));
  }

  #addressed(client: SamlClient, { acsUrl, inResponseTo }: PendingSignOn): Addressed {
    return { issuer: samlEndpoints(this.#parts.origin, client.clientId).entityId, acsUrl, inResponseTo };
  }

  /** For as long as the session may live. */
  async #remember(client: SamlClient, answer: LoginAnswer, nameId: NameId): Promise<void> {
    const ttlSeconds = Math.max(1, answer.sessionEndsAt - Math.floor(Date.now() / 1000));
    const { clientId } = client;
    const { userId, sessionUid, sid: sessionIndex } = answer;
    await this.#parts.participants.remember(
      { clientId, sessionIndex, userId, sessionUid, nameId },
      ttlSeconds,
    );
  }

  /** What became of a user's session with this client. */
  note(client: SamlClient, userId: UserId, type: string): Promise<void> {
    const { audit, db, tenantId } = this.#parts;
    const { appId, clientId }: { appId: AppId; clientId: ClientId } = client;
    return audit.record(db, {
      tenantId,
      type,
      actor: { kind: 'user', id: userId },
      subject: userId,
      details: { appId, clientId },
    });
  }
}

const replyOf = ({ acsUrl, relayState }: PendingSignOn, xml: string): Reply => ({
  acsUrl,
  response: Buffer.from(xml).toString('base64'),
  relayState,
});
