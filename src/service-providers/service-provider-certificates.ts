/** Service providers as holders of signing certificates. */
import type { ServiceProviderId } from '../base/ids.ts';
import type { CertificateHolder, Held } from '../keys/saml-certificate-service.ts';
import type { ServiceProvider } from './service-provider.ts';
import { serviceProviderMissing } from './service-provider-service.ts';
import { ServiceProviderStore } from './service-provider-store.ts';

export const serviceProviderCertificateHolder: CertificateHolder<ServiceProviderId> = {
  find: async (db, { tenantId }, id) => held(await new ServiceProviderStore(db).find(tenantId, id)),
  lock: async (trx, { tenantId }, id) => held(await new ServiceProviderStore(trx).findLocked(tenantId, id)),
  // It stores no algorithm: that follows the key.
  settle: async () => undefined,
};

function held(provider: ServiceProvider | undefined): Held {
  if (!provider) throw serviceProviderMissing();
  return { owner: { serviceProviderId: provider.serviceProviderId }, name: provider.name };
}
