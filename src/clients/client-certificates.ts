/** SAML clients as holders of signing certificates: who reaches them, and what follows from another key. */
import { X509Certificate } from 'node:crypto';
import type { AuditLog } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { invalid } from '../base/errors.ts';
import type { CertificateHolder, Held } from '../keys/saml-certificate-service.ts';
import type { Database } from '../storage/database.ts';
import type { SamlClient } from './client.ts';
import { type ClientAddress, clientAt } from './client-service.ts';
import { ClientStore } from './client-store.ts';
import { fitting, keyTypeOf } from './signature-algorithm.ts';

export const clientCertificateHolder = ({
  audit,
}: {
  audit: AuditLog;
}): CertificateHolder<ClientAddress> => ({
  find: async (db, caller, at) => held(await samlClientAt(db, caller, at)),
  lock: async (trx, caller, at) => {
    await new ClientStore(trx).lock(caller.tenantId, at.clientId);
    return held(await samlClientAt(trx, caller, at));
  },
  settle: async (trx, caller, at, pem) => {
    const client = await samlClientAt(trx, caller, at);
    const algorithm = fitting(
      client.settings.signature_algorithm,
      keyTypeOf(new X509Certificate(pem).publicKey),
    );
    if (algorithm === client.settings.signature_algorithm) return;
    const settings = { ...client.settings, signature_algorithm: algorithm };
    await new ClientStore(trx).update(client, { ...client, settings });
    await audit.recordBy(trx, caller, {
      type: 'client.updated',
      subject: at.clientId,
      details: { fields: ['signature_algorithm'], signature_algorithm: algorithm },
    });
  },
});

const held = ({ clientId, name }: SamlClient): Held => ({ owner: { clientId }, name });

async function samlClientAt(db: Database, caller: ManagementCaller, at: ClientAddress): Promise<SamlClient> {
  const client = await clientAt(db, caller, at);
  if (client.protocol !== 'saml')
    throw invalid('An OIDC client signs nothing for SAML, so it has no SAML certificates');
  return client;
}
