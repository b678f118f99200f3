/** Tells in time that a SAML signing certificate ends: in the log every day, in the trail once. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { Database } from '../storage/database.ts';
import { CertificateExpiryStore, type EndingCertificate } from './certificate-expiry-store.ts';

export const WARN_DAYS = 30;
const DAY_MS = 86_400_000;

interface Log {
  warn(fields: object, message: string): void;
}

/** Whole days that are left; 0 on the last day, below where it has ended. */
export const daysLeft = (notAfter: Date, now: Date): number =>
  Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS);

export class CertificateExpiry {
  readonly #db: Database;
  readonly #audit: AuditLog;
  readonly #log: Log;
  readonly #now: () => Date;
  #dueAt = 0;

  constructor(parts: { db: Database; audit: AuditLog; log: Log; now?: () => Date }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
    this.#log = parts.log;
    this.#now = parts.now ?? (() => new Date());
  }

  /** Looks when the last look of this process is a day old; call it as often as you like. Never fails. */
  async lookDaily(): Promise<void> {
    const now = this.#now();
    if (now.getTime() < this.#dueAt) return;
    try {
      await this.#look(now);
      this.#dueAt = now.getTime() + DAY_MS;
    } catch (error) {
      this.#log.warn({ err: error }, 'SAML signing certificates could not be looked through');
    }
  }

  async #look(now: Date): Promise<void> {
    const before = new Date(now.getTime() + WARN_DAYS * DAY_MS);
    for (const one of await new CertificateExpiryStore(this.#db).list(before)) {
      const when = one.notAfter <= now ? 'has ended' : 'ends soon';
      this.#log.warn(
        { ...named(one), expires_in_days: daysLeft(one.notAfter, now) },
        `a SAML signing certificate ${when}; the list of its owner's certificates says what to do`,
      );
    }
    await this.#db.transaction().execute(async (trx) => {
      for (const one of await new CertificateExpiryStore(trx).takeUntold(before, now))
        await this.#audit.recordBy(
          trx,
          { kind: 'system', tenantId: one.tenantId },
          { type: 'saml_certificate.expires_soon', subject: one.certificateId, details: named(one) },
        );
    });
  }
}

const named = (one: EndingCertificate) => ({
  certificate_id: one.certificateId,
  status: one.status,
  ...(one.clientId !== null && { client_id: one.clientId }),
  ...(one.serviceProviderId !== null && { service_provider_id: one.serviceProviderId }),
  not_after: one.notAfter.toISOString(),
});
