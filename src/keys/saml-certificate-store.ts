/** Reads and writes the rows of SAML signing certificates: at most one of each status per owner. */
import { type Selectable, sql } from 'kysely';
import type { ClientId, ServiceProviderId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SamlCertificatesTable } from '../storage/tables.ts';

export type CertificateOwner =
  | { readonly clientId: ClientId }
  | { readonly serviceProviderId: ServiceProviderId };

export type SamlCertificateStatus = SamlCertificatesTable['status'];

/** A certificate with its key, to be stored. */
export interface SamlCertificate {
  readonly certificateId: string;
  readonly pem: string;
  /** Opens with the certificate id as context. */
  readonly sealedPrivateKey: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The public half: what metadata shows, and what an administrator reads. */
export interface PublishedCertificate {
  readonly certificateId: string;
  /** `next` is announced before it signs, `current` signs, `previous` signed until the last switch. */
  readonly status: SamlCertificateStatus;
  readonly pem: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly createdAt: Date;
}

/** What signs now; opens with the certificate id as context. */
export type SealedSigner = Pick<SamlCertificate, 'certificateId' | 'pem' | 'sealedPrivateKey'>;

export class SamlCertificateStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** The current one first, then the next, then the previous. */
  async list(tenantId: TenantId, owner: CertificateOwner): Promise<PublishedCertificate[]> {
    const rows = await this.#of(tenantId, owner)
      .select(PUBLIC)
      .orderBy(sql`array_position(array['current', 'next', 'previous'], status)`)
      .execute();
    return rows.map(toPublished);
  }

  async findCurrent(tenantId: TenantId, owner: CertificateOwner): Promise<SealedSigner | undefined> {
    const row = await this.#of(tenantId, owner)
      .select(['certificate_id', 'pem', 'sealed_private_key'])
      .where('status', '=', 'current')
      .executeTakeFirst();
    return (
      row && {
        certificateId: row.certificate_id,
        pem: row.pem,
        sealedPrivateKey: row.sealed_private_key,
      }
    );
  }

  /** The one that signs from now on. Fails with a unique violation where the owner has one. */
  insertCurrent(tenantId: TenantId, owner: CertificateOwner, certificate: SamlCertificate): Promise<void> {
    return this.insert(tenantId, owner, certificate, 'current');
  }

  /** Fails with a unique violation where the owner has one of this status. */
  async insert(
    tenantId: TenantId,
    owner: CertificateOwner,
    certificate: SamlCertificate,
    status: SamlCertificateStatus,
  ): Promise<void> {
    await this.#db
      .insertInto('saml_certificates')
      .values({
        tenant_id: tenantId,
        certificate_id: certificate.certificateId,
        client_id: 'clientId' in owner ? owner.clientId : null,
        service_provider_id: 'serviceProviderId' in owner ? owner.serviceProviderId : null,
        status,
        pem: certificate.pem,
        sealed_private_key: certificate.sealedPrivateKey,
        not_before: certificate.notBefore,
        not_after: certificate.notAfter,
      })
      .execute();
  }

  /** Fails with a unique violation where its owner has another one of this status. */
  async setStatus(tenantId: TenantId, certificateId: string, status: SamlCertificateStatus): Promise<void> {
    await this.#db
      .updateTable('saml_certificates')
      .set({ status })
      .where('tenant_id', '=', tenantId)
      .where('certificate_id', '=', certificateId)
      .execute();
  }

  async remove(tenantId: TenantId, certificateId: string): Promise<void> {
    await this.#db
      .deleteFrom('saml_certificates')
      .where('tenant_id', '=', tenantId)
      .where('certificate_id', '=', certificateId)
      .execute();
  }

  #of(tenantId: TenantId, owner: CertificateOwner) {
    const rows = this.#db.selectFrom('saml_certificates').where('tenant_id', '=', tenantId);
    return 'clientId' in owner
      ? rows.where('client_id', '=', owner.clientId)
      : rows.where('service_provider_id', '=', owner.serviceProviderId);
  }
}

const PUBLIC = ['certificate_id', 'status', 'pem', 'not_before', 'not_after', 'created_at'] as const;

const toPublished = (
  row: Pick<Selectable<SamlCertificatesTable>, (typeof PUBLIC)[number]>,
): PublishedCertificate => ({
  certificateId: row.certificate_id,
  status: row.status,
  pem: row.pem,
  notBefore: row.not_before,
  notAfter: row.not_after,
  createdAt: row.created_at,
});
