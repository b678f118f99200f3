/** Clients of an application, OIDC and SAML, in a file of `apply` (contract/management-api.md sections 5 and 6). */
import { parseUpdateClient } from '../../admin/any-client-schema.ts';
import { invalid } from '../../base/errors.ts';
import { speaksSaml } from '../../clients/client-input.ts';
import type { Kind, Members } from './kind.ts';

const MADE_BY_THE_SERVER = ['metadata_url', 'sso_url', 'entity_id', 'x509_certificate'];

const OF_SAML = [
  'sp_entity_id',
  'sp_acs_url',
  'sp_acs_endpoints',
  'sp_name_id_type',
  'sign_assertion',
  'optional_acs_url',
  'use_centralized_login',
  'sp_certificates',
  'want_authn_requests_signed',
  'encrypt_assertion',
  'sp_encryption_certificate',
  'attribute_mapping',
  'signature_algorithm',
  'clock_skew_seconds',
  'idp_initiated',
  'sp_slo_url',
  'sp_slo_binding',
];

export const CLIENT: Kind = {
  noun: 'client',
  section: 'clients',
  nested: true,
  key: 'name',
  id: 'client_id',
  members: [
    'name',
    'description',
    'redirect_uris',
    'client_type',
    'resources',
    'client_group_id',
    'default_custom_claims',
    'default_user_info_claims',
    'sync_id_token_claims_to_userinfo',
    'short_cookies_samesite_type',
    'response_types',
    'token_endpoint_auth_method',
    'pkce',
    'authentication_configuration',
    'device_authorization',
    'ciba_authorization',
    'supported_prompts',
    'token_expiration',
    'session_expiration',
    'enforce_par',
    'fapi_version_compliancy',
    'id_token_encryption',
    'is_third_party',
    'allowed_scopes',
    'consent_uri',
    'consent_uris',
    'consent_validity_period',
    'role_ids',
    'backchannel_logout_uri',
    'backchannel_logout_session_required',
    'frontchannel_logout_uri',
    'frontchannel_logout_session_required',
    'authentication_protocol',
    ...OF_SAML,
  ],
  elsewhere: {
    ...Object.fromEntries(MADE_BY_THE_SERVER.map((member) => [member, 'the server makes it'])),
    sp_metadata: 'it is read once, and what it says is kept: write those fields themselves',
  },
  required: ['redirect_uris'],
  requiredBy: (members) =>
    speaksSaml(members) ? ['authentication_protocol', 'sp_entity_id'] : CLIENT.required,
  // Neither consent_uris nor sp_certificates is a set: the first entry is the one that is used (C11, saml.md 1.5).
  sets: [
    'redirect_uris',
    'resources',
    'default_custom_claims',
    'default_user_info_claims',
    'response_types',
    'supported_prompts',
    'allowed_scopes',
    'role_ids',
  ],
  documents: ['attribute_mapping'],
  references: { resources: 'resources', role_ids: 'client_roles', client_group_id: 'sso_groups' },
  collection: (appId) => `/v1/applications/${appId}/clients`,
  check: (members) => {
    if (speaksSaml(members) && members.supported_prompts !== undefined)
      throw invalid('supported_prompts: no SAML client shows it, so that nothing could be compared with it');
    return parseUpdateClient(members) as Members;
  },
};
