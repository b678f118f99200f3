/** Writes the rows of SAML signing certificates. Who owns one reads its public half along with itself. */
import type { ClientId, ServiceProviderId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SamlCertificate } from './saml-certificates.ts';

export type CertificateOwner =
  | { readonly clientId: ClientId }
  | { readonly serviceProviderId: ServiceProviderId };

export class SamlCertificateStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  /** The one that signs from now on. Fails with a unique violation where the owner has one. */
  async insertCurrent(
    tenantId: TenantId,
    owner: CertificateOwner,
    certificate: SamlCertificate,
  ): Promise<void> {
    await this.#db
      .insertInto('saml_certificates')
      .values({
        tenant_id: tenantId,
        certificate_id: certificate.certificateId,
        client_id: 'clientId' in owner ? owner.clientId : null,
        service_provider_id: 'serviceProviderId' in owner ? owner.serviceProviderId : null,
        status: 'current',
        pem: certificate.pem,
        sealed_private_key: certificate.sealedPrivateKey,
        not_before: certificate.notBefore,
        not_after: certificate.notAfter,
      })
      .execute();
  }
}
