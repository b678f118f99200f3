/** What a line of an import may hold, kind by kind. The documents inside are checked by the rules of the API. */
import { z } from 'zod';
import { parseUpdateClient } from '../../admin/any-client-schema.ts';
import { parseUpdateApplication } from '../../admin/application-schema.ts';
import { parseShownPreferences } from '../../admin/login-preferences-schema.ts';
import {
  type ApplicationSettings,
  DEFAULT_APPLICATION_SETTINGS,
  mergeApplication,
} from '../../applications/application.ts';
import { DEFAULT_SETTINGS, type OidcClientSettings } from '../../clients/client.ts';
import { mergeSettings, type OidcClientInput } from '../../clients/client-rules.ts';
import { clientPermissionProblems } from '../../roles/role.ts';

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

/** Turns what the rules of the API refuse into an issue of the line. */
const byRules =
  <Settings>(rules: (settings: Record<string, unknown>) => Settings) =>
  (settings: Record<string, unknown>, context: z.RefinementCtx): Settings | typeof z.NEVER => {
    try {
      return rules(settings);
    } catch (error) {
      const problems = (error as { problems?: readonly string[] }).problems ?? [(error as Error).message];
      for (const message of problems) context.addIssue({ code: 'custom', message });
      return z.NEVER;
    }
  };

export const applicationLine = z.strictObject({
  app_id: id,
  kind_of_application: z.literal('end_user').default('end_user'),
  name,
  settings: document.transform(
    byRules((settings): ApplicationSettings => {
      const { login_preferences, ...rest } = settings as Partial<ApplicationSettings>;
      const merged = mergeApplication(
        DEFAULT_APPLICATION_SETTINGS,
        parseUpdateApplication(
          JSON.parse(JSON.stringify({ ...rest, custom_domain: rest.custom_domain ?? undefined })),
        ),
        new Date(),
      );
      const preferences = parseShownPreferences(
        login_preferences ?? DEFAULT_APPLICATION_SETTINGS.login_preferences,
      );
      return { ...merged, custom_domain: rest.custom_domain ?? null, login_preferences: preferences };
    }),
  ),
  created_by: z.string().max(256).default('import'),
  ...times,
});

export const clientLine = z.strictObject({
  client_id: id.max(50),
  app_id: id,
  protocol: z.literal('oidc', 'SAML clients cannot be moved yet').default('oidc'),
  is_default: z.boolean().default(false),
  name,
  settings: document.transform(
    byRules(
      (settings): OidcClientSettings =>
        mergeSettings(DEFAULT_SETTINGS, parseUpdateClient(settings) as OidcClientInput),
    ),
  ),
  ...times,
});

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
export const headerLine = z.looseObject({ tessera: z.literal('export'), version: z.literal(1) });
