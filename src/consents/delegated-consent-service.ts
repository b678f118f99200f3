/** The verbs of delegated consents, each with its line in the audit trail (contract/oidc.md 16). */
import { type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { ManagementCaller, UserCaller } from '../base/caller.ts';
import { invalid, notFound, tooMany } from '../base/errors.ts';
import type { ClientId, ConsentId, TenantId, UserId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import type { Client } from '../clients/client.ts';
import { html } from '../http/html.ts';
import type { Messages } from '../messages/message.ts';
import type { AttemptLimit } from '../storage/attempt-limit.ts';
import { type Database, isForeignKeyViolation } from '../storage/database.ts';
import { UserStore } from '../users/user-store.ts';
import {
  DEFAULT_VALIDITY_SECONDS,
  type DelegatedConsent,
  type Delegation,
  LASTING_SECONDS,
} from './delegated-consent.ts';
import { DelegatedConsentStore } from './delegated-consent-store.ts';

/** What the page of the first party learns, signed with a key of ours. */
export interface ConsentQuestion {
  readonly actorUserId: UserId;
  readonly subjectUserId: UserId;
  readonly permissions: readonly string[];
  readonly consentId: ConsentId;
}

export interface ConsentAsked {
  readonly permissions: readonly string[];
  readonly consentUri: string;
  readonly subjectId: UserId;
  readonly validitySeconds?: number | undefined;
}

interface Parts {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly messages: Messages;
  /** Requests of one actor to one subject. */
  readonly requests: Pick<AttemptLimit, 'note' | 'seconds'>;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  /** A JWT for the page at this address. */
  readonly sign: (question: ConsentQuestion, audience: string, seconds: number) => Promise<string>;
}

const noConsent = () => notFound('Consent not found');
const noSubject = () => notFound('User not found');

export class DelegatedConsentService {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Asks the subject by mail. A newer question replaces one that waits. @throws 400, 404, 429 */
  async request(caller: UserCaller, asked: ConsentAsked): Promise<ConsentId> {
    const { db, sign } = this.#parts;
    const client = await this.#parts.findClient(caller.tenantId, caller.clientId);
    assertOwnPage(client, asked.consentUri);
    const email = await this.#addressOf(caller, asked.subjectId);
    const delegation = { ...placeOf(caller), actorId: caller.userId, subjectId: asked.subjectId };
    if (!(await this.#parts.requests.note(`${delegation.actorId} ${delegation.subjectId}`)))
      throw tooMany('This user was asked too often; try again later', this.#parts.requests.seconds);
    const { permissions, validitySeconds = DEFAULT_VALIDITY_SECONDS } = asked;
    const consentId = newId<ConsentId>();
    const question = {
      actorUserId: delegation.actorId,
      subjectUserId: delegation.subjectId,
      permissions,
      consentId,
    };
    const params = await sign(question, asked.consentUri, validitySeconds);
    await this.#unlessGone(
      db.transaction().execute(async (trx) => {
        const store = new DelegatedConsentStore(trx);
        await store.remove(delegation, 'waiting');
        await store.insert({ ...delegation, consentId, permissions, validitySeconds, isGranted: false });
        await this.#record(trx, caller, 'delegated_consent.requested', consentId, delegation);
        const link = linkTo(asked.consentUri, params);
        await this.#parts.messages.enqueue(trx, {
          channel: 'email',
          tenantId: caller.tenantId,
          appId: caller.appId,
          to: email,
          subject: `Somebody asks for access to your account at ${client?.appName ?? ''}`,
          text: `Somebody asks you to let them act for you. See who, and decide: ${link}`,
          html: html`<p>Somebody asks you to let them act for you. See who, and decide:</p>
<p><a href="${link}">${link}</a></p>`.toString(),
        });
      }),
    );
    return consentId;
  }

  /** The subject allows what was asked for. @throws 404 unless it waits for this very user. */
  async grant(caller: UserCaller, consentId: ConsentId): Promise<void> {
    await this.#parts.db.transaction().execute(async (trx) => {
      const place = { ...placeOf(caller), subjectId: caller.userId };
      const granted = await new DelegatedConsentStore(trx).grant(consentId, place);
      if (!granted) throw noConsent();
      await this.#record(trx, caller, 'delegated_consent.given', consentId, { ...place, ...granted });
    });
  }

  /** Those in which the caller is the actor or the subject. */
  list(caller: UserCaller): Promise<DelegatedConsent[]> {
    return new DelegatedConsentStore(this.#parts.db).ofUser(caller.tenantId, caller.appId, caller.userId);
  }

  /** Ends everything between the caller and the other user; the tokens end with it. @throws 404 where there is nothing. */
  async withdraw(caller: UserCaller, as: 'actor' | 'subject', other: UserId): Promise<void> {
    const own = caller.userId;
    const delegation = {
      ...placeOf(caller),
      actorId: as === 'actor' ? own : other,
      subjectId: as === 'actor' ? other : own,
    };
    await this.#parts.db.transaction().execute(async (trx) => {
      const ids = await new DelegatedConsentStore(trx).remove(delegation, 'all');
      if (ids.length === 0) throw noConsent();
      for (const id of ids) await this.#record(trx, caller, 'delegated_consent.revoked', id, delegation);
    });
  }

  /**
   * A dependent user is created with somebody who may act for them: no question, no mail (contract/management-api.md 12).
   * Within the transaction of the creation. @throws 400 where there is no such actor in the caller's reach.
   */
  async giveAtCreation(
    db: Database,
    caller: ManagementCaller,
    subjectId: UserId,
    { actorId, permissions }: { actorId: UserId; permissions: readonly string[] },
  ): Promise<void> {
    const { tenantId } = caller;
    const reach = caller.kind === 'admin' ? { tenantId } : { tenantId, appId: caller.appId };
    const actor = await new UserStore(db).findMember(reach, 'userId', actorId);
    if (!actor || actorId === subjectId) throw invalid('delegated_access.actor_id: there is no such user');
    const consentId = newId<ConsentId>();
    await new DelegatedConsentStore(db).insert({
      tenantId,
      consentId,
      appId: caller.kind === 'admin' ? null : caller.appId,
      actorId,
      subjectId,
      permissions,
      validitySeconds: LASTING_SECONDS,
      isGranted: true,
    });
    await this.#parts.audit.record(db, {
      tenantId,
      type: 'delegated_consent.given',
      actor: actorOf(caller),
      subject: consentId,
      details: { actor_id: actorId, subject_id: subjectId },
    });
  }

  /** @throws 400, 404 in the same words for a user who is not there, and for one who is disabled. */
  async #addressOf(caller: UserCaller, subjectId: UserId): Promise<string> {
    if (subjectId === caller.userId) throw invalid('subject_id must be another user');
    const subject = await new UserStore(this.#parts.db).find(caller.tenantId, subjectId);
    if (!subject || subject.status === 'Disabled') throw noSubject();
    if (subject.email === undefined) throw invalid('subject_id: this user has no email address to ask at');
    return subject.email;
  }

  async #unlessGone(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      throw isForeignKeyViolation(error) ? noSubject() : error;
    }
  }

  #record(
    db: Database,
    caller: UserCaller,
    type: string,
    subject: ConsentId,
    { actorId, subjectId }: Pick<Delegation, 'actorId' | 'subjectId'>,
  ): Promise<void> {
    return this.#parts.audit.record(db, {
      tenantId: caller.tenantId,
      type,
      actor: { kind: 'user', id: caller.userId },
      subject,
      details: { actor_id: actorId, subject_id: subjectId },
    });
  }
}

const placeOf = ({ tenantId, appId }: UserCaller) => ({ tenantId, appId });

/** Mails of ours lead to pages of the application alone. */
function assertOwnPage(client: Client | undefined, uri: string): void {
  const own =
    client?.protocol === 'oidc' && client.appKind !== 'management' ? client.settings.redirect_uris : [];
  if (!own.includes(uri)) throw invalid('consent_uri must be one of the redirect URIs of this client');
}

const linkTo = (uri: string, params: string): string =>
  `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ consent_params: params })}`;
