/** Finds the certificate that an owner signs with. */
import { sql } from 'kysely';
import type { TenantId } from '../../base/ids.ts';
import type { CertificateOwner } from '../../keys/saml-certificate-store.ts';
import type { Database } from '../../storage/database.ts';

/** PEM; undefined where the owner has none. */
export async function currentCertificate(
  db: Database,
  tenantId: TenantId,
  owner: CertificateOwner,
): Promise<string | undefined> {
  const isIts =
    'clientId' in owner
      ? sql`client_id = ${owner.clientId}`
      : sql`service_provider_id = ${owner.serviceProviderId}`;
  const { rows } = await sql<{ pem: string }>`select pem from saml_certificates
    where tenant_id = ${tenantId} and ${isIts} and status = 'current'`.execute(db);
  return rows[0]?.pem;
}
