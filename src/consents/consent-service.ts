/** The verbs of consents, each with its line in the audit trail. */
import { type Actor, type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { Caller } from '../base/caller.ts';
import { notFound } from '../base/errors.ts';
import type { ConsentId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { type Database, isForeignKeyViolation } from '../storage/database.ts';
import { type Consent, type ConsentRequest, scopeText } from './consent.ts';
import { type ConsentFilter, ConsentStore } from './consent-store.ts';

const noConsent = () => notFound('Consent not found');

export class ConsentService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  /** @throws 404 where the user or the client has gone meanwhile. */
  async give(request: ConsentRequest, validitySeconds: number): Promise<void> {
    try {
      await this.#db.transaction().execute(async (trx) => {
        const consentId = await new ConsentStore(trx).give(newId<ConsentId>(), request, validitySeconds);
        await this.#recordDecision(trx, 'consent.given', request, consentId);
      });
    } catch (error) {
      if (isForeignKeyViolation(error)) throw notFound('The user or the client no longer exists');
      throw error;
    }
  }

  /** Leaves nothing but the line in the trail. */
  deny(request: ConsentRequest): Promise<void> {
    return this.#recordDecision(this.#db, 'consent.denied', request, request.clientId);
  }

  /** Those within the caller's reach. */
  list(caller: Caller, filter: ConsentFilter): Promise<Consent[]> {
    return listWithin(this.#db, caller, filter);
  }

  /** @throws 404. */
  async get(caller: Caller, consentId: ConsentId): Promise<Consent> {
    const [consent] = await this.list(caller, { consentId });
    if (!consent) throw noConsent();
    return consent;
  }

  /** Ends every consent that the filter names. @returns how many. @throws 404 where there is none in reach. */
  revoke(caller: Caller, filter: ConsentFilter): Promise<number> {
    return this.#db.transaction().execute(async (trx) => {
      const consents = await listWithin(trx, caller, filter);
      const ids = consents.map(({ consentId }) => consentId);
      const removed = await new ConsentStore(trx).remove(caller.tenantId, ids);
      // Whoever revoked at the same moment has the others.
      if (removed.size === 0) throw noConsent();
      for (const consent of consents)
        if (removed.has(consent.consentId)) await this.#recordRevocation(trx, caller, consent);
      return removed.size;
    });
  }

  #recordDecision(db: Database, type: string, request: ConsentRequest, subject: string): Promise<void> {
    return this.#audit.record(db, {
      tenantId: request.tenantId,
      type,
      actor: { kind: 'user', id: request.userId },
      subject,
      details: {
        client_id: request.clientId,
        user_id: request.userId,
        scope: scopeText(request.scopes),
        ...(request.resource !== '' && { resource: request.resource }),
      },
    });
  }

  #recordRevocation(db: Database, caller: Caller, consent: Consent): Promise<void> {
    return this.#audit.record(db, {
      tenantId: caller.tenantId,
      type: 'consent.revoked',
      actor: revoker(caller),
      subject: consent.consentId,
      details: { client_id: consent.clientId, user_id: consent.userId, scope: consent.scope },
    });
  }
}

const revoker = (caller: Caller): Actor =>
  caller.kind === 'user' ? { kind: 'user', id: caller.userId } : actorOf(caller);

/** An application sees the consents to its own clients, a user their own of these, an administrator all (C1). */
async function listWithin(db: Database, caller: Caller, filter: ConsentFilter): Promise<Consent[]> {
  if (caller.kind !== 'admin' && filter.appId !== undefined && filter.appId !== caller.appId) return [];
  return new ConsentStore(db).list(caller.tenantId, {
    ...filter,
    ...(caller.kind !== 'admin' && { appId: caller.appId }),
    ...(caller.kind === 'user' && { userId: caller.userId }),
  });
}
