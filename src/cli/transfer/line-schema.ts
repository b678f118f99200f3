/** What a line of an import may hold, kind by kind. The documents inside are checked by the rules of the API. */
import { z } from 'zod';
import { parseUpdateClient } from '../../admin/any-client-schema.ts';
import { parseUpdateApplication } from '../../admin/application-schema.ts';
import { parseShownPreferences } from '../../admin/login-preferences-schema.ts';
import { entityId } from '../../admin/saml-client-schema.ts';
import { createServiceProvider } from '../../admin/service-provider-schema.ts';
import {
  type ApplicationSettings,
  type CustomDomain,
  DEFAULT_APPLICATION_SETTINGS,
  mergeApplication,
} from '../../applications/application.ts';
import { DEFAULT_SETTINGS, type OidcClientSettings } from '../../clients/client.ts';
import { forSaml } from '../../clients/client-input.ts';
import { mergeSettings, type OidcClientInput } from '../../clients/client-rules.ts';
import { DEFAULT_SAML_SETTINGS, type SamlClientSettings } from '../../clients/saml-client.ts';
import { mergeSamlSettings } from '../../clients/saml-client-rules.ts';
import { validate } from '../../http/validate.ts';
import { clientPermissionProblems } from '../../roles/role.ts';
import { consumerUrlProblem } from '../../service-providers/service-provider.ts';
import { byRules } from './by-rules-schema.ts';

const id = z.string().regex(/^[\w.~-]{1,128}$/, 'must be an id: 1 to 128 letters, digits and ._~-');
const name = z.string().trim().min(1).max(256);
const longText = z.string().max(4096);
const time = z.iso.datetime({ offset: true });
const times = { created_at: time.optional(), updated_at: time.optional() };
const seconds = z.number().int().min(1).max(2_147_483_647);
const position = z.number().int().min(0).max(100_000);
const document = z.record(z.string(), z.unknown());

export const resourceLine = z.strictObject({
  resource_id: id,
  name,
  description: longText.default(''),
  uri: z.url().max(2048),
  access_token_ttl: seconds,
  refresh_token_ttl: seconds,
  max_refresh_rotate: seconds,
  signing_alg: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']).default('RS256'),
  ...times,
});

export const roleLine = z
  .strictObject({
    role_id: id,
    app_id: id.nullable().default(null),
    role_name: name,
    display_name: z.string().max(256).default(''),
    description: longText.default(''),
    permissions: z.array(z.string().trim().min(1).max(256)).max(1000),
    ...times,
  })
  .superRefine(({ app_id, permissions }, context) => {
    // What a role for clients permits is the language of the management API.
    for (const message of app_id === null ? clientPermissionProblems(permissions) : [])
      context.addIssue({ code: 'custom', message, path: ['permissions'] });
  });

type Document = z.output<typeof document>;
const customDomain = z.strictObject({
  domain: z.string(),
  updated_at: time,
  status: z.enum(['pending', 'verified', 'error']),
  error: z.string().max(4096).optional(),
});

/** The merge knows a domain only as new; a move keeps what was found out about it. */
function applicationSettings(settings: Document): ApplicationSettings {
  const { login_preferences, custom_domain: domain, ...rest } = settings as Partial<ApplicationSettings>;
  const input = { ...rest, custom_domain: domain ?? undefined };
  const merged = mergeApplication(
    DEFAULT_APPLICATION_SETTINGS,
    // Absent members, not members that are undefined.
    parseUpdateApplication(JSON.parse(JSON.stringify(input))),
    new Date(),
  );
  return {
    ...merged,
    custom_domain: domain ? (validate(customDomain, domain) as CustomDomain) : null,
    login_preferences: parseShownPreferences(
      login_preferences ?? DEFAULT_APPLICATION_SETTINGS.login_preferences,
    ),
  };
}

export const applicationLine = z.strictObject({
  app_id: id,
  kind_of_application: z.enum(['end_user', 'management']).default('end_user'),
  name,
  settings: document.transform(byRules(applicationSettings)),
  created_by: z.string().max(256).default('import'),
  ...times,
});

const oidcSettings = (settings: Document): OidcClientSettings =>
  mergeSettings(DEFAULT_SETTINGS, parseUpdateClient(settings) as OidcClientInput);
const samlSettings = (settings: Document): SamlClientSettings =>
  mergeSamlSettings(
    DEFAULT_SAML_SETTINGS,
    forSaml(parseUpdateClient({ ...settings, authentication_protocol: 'saml' })),
  );
const clientFields = {
  client_id: id.max(50),
  app_id: id,
  is_default: z.boolean().default(false),
  name,
  ...times,
};

const oidcClientLine = z.strictObject({
  ...clientFields,
  protocol: z.literal('oidc'),
  sp_entity_id: z.null().default(null),
  settings: document.transform(byRules(oidcSettings)),
});
const samlClientLine = z.strictObject({
  ...clientFields,
  protocol: z.literal('saml'),
  sp_entity_id: entityId,
  settings: document.transform(byRules(samlSettings)),
});
export const clientLine = z.preprocess(
  (line) => ({ protocol: 'oidc', ...(line as object) }),
  z.discriminatedUnion('protocol', [oidcClientLine, samlClientLine]),
);

export const clientSecretLine = z.strictObject({
  secret_id: id,
  client_id: id,
  secret_hash: z.string().regex(/^[\w-]{43}$/, 'must be the SHA-256 of the secret in base64url'),
  hint: z.string().max(4),
  created_at: time.optional(),
});
export const clientResourceLine = z.strictObject({ client_id: id, resource_id: id, position });
export const clientRoleLine = z.strictObject({ client_id: id, role_id: id, position });
export const roleGroupLine = z.strictObject({
  group_id: id,
  app_id: id,
  name,
  display_name: z.string().max(256).default(''),
  description: longText.default(''),
  ...times,
});
export const roleGroupRoleLine = z.strictObject({ group_id: id, role_id: id, position });
const { name: spName, description, name_qualifier } = createServiceProvider.shape;
export const serviceProviderLine = z
  .strictObject({
    service_provider_id: id,
    name: spName,
    description,
    assertion_consumer_service_url: z.string().min(1).max(2048),
    entity_id: entityId,
    name_qualifier,
    ...times,
  })
  .superRefine(({ assertion_consumer_service_url: url }, context) => {
    const message = consumerUrlProblem(url);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
export const samlCertificateLine = z
  .strictObject({
    certificate_id: id,
    client_id: id.nullable().default(null),
    service_provider_id: id.nullable().default(null),
    status: z.enum(['next', 'current', 'previous']).default('current'),
    pem: z.string().max(16_384),
  })
  .refine(
    (line) => (line.client_id === null) !== (line.service_provider_id === null),
    'a certificate belongs to a client_id or to a service_provider_id',
  );
/** The first line of an export. */
export const headerLine = z.looseObject({ tessera: z.literal('export'), version: z.literal(1) });
