/** Finds SAML signing certificates that end soon, of every tenant. One that signs no more is nobody's concern. */
import type { Selectable } from 'kysely';
import type { ClientId, ServiceProviderId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SamlCertificatesTable } from '../storage/tables.ts';

export interface EndingCertificate {
  readonly tenantId: TenantId;
  readonly certificateId: string;
  readonly status: SamlCertificatesTable['status'];
  readonly clientId: ClientId | null;
  readonly serviceProviderId: ServiceProviderId | null;
  readonly notAfter: Date;
}

const COLUMNS = [
  'tenant_id',
  'certificate_id',
  'status',
  'client_id',
  'service_provider_id',
  'not_after',
] as const;

export class CertificateExpiryStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** The first to end comes first. */
  async list(before: Date): Promise<EndingCertificate[]> {
    const rows = await this.#db
      .selectFrom('saml_certificates')
      .select(COLUMNS)
      .where('status', '<>', 'previous')
      .where('not_after', '<', before)
      .orderBy('not_after')
      .orderBy('certificate_id')
      .execute();
    return rows.map(toEnding);
  }

  /** Those that the trail was not told of; each is given out once, whichever node asks. */
  async takeUntold(before: Date, now: Date): Promise<EndingCertificate[]> {
    const rows = await this.#db
      .updateTable('saml_certificates')
      .set({ warned_at: now })
      .where('status', '<>', 'previous')
      .where('not_after', '<', before)
      .where('warned_at', 'is', null)
      .returning(COLUMNS)
      .execute();
    return rows.map(toEnding);
  }
}

const toEnding = (
  row: Pick<Selectable<SamlCertificatesTable>, (typeof COLUMNS)[number]>,
): EndingCertificate => ({
  tenantId: row.tenant_id,
  certificateId: row.certificate_id,
  status: row.status,
  clientId: row.client_id,
  serviceProviderId: row.service_provider_id,
  notAfter: row.not_after,
});
