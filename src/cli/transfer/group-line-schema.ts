/** Lines about groups, organizations and client groups, and about who belongs to them. */
import { z } from 'zod';
import { signInPolicyName, signInRules } from '../../admin/sign-in-policy-schema.ts';
import { scopeText } from '../../consents/consent.ts';
import { SSO_BINDINGS } from '../../organizations/identity-provider.ts';
import { assertIdentityProvider } from '../../organizations/identity-provider-rules.ts';
import { toLogo } from '../../organizations/logo.ts';
import { byRules } from './by-rules-schema.ts';

const id = z.string().regex(/^[\w.~-]{1,128}$/, 'must be an id: 1 to 128 letters, digits and ._~-');
const name = z.string().trim().min(1).max(256);
const longText = z.string().max(4096).default('');
const time = z.iso.datetime({ offset: true }).optional();
const times = { created_at: time, updated_at: time };
const position = z.number().int().min(0).max(100_000);

export const signInPolicyLine = z.strictObject({
  policy_id: id,
  name: signInPolicyName,
  description: longText,
  rules: signInRules,
  ...times,
});
export const ssoGroupLine = z.strictObject({
  group_id: id,
  name,
  description: longText,
  configuration: z.strictObject({
    journey: z.string().min(1).max(256),
    allowSilentLogin: z.boolean().optional(),
    sessionTimeout: z.number().int().min(1).max(2_147_483_647).optional(),
    sessionTimeoutGranularity: z.enum(['seconds', 'minutes', 'hours', 'days', 'weeks']).optional(),
  }),
  created_by: z.string().max(256).default('import'),
  ...times,
});
export const groupLine = z.strictObject({
  group_id: id,
  name,
  description: longText,
  custom_data: z.record(z.string(), z.unknown()).default({}),
  ...times,
});
export const organizationLine = z.strictObject({
  organization_id: id,
  name,
  alias_name: z.string().max(256).default(''),
  domains: z.array(z.string().min(1).max(253)).max(100).default([]),
  enabled: z.boolean().default(true),
  ...times,
});
/** The bytes say what kind of picture it is, as they do when it is uploaded. */
export const organizationLogoLine = z
  .strictObject({
    organization_id: id,
    media_type: z.string().max(64),
    // 200 kB as text.
    content: z.base64().max(280_000),
    updated_at: time,
  })
  .transform(
    byRules((line) => ({
      ...line,
      media_type: toLogo(Buffer.from(line.content, 'base64')).mediaType,
    })),
  );
export const identityProviderLine = z
  .strictObject({
    organization_id: id,
    entity_id: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^[^\s\p{C}]*$/u, 'must not have spaces or invisible characters'),
    sso_url: z.string().min(1).max(2048),
    sso_binding: z.enum(SSO_BINDINGS).default('redirect'),
    certificates: z.array(z.string().min(1).max(16_384)).min(1).max(10),
    email_attribute: z.string().max(512).default(''),
    first_name_attribute: z.string().max(512).default(''),
    last_name_attribute: z.string().max(512).default(''),
    create_members: z.boolean().default(false),
    ...times,
  })
  .transform(
    byRules((line) => {
      assertIdentityProvider({ ssoUrl: line.sso_url, certificates: line.certificates });
      return line;
    }),
  );
export const organizationAppLine = z.strictObject({ organization_id: id, app_id: id, created_at: time });
export const managedOrganizationLine = z.strictObject({
  organization_id: id,
  managing_organization_id: id,
  app_id: id,
});
export const organizationRoleLine = z.strictObject({
  organization_id: id,
  app_id: id,
  role_id: id,
  position,
});
export const organizationRoleGroupLine = z.strictObject({
  organization_id: id,
  app_id: id,
  group_id: id,
  position,
});
export const groupUserLine = z.strictObject({ group_id: id, user_id: id, created_at: time });
export const organizationMemberLine = z.strictObject({ organization_id: id, user_id: id, created_at: time });
export const organizationMemberRoleLine = z.strictObject({
  organization_id: id,
  user_id: id,
  app_id: id,
  role_id: id,
  position,
});
export const groupRoleLine = z.strictObject({
  role_id: id,
  entity_type: z.literal('Group'),
  entity_id: id,
  created_at: time,
});
export const applicationRoleLine = groupRoleLine.extend({ entity_type: z.literal('Application') });
export const consentLine = z.strictObject({
  consent_id: id,
  client_id: id,
  user_id: id,
  scope: z
    .string()
    .min(1)
    .max(8192)
    .transform((scope) => scopeText(scope.split(' ').filter((one) => one !== ''))),
  resource: z.string().max(2048).default(''),
  expires_at: z.iso.datetime({ offset: true }),
  ...times,
});
