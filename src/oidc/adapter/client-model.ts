/** Shows a stored client to the engine as RFC 7591 metadata, with our own settings beside it. */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { HOUSE_CLIENT_ID } from '../../base/house.ts';
import type { ClientId, TenantId } from '../../base/ids.ts';
import { authenticationMethod, type Client, type OidcClient, type SamlClient } from '../../clients/client.ts';
import { type ClientGroup, requiresSecondFactor } from '../../clients/client-group.ts';
import { effectivePermissions } from '../../roles/role.ts';
import { requestState } from '../request-state.ts';
import { asVouched } from '../vouched-request.ts';
import { certificateMetadata } from './certificate-metadata.ts';
import { grantTypes } from './client-grant-types.ts';
import { keyMetadata } from './client-keys.ts';
import { logoutMetadata, wantsSid } from './client-logout.ts';
import { protectionMetadata } from './client-protection.ts';
import { isInternal } from './internal-client.ts';

/** What the policies read from a client; travels as the metadata member `tessera`. */
export interface EngineSettings {
  readonly appId: string;
  readonly appName: string;
  readonly appKind: OidcClient['appKind'];
  /** Asks through a face of ours, in-process: it gets an answer, and neither grant nor tokens (login-handoff.ts). */
  readonly isInternal: boolean;
  readonly requiresMfa: boolean;
  /** The client group, whose sign-ins are of a kind of their own (policies/session-kind.ts). */
  readonly group?: ClientGroup;
  readonly secretHashes: readonly string[];
  readonly resourceIds: readonly string[];
  readonly pkce: OidcClient['settings']['pkce'];
  readonly supportedPrompts: readonly string[];
  readonly isThirdParty: boolean;
  readonly allowedScopes: readonly string[];
  readonly consentUris: readonly string[];
  /** Seconds. */
  readonly consentValidity: number;
  readonly isFapi: boolean;
  readonly tokenExpiration: OidcClient['settings']['token_expiration'];
  readonly roleIds: readonly string[];
  /** The union of what the roles permit. */
  readonly permissions: readonly string[];
  readonly idTokenClaims: readonly string[];
  readonly userInfoClaims: readonly string[];
  readonly redirectUris: readonly string[];
  readonly clientType: OidcClient['settings']['client_type'];
  /** Seconds after the last authentication (contract C30). */
  readonly sessionExpiration: number;
  /** ID tokens name the session, for logouts to name it again. */
  readonly wantsSid: boolean;
  /** Empty where it is not told in the browser. */
  readonly frontChannelLogoutUri: string;
  readonly frontChannelNamesSession: boolean;
  readonly device: OidcClient['settings']['device_authorization'];
  /** The page to which a CIBA message leads; empty for none. */
  readonly backchannelLoginUri: string;
}

export const engineSettings = (client: OidcClient): EngineSettings => ({
  appId: client.appId,
  appName: client.appName,
  appKind: client.appKind,
  isInternal: isInternal(client),
  requiresMfa: requiresSecondFactor(client),
  ...(client.group && { group: client.group }),
  secretHashes: client.secrets.map((secret) => secret.hash),
  resourceIds: client.resourceIds,
  pkce: client.settings.pkce,
  supportedPrompts: client.settings.supported_prompts,
  isThirdParty: client.settings.is_third_party,
  allowedScopes: client.settings.allowed_scopes,
  consentUris: client.settings.consent_uris,
  consentValidity: client.settings.consent_validity_period,
  isFapi: client.settings.fapi_version_compliancy,
  tokenExpiration: client.settings.token_expiration,
  roleIds: client.roles.map((role) => role.roleId),
  permissions: effectivePermissions(client.roles),
  idTokenClaims: client.settings.default_custom_claims,
  userInfoClaims: client.settings.sync_id_token_claims_to_userinfo
    ? client.settings.default_custom_claims
    : client.settings.default_user_info_claims,
  redirectUris: client.appKind === 'management' ? [] : client.settings.redirect_uris,
  clientType: client.settings.client_type,
  sessionExpiration: client.settings.session_expiration,
  wantsSid: wantsSid(client.settings),
  frontChannelLogoutUri: client.settings.frontchannel_logout_uri,
  frontChannelNamesSession: client.settings.frontchannel_logout_session_required,
  device: client.settings.device_authorization,
  backchannelLoginUri: client.settings.ciba_authorization.login_uri,
});

