/** Service providers in a file of `apply` (contract/management-api.md section 15). */
import { updateServiceProvider } from '../../admin/service-provider-schema.ts';
import { validate } from '../../http/validate.ts';
import type { Kind } from './kind.ts';

export const SERVICE_PROVIDER: Kind = {
  noun: 'service provider',
  section: 'service_providers',
  nested: false,
  key: 'name',
  id: 'service_provider_id',
  members: ['name', 'assertion_consumer_service_URL', 'entity_id', 'description', 'name_qualifier'],
  required: ['assertion_consumer_service_URL', 'entity_id'],
  elsewhere: Object.fromEntries(
    ['saml_url', 'issuer', 'pub_cert'].map((member) => [member, 'the server makes it']),
  ),
  sets: [],
  references: {},
  collection: () => '/v1/serviceprovider/saml2',
  check: (members) => validate(updateServiceProvider, members),
};
