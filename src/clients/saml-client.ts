/** What a SAML client stores beside the fields of every client, the defaults, and where the world finds it (contract/saml.md 1). */
import type { ClientId } from '../base/ids.ts';
import type { CustomClaim, Prompt } from './custom-claims.ts';

export const NAME_ID_TYPES = [
  'email',
  'secondaryEmail',
  'username',
  'phoneNumber',
  'externalUserId',
  'persistent',
  'transient',
] as const;
export const SIGNATURE_ALGORITHMS = [
  'rsa-sha256',
  'rsa-sha384',
  'rsa-sha512',
  'ecdsa-sha256',
  'ecdsa-sha384',
] as const;
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];
export const SLO_BINDINGS = ['redirect', 'post'] as const;
const FORMAT = 'urn:oasis:names:tc:SAML:2.0:attrname-format:';
export const ATTRIBUTE_FORMATS = [`${FORMAT}basic`, `${FORMAT}uri`, `${FORMAT}unspecified`] as const;

/** How one claim is called in the attribute statement. */
export interface AttributeName {
  name: string;
  friendly_name?: string | undefined;
  format?: (typeof ATTRIBUTE_FORMATS)[number] | undefined;
}

/** The stored document, under the public names of contract/management-api.md section 6 and, ours, saml.md 1.5. */
export interface SamlClientSettings {
  description: string;
  client_group_id: string;
  default_custom_claims: CustomClaim[];
  default_user_info_claims: CustomClaim[];
  sync_id_token_claims_to_userinfo: boolean;
  short_cookies_samesite_type: 'lax' | 'none';
  supported_prompts: Prompt[];
  sp_acs_url: string;
  /** More places to which responses may go: a request names one by its URL or its index. */
  sp_acs_endpoints: { index: number; url: string }[];
  sp_name_id_type: (typeof NAME_ID_TYPES)[number];
  sign_assertion: boolean;
  optional_acs_url: boolean;
  use_centralized_login: boolean;
  /** PEM, one certificate each: what the provider signs with. */
  sp_certificates: string[];
  want_authn_requests_signed: boolean;
  encrypt_assertion: boolean;
  /** PEM; where it is empty, the first RSA certificate of `sp_certificates` is encrypted to. */
  sp_encryption_certificate: string;
  attribute_mapping: { [Claim in CustomClaim]?: AttributeName | undefined };
  /** Fits the key of the current certificate. */
  signature_algorithm: SignatureAlgorithm;
  clock_skew_seconds: number;
  idp_initiated: boolean;
  sp_slo_url: string;
  sp_slo_binding: (typeof SLO_BINDINGS)[number];
}

/** What a new client has where its creator said nothing. */
export const DEFAULT_SAML_SETTINGS: Readonly<SamlClientSettings> = {
  description: '',
  client_group_id: '',
  default_custom_claims: [],
  default_user_info_claims: [],
  sync_id_token_claims_to_userinfo: false,
  short_cookies_samesite_type: 'lax',
  supported_prompts: ['login', 'consent', 'none'],
  sp_acs_url: '',
  sp_acs_endpoints: [],
  sp_name_id_type: 'email',
  sign_assertion: true,
  optional_acs_url: true,
  use_centralized_login: false,
  sp_certificates: [],
  want_authn_requests_signed: false,
  encrypt_assertion: false,
  sp_encryption_certificate: '',
  attribute_mapping: {},
  signature_algorithm: 'rsa-sha256',
  clock_skew_seconds: 60,
  idp_initiated: true,
  sp_slo_url: '',
  sp_slo_binding: 'redirect',
};

export interface SamlEndpoints {
  readonly metadataUrl: string;
  readonly ssoUrl: string;
  readonly sloUrl: string;
  /** The same as the URL of the metadata (contract D17). */
  readonly entityId: string;
}

/** @param origin of PUBLIC_URL, without a slash at its end */
export function samlEndpoints(origin: string, clientId: ClientId): SamlEndpoints {
  const base = `${origin}/saml/${encodeURIComponent(clientId)}`;
  return {
    metadataUrl: `${base}/metadata`,
    ssoUrl: `${base}/sso`,
    sloUrl: `${base}/slo`,
    entityId: `${base}/metadata`,
  };
}
