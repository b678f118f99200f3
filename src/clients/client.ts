/** A client: what it is, what it stores, and the defaults of what is left out. */
import type { AppId, ClientId, ResourceId, TenantId } from '../base/ids.ts';
import type { HeldRole } from '../roles/role.ts';
import type { ClientGroup } from './client-group.ts';
import type { CustomClaim, Prompt } from './custom-claims.ts';
import type { ClientType } from './redirect-uri.ts';
import type { SamlClientSettings } from './saml-client.ts';

export const SECRET_METHODS = [
  'client_secret_basic',
  'self_signed_tls_client_auth',
  'tls_client_auth',
  'private_key_jwt',
] as const;
export type ConfiguredMethod = (typeof SECRET_METHODS)[number];
export type AuthenticationMethod = ConfiguredMethod | 'none';

export const PKCE_VALUES = [
  'allowPkceAlongsideClientCredentials',
  'enforcePkceAlongsideClientCredentials',
  'enforcePkceInsteadOfClientCredentials',
] as const;
export type Pkce = (typeof PKCE_VALUES)[number];

export interface TlsClientAuth {
  certificate_chain?: string | undefined;
  distinguished_name?: string | undefined;
  ocsp_on?: boolean | undefined;
  ocsp_responder_uri?: string | undefined;
  ocsp_responder_certificate?: string | undefined;
  ocsp_fail_open?: boolean | undefined;
}

export type Jwk = Record<string, unknown>;

export interface Jwks {
  keys?: Jwk[] | undefined;
}

export interface AuthenticationConfiguration {
  method: ConfiguredMethod;
  jwks?: Jwks | undefined;
  tls_client_auth?: TlsClientAuth | undefined;
  isMtlsCertTokenBound?: boolean | undefined;
}

/** Seconds; null inherits the tenant's default (contract D3). */
export interface TokenExpiration {
  access_token_ttl: number | null;
  refresh_token_ttl: number | null;
  max_refresh_rotate: number | null;
}

/** The stored document, under the public names of contract/management-api.md section 5. */
export interface OidcClientSettings {
  description: string;
  redirect_uris: string[];
  client_type: ClientType;
  pkce: Pkce;
  supported_prompts: Prompt[];
  token_expiration: TokenExpiration;
  session_expiration: number;
  enforce_par: boolean;
  authentication_configuration: AuthenticationConfiguration;
  is_third_party: boolean;
  allowed_scopes: string[];
  default_custom_claims: CustomClaim[];
  default_user_info_claims: CustomClaim[];
  sync_id_token_claims_to_userinfo: boolean;
  response_types: ('code' | 'id_token')[];
  device_authorization: { enabled: boolean; approval_uri: string; success_uri: string; input_uri: string };
  ciba_authorization: { enabled: boolean; login_uri: string };
  id_token_encryption: { enabled: boolean; jwks?: Jwks | undefined };
  consent_uris: string[];
  consent_validity_period: number;
  client_group_id: string;
  short_cookies_samesite_type: 'lax' | 'none';
  fapi_version_compliancy: boolean;
  /** OpenID Connect Back-Channel Logout 1.0 section 2.2; empty where the client is not told. */
  backchannel_logout_uri: string;
  backchannel_logout_session_required: boolean;
  /** OpenID Connect Front-Channel Logout 1.0 section 2. */
  frontchannel_logout_uri: string;
  frontchannel_logout_session_required: boolean;
}

/** What a new client has where its creator said nothing. */
export const DEFAULT_SETTINGS: Readonly<OidcClientSettings> = {
  description: '',
  redirect_uris: [],
  client_type: 'web',
  pkce: 'allowPkceAlongsideClientCredentials',
  supported_prompts: ['login', 'consent', 'none'],
  token_expiration: { access_token_ttl: 3600, refresh_token_ttl: 1_209_600, max_refresh_rotate: 1_209_600 },
  session_expiration: 1_209_600,
  enforce_par: false,
  authentication_configuration: { method: 'client_secret_basic' },
  is_third_party: false,
  allowed_scopes: [],
  default_custom_claims: [],
  default_user_info_claims: [],
  sync_id_token_claims_to_userinfo: false,
  response_types: ['code', 'id_token'],
  device_authorization: { enabled: false, approval_uri: '', success_uri: '', input_uri: '' },
  ciba_authorization: { enabled: false, login_uri: '' },
  id_token_encryption: { enabled: false },
  consent_uris: [],
  consent_validity_period: 2_592_000,
  client_group_id: '',
  short_cookies_samesite_type: 'lax',
  fapi_version_compliancy: false,
  backchannel_logout_uri: '',
  backchannel_logout_session_required: false,
  frontchannel_logout_uri: '',
  frontchannel_logout_session_required: false,
};

export interface ClientSecret {
  readonly secretId: string;
  readonly hash: string;
  /** Last four characters of the value. */
  readonly hint: string;
  readonly createdAt: Date;
}

interface ClientHead {
  readonly tenantId: TenantId;
  readonly clientId: ClientId;
  readonly appId: AppId;
  readonly appKind: 'end_user' | 'management';
  readonly appName: string;
  /** Nobody signs in to the application with one factor alone (authentication.md 2). */
  readonly appRequiresMfa: boolean;
  /** The group of the SSO Service that `client_group_id` names; absent for none. */
  readonly group?: ClientGroup;
  /** Made with the application; its fields show in the application too. */
  readonly isDefault: boolean;
  readonly name: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Oldest first. */
  readonly secrets: readonly ClientSecret[];
  readonly resourceIds: readonly ResourceId[];
  /** Client roles; without any the client may do everything within its reach (contract D15). */
  readonly roles: readonly HeldRole[];
}

export interface OidcClient extends ClientHead {
  readonly protocol: 'oidc';
  readonly settings: OidcClientSettings;
}

export interface SamlClient extends ClientHead {
  readonly protocol: 'saml';
  /** Unique in the tenant (R116). */
  readonly spEntityId: string;
  readonly settings: SamlClientSettings;
  /** PEM of the certificate it signs with now. */
  readonly certificate: string;
}

export type Client = OidcClient | SamlClient;

/** The one method this client has to use; `none` where PKCE takes the place of credentials (contract D10). */
export const authenticationMethod = (client: Pick<OidcClient, 'settings'>): AuthenticationMethod =>
  client.settings.pkce === 'enforcePkceInsteadOfClientCredentials'
    ? 'none'
    : client.settings.authentication_configuration.method;

/** True for an outside service; a client that is not there is treated like one. */
export const isThirdPartyClient = (client: Client | undefined): boolean =>
  client?.protocol !== 'oidc' || client.settings.is_third_party;
