/** Client groups as the outside writes and reads them: in the shape of an application (contract/management-api.md 14). */
import { z } from 'zod';
import { GRANULARITIES, type Granularity } from '../clients/client-group.ts';
import type { SsoGroup, SsoGroupConfiguration, SsoGroupInput } from '../sso/sso-group.ts';
import { seconds, shownOnly } from './resource-schema.ts';

const MAX_TIMEOUT_SECONDS = 2_147_483_647;
const granularity = z.enum(Object.keys(GRANULARITIES) as [Granularity, ...Granularity[]]);

const timeoutProblem = (body: {
  sessionTimeout?: number | undefined;
  sessionTimeoutGranularity?: Granularity | undefined;
}): string | undefined => {
  const { sessionTimeout: timeout, sessionTimeoutGranularity: unit } = body;
  if (timeout === undefined)
    return unit === undefined ? undefined : 'sessionTimeoutGranularity needs sessionTimeout';
  return timeout * GRANULARITIES[unit ?? 'seconds'] > MAX_TIMEOUT_SECONDS
    ? `sessionTimeout must not be longer than ${MAX_TIMEOUT_SECONDS} seconds`
    : undefined;
};

const configuration = z
  .strictObject({
    journey: z.string().trim().min(1).max(256),
    allowSilentLogin: z.boolean().default(false),
    sessionTimeout: seconds.optional(),
    sessionTimeoutGranularity: granularity.optional(),
  })
  .superRefine((body, context) => {
    const message = timeoutProblem(body);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

const fields = {
  name: z.string().trim().min(1).max(256),
  description: z.string().max(4096),
  configuration,
};
export const createSsoGroup = z.strictObject({ ...fields, description: fields.description.default('') });
/** What a read gives can be written back: the members that nobody can set are taken and left aside. */
export const updateSsoGroup = z
  .strictObject({
    ...fields,
    ...shownOnly(
      'app_id',
      'tenant_id',
      'app_name',
      'app_description',
      'logo',
      'login_preferences',
      'created_at',
      'created_by',
      'updated_at',
      'service_providers',
      'authenticator_preferences',
      'allow_public_signup',
    ),
  })
  .partial();

const group = z.object({
  app_id: z.string(),
  tenant_id: z.string(),
  app_name: z.string(),
  app_description: z.string(),
  name: z.string(),
  description: z.string(),
  configuration: z.object({
    journey: z.string(),
    allowSilentLogin: z.boolean(),
    sessionTimeout: z.number().int().optional(),
    sessionTimeoutGranularity: granularity.optional(),
  }),
  logo: z.string(),
  login_preferences: z.object({ auth_methods: z.record(z.string(), z.unknown()) }),
  created_at: z.iso.datetime(),
  created_by: z.string(),
  updated_at: z.iso.datetime(),
  service_providers: z.array(z.string()),
  authenticator_preferences: z.object({ is_centralized: z.boolean(), login_uri: z.string() }),
  allow_public_signup: z.boolean(),
});
export const ssoGroupAnswer = z.object({ result: group });
export const ssoGroupListAnswer = z.object({ result: z.array(group) });

const toConfiguration = (body: z.infer<typeof configuration>): SsoGroupConfiguration => ({
  journey: body.journey,
  allowSilentLogin: body.allowSilentLogin,
  ...(body.sessionTimeout !== undefined && {
    sessionTimeout: body.sessionTimeout,
    sessionTimeoutGranularity: body.sessionTimeoutGranularity ?? 'seconds',
  }),
});

export const fromCreateSsoGroup = (body: z.infer<typeof createSsoGroup>): SsoGroupInput => ({
  name: body.name,
  description: body.description,
  configuration: toConfiguration(body.configuration),
});

export const fromUpdateSsoGroup = (body: z.infer<typeof updateSsoGroup>): Partial<SsoGroupInput> => ({
  ...(body.name !== undefined && { name: body.name }),
  ...(body.description !== undefined && { description: body.description }),
  ...(body.configuration !== undefined && { configuration: toConfiguration(body.configuration) }),
});

/** A group has none of what an application has beside name and description; those members are empty (contract C3). */
export const toOuterSsoGroup = (group: SsoGroup) => ({
  app_id: group.groupId,
  tenant_id: group.tenantId,
  app_name: group.name,
  app_description: group.description,
  name: group.name,
  description: group.description,
  configuration: group.configuration,
  logo: '',
  login_preferences: { auth_methods: {} },
  created_at: group.createdAt.toISOString(),
  created_by: group.createdBy,
  updated_at: group.updatedAt.toISOString(),
  service_providers: [],
  authenticator_preferences: { is_centralized: false, login_uri: '' },
  allow_public_signup: false,
});
