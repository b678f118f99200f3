/** OIDC clients as the outside writes them, the fields that every kind of client has, and secrets. */
import { z } from 'zod';
import { PKCE_VALUES, SECRET_METHODS } from '../clients/client.ts';
import type { FreshSecret } from '../clients/client-secrets.ts';
import { CUSTOM_CLAIMS } from '../clients/custom-claims.ts';
import { seconds, shownOnly } from './resource-schema.ts';

const text = z.string().max(4096);
const uri = z.string().max(2048);
const claims = z.array(z.enum(CUSTOM_CLAIMS)).max(100);
const ttl = seconds.nullable().optional();
const jwks = z.looseObject({ keys: z.array(z.record(z.string(), z.unknown())).max(100).optional() });
const pem = z.string().max(65_536);

export const idList = z.array(z.string().min(1).max(128)).max(500);
/** Settings that an application body has too, for its default client. */
export const sharedFields = {
  client_type: z.enum(['web', 'native']),
  redirect_uris: z.array(uri).max(500),
  resources: idList,
  pkce: z.enum(PKCE_VALUES),
  device_authorization: z.strictObject({
    enabled: z.boolean(),
    approval_uri: uri,
    success_uri: uri,
    input_uri: uri,
  }),
  ciba_authorization: z.strictObject({ enabled: z.boolean(), login_uri: uri.optional() }),
};
export const anyMethod = z.enum([...SECRET_METHODS, 'none']);
export const clientName = z.string().trim().min(1).max(256);

/** What OIDC and SAML clients have alike. */
export const fieldsOfBoth = {
  name: clientName,
  description: text,
  resources: idList,
  client_group_id: z.string().max(128),
  default_custom_claims: claims,
  default_user_info_claims: claims,
  sync_id_token_claims_to_userinfo: z.boolean(),
  short_cookies_samesite_type: z.enum(['lax', 'none']),
  supported_prompts: z.array(z.enum(['login', 'consent', 'none'])).max(3),
  // Made by the server alone; a value in a body is not taken over (contract R101, R102, R105).
  ...shownOnly('client_id', 'client_secret'),
};
/** What else a read shows: it can be written back. */
export const shownOfBoth = shownOnly('app_id', 'tenant_id', 'client_secret_hint', 'created_at', 'updated_at');

const fields = {
  ...sharedFields,
  ...fieldsOfBoth,
  authentication_protocol: z.literal('oidc'),
  response_types: z.array(z.enum(['code', 'id_token'])).max(2),
  token_endpoint_auth_method: anyMethod,
  authentication_configuration: z.strictObject({
    method: z.enum(SECRET_METHODS),
    jwks: jwks.optional(),
    tls_client_auth: z
      .strictObject({
        certificate_chain: pem,
        distinguished_name: text,
        ocsp_on: z.boolean(),
        ocsp_responder_uri: uri,
        ocsp_responder_certificate: pem,
        ocsp_fail_open: z.boolean(),
      })
      .partial()
      .optional(),
    isMtlsCertTokenBound: z.boolean().optional(),
  }),
  token_expiration: z.strictObject({
    access_token_ttl: ttl,
    refresh_token_ttl: ttl,
    max_refresh_rotate: ttl,
  }),
  session_expiration: seconds,
  enforce_par: z.boolean(),
  fapi_version_compliancy: z.boolean(),
  id_token_encryption: z.strictObject({ enabled: z.boolean(), jwks: jwks.optional() }),
  is_third_party: z.boolean(),
  // RFC 6749 section 3.3: scope-token.
  allowed_scopes: z
    .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/, 'must be a scope name'))
    .max(500),
  consent_uri: uri,
  consent_uris: z.array(uri).max(100),
  consent_validity_period: seconds,
  role_ids: idList,
  backchannel_logout_uri: uri,
  backchannel_logout_session_required: z.boolean(),
  frontchannel_logout_uri: uri,
  frontchannel_logout_session_required: z.boolean(),
};

export const createOidcClient = z
  .strictObject(fields)
  .partial()
  .required({ name: true, redirect_uris: true });
export const updateOidcClient = z.strictObject({ ...fields, ...shownOfBoth }).partial();
export const resourceIds = z.strictObject({ resource_ids: idList });

/** The public form of a secret; the value in the answer to its generation only. */
export const toOuterSecret = (secret: FreshSecret['secret'], value: string | null = null) => ({
  id: secret.secretId,
  client_secret: value,
  client_secret_hint: secret.hint,
  created_at: secret.createdAt.toISOString(),
});
