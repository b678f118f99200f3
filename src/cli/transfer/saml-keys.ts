/**
 * Signing keys of SAML clients and service providers do not move: the private half is sealed with the master key of
 * the deployment that made it. The certificate in the file tells whether the key is the same here; who comes without
 * a key is given a new one, and the report says so.
 */
import type { ClientId, ServiceProviderId } from '../../base/ids.ts';
import { type CertificateOwner, SamlCertificateStore } from '../../keys/saml-certificate-store.ts';
import type { Ground, Line, Outcome } from './row-kind.ts';
import { currentCertificate } from './saml-certificate-of-store.ts';

export const keyForClient = (ground: Ground, clientId: ClientId, name: string): Promise<void> =>
  ensureKey(ground, { clientId }, name);

export const keyForServiceProvider = (ground: Ground, line: Line): Promise<void> =>
  ensureKey(
    ground,
    { serviceProviderId: line.service_provider_id as ServiceProviderId },
    line.name as string,
  );

async function ensureKey(ground: Ground, owner: CertificateOwner, name: string): Promise<void> {
  const { db, tenantId } = ground;
  if ((await currentCertificate(db, tenantId, owner)) !== undefined) return;
  const certificates = await ground.certificates(db);
  await new SamlCertificateStore(db).insertCurrent(tenantId, owner, await certificates.make(name));
  ground.note(
    nameOf(owner),
    'has a new signing key and certificate here: give its metadata to the other side',
  );
}

/** Only compares: the owner has its key since its own line. */
export async function compareCertificate(ground: Ground, line: Line): Promise<Outcome> {
  const owner: CertificateOwner =
    line.client_id === null
      ? { serviceProviderId: line.service_provider_id as ServiceProviderId }
      : { clientId: line.client_id as ClientId };
  const here = await currentCertificate(ground.db, ground.tenantId, owner);
  if (here !== line.pem)
    ground.note(nameOf(owner), 'signs with another key here than where the file comes from');
  return 'unchanged';
}

const nameOf = (owner: CertificateOwner): string =>
  'clientId' in owner ? `SAML client ${owner.clientId}` : `service provider ${owner.serviceProviderId}`;
