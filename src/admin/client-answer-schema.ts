/** What the client operations answer (contract/openapi.json ApiOidcClient, ApiSamlClient). */
import { z } from 'zod';
import { PKCE_VALUES, SECRET_METHODS } from '../clients/client.ts';
import { CUSTOM_CLAIMS } from '../clients/custom-claims.ts';
import {
  ATTRIBUTE_FORMATS,
  NAME_ID_TYPES,
  SIGNATURE_ALGORITHMS,
  SLO_BINDINGS,
} from '../clients/saml-client.ts';

const claims = z.array(z.enum(CUSTOM_CLAIMS));
const seconds = z.number().int();
const jwks = z.object({ keys: z.array(z.record(z.string(), z.unknown())).optional() });
const ofBoth = {
  app_id: z.string(),
  tenant_id: z.string(),
  client_id: z.string(),
  client_secret: z.string().nullable(),
  client_secret_hint: z.string().nullable(),
  name: z.string(),
  description: z.string(),
  resources: z.array(z.string()),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  client_group_id: z.string(),
  default_custom_claims: claims,
  default_user_info_claims: claims,
  sync_id_token_claims_to_userinfo: z.boolean(),
  short_cookies_samesite_type: z.enum(['lax', 'none']),
};

const authenticationConfiguration = z.object({
  method: z.enum(SECRET_METHODS),
  jwks: jwks.optional(),
  tls_client_auth: z
    .object({
      certificate_chain: z.string().optional(),
      distinguished_name: z.string().optional(),
      ocsp_on: z.boolean().optional(),
      ocsp_responder_uri: z.string().optional(),
      ocsp_responder_certificate: z.string().optional(),
      ocsp_fail_open: z.boolean().optional(),
    })
    .optional(),
  isMtlsCertTokenBound: z.boolean().optional(),
});

export const oidcClientAnswer = z.object({
  ...ofBoth,
  authentication_protocol: z.literal('oidc'),
  redirect_uris: z.array(z.string()),
  client_type: z.enum(['web', 'native']),
  response_types: z.array(z.enum(['code', 'id_token'])),
  token_endpoint_auth_method: z.enum([...SECRET_METHODS, 'none']),
  authentication_configuration: authenticationConfiguration,
  pkce: z.enum(PKCE_VALUES),
  supported_prompts: z.array(z.enum(['login', 'consent', 'none'])),
  token_expiration: z.object({
    access_token_ttl: seconds.nullable(),
    refresh_token_ttl: seconds.nullable(),
    max_refresh_rotate: seconds.nullable(),
  }),
  session_expiration: seconds,
  enforce_par: z.boolean(),
  fapi_version_compliancy: z.boolean(),
  device_authorization: z.object({
    enabled: z.boolean(),
    approval_uri: z.string(),
    success_uri: z.string(),
    input_uri: z.string(),
  }),
  ciba_authorization: z.object({ enabled: z.boolean(), login_uri: z.string() }),
  id_token_encryption: z.object({ enabled: z.boolean(), jwks: jwks.optional() }),
  is_third_party: z.boolean(),
  allowed_scopes: z.array(z.string()),
  consent_uri: z.string(),
  consent_uris: z.array(z.string()),
  consent_validity_period: seconds,
  role_ids: z.array(z.string()),
  backchannel_logout_uri: z.string(),
  backchannel_logout_session_required: z.boolean(),
  frontchannel_logout_uri: z.string(),
  frontchannel_logout_session_required: z.boolean(),
});

export const samlClientAnswer = z.object({
  ...ofBoth,
  authentication_protocol: z.literal('saml'),
  sp_entity_id: z.string(),
  sp_acs_url: z.string(),
  sp_acs_endpoints: z.array(z.object({ index: z.number().int(), url: z.string() })),
  sp_name_id_type: z.enum(NAME_ID_TYPES),
  sign_assertion: z.boolean(),
  optional_acs_url: z.boolean(),
  use_centralized_login: z.boolean(),
  sp_certificates: z.array(z.string()),
  want_authn_requests_signed: z.boolean(),
  encrypt_assertion: z.boolean(),
  sp_encryption_certificate: z.string(),
  attribute_mapping: z.partialRecord(
    z.enum(CUSTOM_CLAIMS),
    z.object({
      name: z.string(),
      friendly_name: z.string().optional(),
      format: z.enum(ATTRIBUTE_FORMATS).optional(),
    }),
  ),
  signature_algorithm: z.enum(SIGNATURE_ALGORITHMS),
  clock_skew_seconds: seconds,
  idp_initiated: z.boolean(),
  sp_slo_url: z.string(),
  sp_slo_binding: z.enum(SLO_BINDINGS),
  metadata_url: z.url(),
  sso_url: z.url(),
  entity_id: z.url(),
  x509_certificate: z.string(),
});

export const clientAnswer = z.discriminatedUnion('authentication_protocol', [
  oidcClientAnswer,
  samlClientAnswer,
]);
export const clientListAnswer = z.array(clientAnswer);
