/** Shows a stored client to the engine as RFC 7591 metadata, with our own settings beside it. */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { ClientId, TenantId } from '../../base/ids.ts';
import { authenticationMethod, type Client, type OidcClient } from '../../clients/client.ts';

/** What the policies read from a client; travels as the metadata member `tessera`. */
export interface EngineSettings {
  readonly appId: string;
  readonly appName: string;
  readonly appKind: OidcClient['appKind'];
  readonly secretHashes: readonly string[];
  readonly resourceIds: readonly string[];
  readonly pkce: OidcClient['settings']['pkce'];
  readonly supportedPrompts: readonly string[];
  readonly isThirdParty: boolean;
  readonly tokenExpiration: OidcClient['settings']['token_expiration'];
}

export const engineSettings = (client: OidcClient): EngineSettings => ({
  appId: client.appId,
  appName: client.appName,
  appKind: client.appKind,
  secretHashes: client.secrets.map((secret) => secret.hash),
  resourceIds: client.resourceIds,
  pkce: client.settings.pkce,
  supportedPrompts: client.settings.supported_prompts,
  isThirdParty: client.settings.is_third_party,
  tokenExpiration: client.settings.token_expiration,
});

/** A client without redirect URIs is a service: it gets tokens of its own, and cannot begin a sign-in. */
const signsIn = ({ appKind, settings }: OidcClient): boolean =>
  appKind !== 'management' && settings.redirect_uris.length > 0;

function grantTypes(client: OidcClient, isPublic: boolean): string[] {
  if (client.appKind === 'management') return ['client_credentials'];
  return [
    ...(signsIn(client) ? ['authorization_code', 'refresh_token'] : []),
    ...(isPublic ? [] : ['client_credentials']),
  ];
}

/** RFC 7591 section 2 metadata of an OIDC client. */
export function toMetadata(client: OidcClient): AdapterPayload {
  const method = authenticationMethod(client);
  const { settings } = client;
  const usesSecret = method === 'client_secret_basic';
  const uris = signsIn(client) ? settings.redirect_uris : [];
  return {
    client_id: client.clientId,
    client_name: client.name,
    // The engine wants a secret to be present; only hashes exist, and `compareClientSecret` knows them.
    ...(usesSecret && { client_secret: 'kept as a hash' }),
    redirect_uris: [...uris],
    post_logout_redirect_uris: [...uris],
    response_types: signsIn(client) ? ['code'] : [],
    grant_types: grantTypes(client, method === 'none'),
    application_type: settings.client_type,
    token_endpoint_auth_method: method,
    require_pushed_authorization_requests: settings.enforce_par,
    ...(method === 'private_key_jwt' && { jwks: settings.authentication_configuration.jwks }),
    // A third-party client asks for what its list names, nothing else (R96).
    ...(settings.is_third_party && { scope: ['openid', ...settings.allowed_scopes].join(' ') }),
    tessera: engineSettings(client),
  } as unknown as AdapterPayload;
}

const METHODS = ['client_secret_basic', 'private_key_jwt', 'none'];

export class ClientModel implements Adapter {
  readonly #find: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly #tenantId: TenantId;
  readonly #metadata = new WeakMap<OidcClient, AdapterPayload>();
  constructor(parts: {
    find: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
    tenantId: TenantId;
  }) {
    this.#find = parts.find;
    this.#tenantId = parts.tenantId;
  }

  /** Undefined for SAML clients (R13) and for methods this server cannot check yet. */
  async find(id: string): Promise<AdapterPayload | undefined> {
    if (id.includes('\0')) return undefined;
    const client = await this.#find(this.#tenantId, id as ClientId);
    if (client?.protocol !== 'oidc' || !METHODS.includes(authenticationMethod(client))) return undefined;
    return this.#metadataOf(client);
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
