/** What making and changing a SAML client writes beside what every client has. */

import type { SamlCertificate } from '../keys/saml-certificate-store.ts';
import { SamlCertificateStore } from '../keys/saml-certificate-store.ts';
import type { Database } from '../storage/database.ts';
import type { SamlClient } from './client.ts';
import { type ClientInput, forSaml } from './client-input.ts';
import { ClientStore } from './client-store.ts';
import type { ClientHead } from './oidc-client-change.ts';
import { DEFAULT_SAML_SETTINGS } from './saml-client.ts';
import { assertKeyFits, mergeSamlSettings } from './saml-client-rules.ts';

/** @throws 400 for settings that break a rule. Fails with a unique violation for a taken entity ID (contract C23). */
export async function insertSamlClient(
  trx: Database,
  head: ClientHead,
  body: ClientInput,
  certificate: SamlCertificate,
): Promise<void> {
  const input = forSaml(body);
  const settings = mergeSamlSettings(DEFAULT_SAML_SETTINGS, input);
  const spEntityId = input.sp_entity_id ?? '';
  await new ClientStore(trx).insert({ ...head, protocol: 'saml', spEntityId, settings });
  await new SamlCertificateStore(trx).insertCurrent(head.tenantId, { clientId: head.clientId }, certificate);
}

/** @throws as `insertSamlClient`. */
export async function updateSamlClient(trx: Database, client: SamlClient, body: ClientInput): Promise<void> {
  const input = forSaml(body);
  const settings = mergeSamlSettings(client.settings, input);
  assertKeyFits(settings, client.certificate);
  await new ClientStore(trx).update(client, {
    name: input.name ?? client.name,
    spEntityId: input.sp_entity_id ?? client.spEntityId,
    settings,
  });
}
