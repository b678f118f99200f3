/** The application as answered (contract/management-api.md section 1). */
import { z } from 'zod';
import { anyMethod, sharedFields } from './client-schema.ts';
import { hostedLoginAnswer } from './hosted-login-schema.ts';
import { shownMethods } from './login-preferences-schema.ts';

const text = z.string();
const dateTime = z.iso.datetime();

const basicFields = {
  app_id: text,
  tenant_id: text,
  app_name: text,
  app_description: text,
  login_uri: text,
  application_type: z.enum(['ido', 'basic']),
};

/** Fields of the default client; absent while there is none. */
const defaultClient = {
  client_id: text.optional(),
  client_secret: text.nullable().optional().describe('Shown once, in the answer to creation'),
  client_secret_hint: text.nullable().optional().describe('Last four characters of the newest secret'),
  client_display_name: text.optional(),
  client_description: text.optional(),
  client_type: z.enum(['web', 'native']).optional(),
  client_auth_method: anyMethod.optional(),
  redirect_uris: z.array(text).optional(),
  resources: z.array(text).optional(),
  pkce: sharedFields.pkce.optional(),
  device_authorization: sharedFields.device_authorization.optional(),
  ciba_authorization: sharedFields.ciba_authorization.optional(),
};

const applicationWithoutLogo = z.object({
  ...basicFields,
  ...defaultClient,
  service_providers: z.array(text),
  allow_public_signup: z.boolean(),
  authenticator_preferences: z.object({ is_centralized: z.boolean(), login_uri: text }),
  invite_member_uri: text,
  invite_member_email_expiration_minutes: z.number(),
  invite_client_id: text,
  refresh_token_invalidation_trigger_configuration: z.object({
    invalidateOnMemberSuspension: z.boolean(),
    invalidateOnMemberPasswordReset: z.boolean(),
    invalidateOnMemberRoleUpdate: z.boolean(),
  }),
  subdomain: text,
  custom_domain: z
    .object({
      domain: text,
      updated_at: dateTime,
      status: z.enum(['pending', 'verified', 'error']),
      error: text.optional(),
    })
    .optional(),
  signing_key_enabled: z.boolean(),
  login_preferences: z.object({ auth_methods: shownMethods }),
  hosted_login: hostedLoginAnswer,
  created_at: dateTime,
  created_by: text,
  updated_at: dateTime,
  external_communication: z.object({ language: z.enum(['en', 'es', 'pt', 'fr', 'ja', 'fr-CA']) }),
  password_sharing_group_id: text,
});
const application = applicationWithoutLogo.extend({ logo: text }).meta({ id: 'Application' });
const withoutLogo = applicationWithoutLogo.meta({ id: 'ApplicationWithoutLogo' });
const basic = z.object(basicFields).meta({ id: 'BasicApplication' });

export const applicationAnswer = z.object({ result: application });
export const applicationsAnswer = z.object({ result: z.array(application) });
export const applicationsWithoutLogoAnswer = z.object({ result: z.array(withoutLogo) });
export const basicApplicationsAnswer = z.object({ result: z.array(basic) });
