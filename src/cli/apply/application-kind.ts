/** Applications in a file of `apply`; their clients stand below `clients` (contract/management-api.md section 1). */
import { parseUpdateApplication } from '../../admin/application-schema.ts';
import type { Kind, Members } from './kind.ts';

/** Deprecated in the API too: what an application body says about its default client. */
const OF_THE_DEFAULT_CLIENT = [
  'first_client',
  'first_client_authentication_protocol',
  'client_display_name',
  'client_description',
  'client_type',
  'client_auth_method',
  'redirect_uris',
  'resources',
  'pkce',
  'device_authorization',
  'ciba_authorization',
];

export const APPLICATION: Kind = {
  noun: 'application',
  section: 'applications',
  nested: false,
  key: 'app_name',
  id: 'app_id',
  members: [
    'app_name',
    'app_description',
    'service_providers',
    'allow_public_signup',
    'authenticator_preferences',
    'login_uri',
    'invite_member_uri',
    'invite_member_email_expiration_minutes',
    'invite_client_id',
    'refresh_token_invalidation_trigger_configuration',
    'logo',
    'subdomain',
    'custom_domain',
    'signing_key_enabled',
    'should_delete_signing_key',
  ],
  elsewhere: Object.fromEntries(
    OF_THE_DEFAULT_CLIENT.map((member) => [member, 'it belongs to a client, below clients']),
  ),
  required: [],
  sets: ['service_providers'],
  orders: ['should_delete_signing_key'],
  references: { service_providers: 'service_providers' },
  collection: () => '/v1/applications',
  check: (members) => parseUpdateApplication(members) as Members,
  toWritten: (object) => ({
    ...object,
    custom_domain: (object.custom_domain as { domain?: string } | undefined)?.domain ?? '',
  }),
};
