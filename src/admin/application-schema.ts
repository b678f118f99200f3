/** Applications as the outside writes and reads them. */
import { z } from 'zod';
import type { Application, ApplicationInput, ShownApplication } from '../applications/application.ts';
import { invalid } from '../base/errors.ts';
import { authenticationMethod } from '../clients/client.ts';
import { validate } from '../http/validate.ts';
import { parseFirstClient } from './any-client-schema.ts';
import { anyMethod, clientName, idList, sharedFields } from './client-schema.ts';
import { hostedLogin } from './hosted-login-schema.ts';
import { shownOnly } from './resource-schema.ts';

const text = z.string().max(4096);
// Somebody will be sent there one day. Browsers leave out what is no visible character (contract C20).
const uri = z
  .string()
  .max(2048)
  .refine(
    (text) => !/^(javascript|data|file|vbscript|blob):/i.test(text.replace(/[\s\p{C}]/gu, '')),
    'must not have a scheme that browsers run',
  );
const label = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/;
const domain = /^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?)?$/;
const domainName = z.string().max(253).regex(domain, 'must be a lower-case domain name');
const trigger = z.boolean().optional();

const fields = {
  ...sharedFields,
  app_name: z.string().trim().min(1).max(256),
  app_description: text,
  service_providers: idList,
  allow_public_signup: z.boolean(),
  authenticator_preferences: z.strictObject({ is_centralized: z.boolean(), login_uri: uri }),
  login_uri: uri,
  invite_member_uri: uri,
  invite_member_email_expiration_minutes: z.number().int().min(1).max(525_600),
  invite_client_id: z.string().max(128),
  refresh_token_invalidation_trigger_configuration: z.strictObject({
    invalidateOnMemberSuspension: trigger,
    invalidateOnMemberPasswordReset: trigger,
    invalidateOnMemberRoleUpdate: trigger,
  }),
  logo: z.string().max(200_000),
  subdomain: z.string().regex(label, 'must be one lower-case DNS label'),
  // As a text, or in the form that a read shows.
  custom_domain: z.union([
    domainName,
    z.looseObject({ domain: domainName }).transform((shown) => shown.domain),
  ]),
  signing_key_enabled: z.boolean(),
  hosted_login: hostedLogin,
  should_delete_signing_key: z.boolean(),
  client_display_name: clientName,
  client_description: text,
  client_auth_method: anyMethod,
  first_client_authentication_protocol: z.enum(['oidc', 'saml']),
  // Checked by the client's own schema.
  first_client: z.record(z.string(), z.unknown()),
};
/** The members that a management application has (contract/management-api.md 9): it signs nobody in or up. */
export const managementFields = {
  app_name: fields.app_name,
  app_description: fields.app_description,
  first_client_authentication_protocol: fields.first_client_authentication_protocol,
  first_client: fields.first_client,
  login_uri: fields.login_uri,
  invite_member_uri: fields.invite_member_uri,
  invite_client_id: fields.invite_client_id,
  invite_member_email_expiration_minutes: fields.invite_member_email_expiration_minutes,
  subdomain: fields.subdomain,
  custom_domain: fields.custom_domain,
  pkce: fields.pkce,
  refresh_token_invalidation_trigger_configuration: fields.refresh_token_invalidation_trigger_configuration,
};

export const createApplication = z
  .strictObject({ ...fields, ...shownOnly('app_id', 'client_id', 'client_secret') })
  .partial()
  .required({ app_name: true });
/** Made by the server, or set elsewhere: what a read gives can be written back. */
const SHOWN_ONLY = [
  'app_id',
  'tenant_id',
  'client_id',
  'client_secret',
  'client_secret_hint',
  'created_at',
  'created_by',
  'updated_at',
  'login_preferences',
  'external_communication',
  'application_type',
  'password_sharing_group_id',
];
export const updateApplication = z.strictObject({ ...fields, ...shownOnly(...SHOWN_ONLY) }).partial();

const withoutShown = (body: Record<string, unknown>): ApplicationInput =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !SHOWN_ONLY.includes(name)));

export const withFirstClient = (body: Record<string, unknown>): ApplicationInput => {
  const { first_client, first_client_authentication_protocol: protocol, ...rest } = body as FirstClientBody;
  const input = withoutShown(rest);
  if (first_client) return { ...input, first_client: parseFirstClient(first_client, protocol) };
  if (protocol === 'saml') throw invalid('first_client is required for a SAML client');
  return input;
};

interface FirstClientBody extends Record<string, unknown> {
  first_client?: Record<string, unknown>;
  first_client_authentication_protocol?: 'oidc' | 'saml';
}

/** An application create body, its first client included. @throws 400. */
export const parseCreateApplication = (body: unknown): ApplicationInput =>
  withFirstClient(validate(createApplication, body));

/** An application update body; `first_client` is laid over the default client. @throws 400. */
export const parseUpdateApplication = (body: unknown): ApplicationInput =>
  withFirstClient(validate(updateApplication, body));

/** The public form with everything; `clientSecret` in the answer to creation only (contract D11). */
export function toOuterApplication(shown: ShownApplication, clientSecret: string | null = null) {
  return { ...toOuterWithoutLogo(shown, clientSecret), logo: shown.application.settings.logo };
}

/** The public form for the list of all applications. */
export function toOuterWithoutLogo(
  { application, client }: ShownApplication,
  clientSecret: string | null = null,
) {
  const { logo: _, custom_domain, ...settings } = application.settings;
  return {
    ...settings,
    ...(custom_domain && { custom_domain }),
    ...toOuterBasic(application),
    created_at: application.createdAt.toISOString(),
    created_by: application.createdBy,
    updated_at: application.updatedAt.toISOString(),
    external_communication: { language: 'en' },
    password_sharing_group_id: '',
    ...(client && defaultClientFields(client, clientSecret)),
  };
}

/** The short form for pickers. */
export const toOuterBasic = (application: Application) => ({
  app_id: application.appId,
  tenant_id: application.tenantId,
  app_name: application.name,
  app_description: application.settings.app_description,
  login_uri: application.settings.login_uri,
  application_type: 'basic',
});

const defaultClientFields = (
  client: NonNullable<ShownApplication['client']>,
  clientSecret: string | null,
) => ({
  client_id: client.clientId,
  client_secret: clientSecret,
  client_secret_hint: client.secrets.at(-1)?.hint ?? null,
  client_display_name: client.name,
  client_description: client.settings.description,
  resources: client.resourceIds,
  ...(client.protocol === 'oidc' && {
    client_type: client.settings.client_type,
    client_auth_method: authenticationMethod(client),
    redirect_uris: client.settings.redirect_uris,
    pkce: client.settings.pkce,
    device_authorization: client.settings.device_authorization,
    ciba_authorization: client.settings.ciba_authorization,
  }),
});