/**
 * Stands for the client's list in the engine's metadata, whose own checks on that list differ from C20 (they refuse
 * https on localhost and http on 127.0.0.2 for a native client). policies/redirect-uris.ts decides.
 */
const LIST_KEPT_BY_US = 'https://redirect-uris.invalid/';

/** RFC 7591 section 2 metadata of an OIDC client. */
export function toMetadata(client: OidcClient): AdapterPayload {
  const method = authenticationMethod(client);
  const { settings } = client;
  const usesSecret = method === 'client_secret_basic';
  const signsIn = client.appKind !== 'management';
  return {
    client_id: client.clientId,
    client_name: client.name,
    // The engine wants a secret to be present; only hashes exist, and `compareClientSecret` knows them.
    ...(usesSecret && { client_secret: 'kept as a hash' }),
    redirect_uris: signsIn ? [LIST_KEPT_BY_US] : [],
    response_types: signsIn ? ['code'] : [],
    grant_types: grantTypes(client),
    // The engine knows no default; without CIBA it says nothing.
    backchannel_token_delivery_mode: 'poll',
    application_type: settings.client_type,
    token_endpoint_auth_method: method,
    ...protectionMetadata(settings),
    ...logoutMetadata(settings),
    ...keyMetadata(client),
    ...certificateMetadata(client),
    tessera: engineSettings(client),
  } as unknown as AdapterPayload;
}

export class ClientModel implements Adapter {
  readonly #find: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly #tenantId: TenantId;
  readonly #house: () => OidcClient;
  readonly #asInternal: (client: SamlClient) => OidcClient;
  readonly #metadata = new WeakMap<OidcClient, AdapterPayload>();
  constructor(parts: {
    find: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
    tenantId: TenantId;
    house: () => OidcClient;
    /** The client in whose name the SAML face asks for a login. */
    asInternal: (client: SamlClient) => OidcClient;
  }) {
    this.#house = parts.house;
    this.#asInternal = parts.asInternal;
    this.#find = parts.find;
    this.#tenantId = parts.tenantId;
  }

  /** @throws unauthorized_client for a SAML client where somebody else than the SAML face asks, whatever secret comes with it (R13, contract C27). */
  async find(id: string): Promise<AdapterPayload | undefined> {
    if (id.includes('\0')) return undefined;
    if (id === HOUSE_CLIENT_ID)
      return requestState().houseIsOpen ? this.#metadataOf(this.#house()) : undefined;
    const client = await this.#find(this.#tenantId, id as ClientId);
    if (client === undefined) return undefined;
    if (client.protocol === 'saml') {
      if (requestState().houseIsOpen) return this.#metadataOf(this.#asInternal(client));
      throw new errors.UnauthorizedClient('a SAML client cannot be used with OAuth and OpenID Connect');
    }
    await requestState().meetClient?.(client);
    const metadata = this.#metadataOf(client);
    return requestState().vouchedFor === id ? asVouched(metadata) : metadata;
  }

  /** A cached client keeps its metadata: this is asked for in every request. */
  #metadataOf(client: OidcClient): AdapterPayload {
    const known = this.#metadata.get(client);
    if (known) return known;
    const metadata = toMetadata(client);
    this.#metadata.set(client, metadata);
    return metadata;
  }

  async upsert(): Promise<void> {
    throw new Error('clients are managed through the management API');
  }
  async destroy(): Promise<void> {
    throw new Error('clients are managed through the management API');
  }
  async consume(): Promise<void> {}
  async findByUid(): Promise<undefined> {
    return undefined;
  }
  async findByUserCode(): Promise<undefined> {
    return undefined;
  }
  async revokeByGrantId(): Promise<void> {}
}
