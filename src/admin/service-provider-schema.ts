/** Service providers as the outside writes and reads them (contract/management-api.md 15). */
import { z } from 'zod';
import {
  type ServiceProvider,
  type ServiceProviderInput,
  serviceProviderEndpoints,
} from '../service-providers/service-provider.ts';
import { shownOnly } from './resource-schema.ts';
import { entityId } from './saml-client-schema.ts';

const fields = {
  name: z.string().trim().min(1).max(256),
  description: z.string().max(4096),
  assertion_consumer_service_URL: z.string().min(1).max(2048),
  entity_id: entityId,
  name_qualifier: z.string().max(1024),
};

export const createServiceProvider = z.strictObject({
  ...fields,
  description: fields.description.default(''),
  name_qualifier: fields.name_qualifier.default(''),
});
/** What a read gives can be written back: the members that nobody can set are taken and left aside. */
export const updateServiceProvider = z
  .strictObject({
    ...fields,
    ...shownOnly(
      'service_provider_id',
      'tenant_id',
      'saml_url',
      'issuer',
      'pub_cert',
      'created_at',
      'updated_at',
    ),
  })
  .partial();

const provider = z.object({
  ...fields,
  service_provider_id: z.string(),
  tenant_id: z.string(),
  saml_url: z.url(),
  issuer: z.url(),
  pub_cert: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export const serviceProviderAnswer = z.object({ result: provider });
export const serviceProviderListAnswer = z.object({ result: z.array(provider) });

export const fromCreateServiceProvider = (
  body: z.infer<typeof createServiceProvider>,
): ServiceProviderInput => ({
  name: body.name,
  description: body.description,
  assertionConsumerServiceUrl: body.assertion_consumer_service_URL,
  entityId: body.entity_id,
  nameQualifier: body.name_qualifier,
});

export const fromUpdateServiceProvider = (
  body: z.infer<typeof updateServiceProvider>,
): Partial<ServiceProviderInput> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.assertion_consumer_service_URL !== undefined && {
    assertionConsumerServiceUrl: body.assertion_consumer_service_URL,
  }),
  ...(body.entity_id !== undefined && { entityId: body.entity_id }),
  ...(body.name_qualifier !== undefined && { nameQualifier: body.name_qualifier }),
});

/** @param origin of PUBLIC_URL */
export function toOuterServiceProvider(provider: ServiceProvider, origin: string) {
  const { ssoUrl, issuer } = serviceProviderEndpoints(origin, provider.serviceProviderId);
  return {
    service_provider_id: provider.serviceProviderId,
    tenant_id: provider.tenantId,
    name: provider.name,
    description: provider.description,
    assertion_consumer_service_URL: provider.assertionConsumerServiceUrl,
    entity_id: provider.entityId,
    name_qualifier: provider.nameQualifier,
    saml_url: ssoUrl,
    issuer,
    pub_cert: provider.certificate,
    created_at: provider.createdAt.toISOString(),
    updated_at: provider.updatedAt.toISOString(),
  };
}
