/** Clients of both kinds: which schema a body meets, and the public form of what is stored. */
import { z } from 'zod';
import { invalid } from '../base/errors.ts';
import { authenticationMethod, type Client, type OidcClient, type SamlClient } from '../clients/client.ts';
import { type ClientInput, speaksSaml } from '../clients/client-input.ts';
import { samlEndpoints } from '../clients/saml-client.ts';
import { validate } from '../http/validate.ts';
import { createOidcClient, updateOidcClient } from './client-schema.ts';
import { createSamlClient, updateSamlClient } from './saml-client-schema.ts';

export const createClient = z.union([createOidcClient, createSamlClient]);
export const updateClient = z.union([updateOidcClient, updateSamlClient]);

const SHOWN_ONLY = [
  'client_id',
  'client_secret',
  'client_secret_hint',
  'app_id',
  'tenant_id',
  'created_at',
  'updated_at',
  'metadata_url',
  'sso_url',
  'entity_id',
  'x509_certificate',
];

const withoutShown = (body: Record<string, unknown>): ClientInput =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !SHOWN_ONLY.includes(name)));

/** A client create body; `authentication_protocol` decides which kind. @throws 400. */
export function parseCreateClient(body: unknown): ClientInput {
  const isSaml = (body as { authentication_protocol?: unknown }).authentication_protocol === 'saml';
  return withoutShown(isSaml ? validate(createSamlClient, body) : validate(createOidcClient, body));
}

/** A client update body. The stored client decides later whether it may have these fields. @throws 400. */
export const parseUpdateClient = (body: unknown): ClientInput =>
  withoutShown(
    isObject(body) && speaksSaml(body) ? validate(updateSamlClient, body) : validate(updateOidcClient, body),
  );

const isObject = (body: unknown): body is object => typeof body === 'object' && body !== null;

/** The `first_client` of an application, whose protocol may be said beside it. @throws 400. */
export function parseFirstClient(body: Record<string, unknown>, protocol?: 'oidc' | 'saml'): ClientInput {
  const own = body.authentication_protocol ?? protocol;
  if (protocol !== undefined && own !== protocol)
    throw invalid('first_client.authentication_protocol and first_client_authentication_protocol contradict');
  return parseCreateClient(own === undefined ? body : { ...body, authentication_protocol: own });
}

/**
 * The public form of a client; `clientSecret` in the answer to its creation only (contract D11).
 * @param origin of PUBLIC_URL: where a SAML client's endpoints are
 */
export function toOuterClient(client: Client, origin: string, clientSecret: string | null = null) {
  const shared = {
    app_id: client.appId,
    tenant_id: client.tenantId,
    client_id: client.clientId,
    client_secret: clientSecret,
    client_secret_hint: client.secrets.at(-1)?.hint ?? null,
    name: client.name,
    resources: client.resourceIds,
    created_at: client.createdAt.toISOString(),
    updated_at: client.updatedAt.toISOString(),
  };
  return { ...shared, ...(client.protocol === 'saml' ? samlFields(client, origin) : oidcFields(client)) };
}

const oidcFields = (client: OidcClient) => ({
  ...client.settings,
  authentication_protocol: client.protocol,
  role_ids: client.roles.map((role) => role.roleId),
  token_endpoint_auth_method: authenticationMethod(client),
  consent_uri: client.settings.consent_uris[0] ?? '',
});

function samlFields(client: SamlClient, origin: string) {
  const { supported_prompts: _, ...settings } = client.settings;
  const { metadataUrl, ssoUrl, entityId } = samlEndpoints(origin, client.clientId);
  return {
    ...settings,
    authentication_protocol: client.protocol,
    sp_entity_id: client.spEntityId,
    metadata_url: metadataUrl,
    sso_url: ssoUrl,
    entity_id: entityId,
    x509_certificate: client.certificate,
  };
}
