/**
 * Signing keys of SAML clients and service providers do not move: the private half is sealed with the master key of
 * the deployment that made it. The certificate in the file tells whether the key is the same here; who comes without
 * a key is given a new one, and the report says so.
 */
import type { ClientId, ServiceProviderId } from '../../base/ids.ts';
import type { SamlClientSettings } from '../../clients/saml-client.ts';
import { assertKeyFits } from '../../clients/saml-client-rules.ts';
import { keyKindFor } from '../../clients/signature-algorithm.ts';
import type { KeyKind } from '../../keys/certificate-key.ts';
import { type CertificateOwner, SamlCertificateStore } from '../../keys/saml-certificate-store.ts';
import type { Ground, Line, Outcome } from './row-kind.ts';
import { currentCertificate } from './saml-certificate-of-store.ts';

/** @throws 400 where the client signs here with a key that its algorithm cannot use */
export async function keyForClient(ground: Ground, line: Line): Promise<void> {
  const owner = { clientId: line.client_id as ClientId };
  const settings = line.settings as unknown as SamlClientSettings;
  const current = await currentCertificate(ground.db, ground.tenantId, owner);
  if (current !== undefined) return assertKeyFits(settings, current);
  return makeKey(ground, owner, line.name as string, keyKindFor(settings.signature_algorithm));
}

export async function keyForServiceProvider(ground: Ground, line: Line): Promise<void> {
  const owner = { serviceProviderId: line.service_provider_id as ServiceProviderId };
  if ((await currentCertificate(ground.db, ground.tenantId, owner)) !== undefined) return;
  await makeKey(ground, owner, line.name as string, 'rsa');
}

async function makeKey(ground: Ground, owner: CertificateOwner, name: string, kind: KeyKind): Promise<void> {
  const { db, tenantId } = ground;
  const certificates = await ground.certificates(db);
  await new SamlCertificateStore(db).insertCurrent(tenantId, owner, await certificates.make(name, kind));
  ground.note(
    nameOf(owner),
    'has a new signing key and certificate here: give its metadata to the other side',
  );
}

/** Only compares: the owner has its key since its own line. A previous certificate is for the old deployment. */
export async function compareCertificate(ground: Ground, line: Line): Promise<Outcome> {
  const owner: CertificateOwner =
    line.client_id === null
      ? { serviceProviderId: line.service_provider_id as ServiceProviderId }
      : { clientId: line.client_id as ClientId };
  if (line.status === 'current') await compareCurrent(ground, owner, line.pem);
  if (line.status === 'next') await compareNext(ground, owner, line.pem);
  return 'unchanged';
}

async function compareCurrent(ground: Ground, owner: CertificateOwner, pem: unknown): Promise<void> {
  const here = await currentCertificate(ground.db, ground.tenantId, owner);
  if (here !== pem) ground.note(nameOf(owner), 'signs with another key here than where the file comes from');
}

async function compareNext(ground: Ground, owner: CertificateOwner, pem: unknown): Promise<void> {
  const here = await new SamlCertificateStore(ground.db).list(ground.tenantId, owner);
  if (!here.some((one) => one.pem === pem))
    ground.note(
      `next certificate of ${nameOf(owner)}`,
      'stays with its key where the file comes from: add one here',
    );
}

const nameOf = (owner: CertificateOwner): string =>
  'clientId' in owner ? `SAML client ${owner.clientId}` : `service provider ${owner.serviceProviderId}`;
