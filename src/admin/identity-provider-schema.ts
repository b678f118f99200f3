/** The identity provider of an organization as the outside writes and reads it (ours; contract/saml.md 3). */
import { z } from 'zod';
import {
  type IdentityProviderInput,
  SSO_BINDINGS,
  serviceProviderOf,
} from '../organizations/identity-provider.ts';
import type { PlacedIdentityProvider } from '../organizations/identity-provider-service.ts';
import { shownOnly } from './resource-schema.ts';
import { entityId } from './saml-client-schema.ts';

const attribute = z.string().trim().max(512).default('');

export const identityProvider = z.strictObject({
  entity_id: entityId,
  sso_url: z.string().min(1).max(2048),
  sso_binding: z.enum(SSO_BINDINGS).default('redirect'),
  certificates: z
    .array(z.string().min(1).max(16_384))
    .min(1)
    .max(10)
    .describe('PEM, one certificate each: what the provider signs its responses or assertions with'),
  email_attribute: attribute.describe(
    'Name of the attribute with the email; empty where the NameID is the email',
  ),
  first_name_attribute: attribute,
  last_name_attribute: attribute,
  create_members: z
    .boolean()
    .default(false)
    .describe('Whom the provider signs in becomes a member, and a user where nobody has the address'),
  ...shownOnly('organization_id', 'service_providers', 'created_at', 'updated_at'),
});

const shape = z.object({
  organization_id: z.string(),
  entity_id: z.string(),
  sso_url: z.string(),
  sso_binding: z.enum(SSO_BINDINGS),
  certificates: z.array(z.string()),
  email_attribute: z.string(),
  first_name_attribute: z.string(),
  last_name_attribute: z.string(),
  create_members: z.boolean(),
  service_providers: z.array(z.object({ app_id: z.string(), entity_id: z.string(), acs_url: z.string() })),
  created_at: z.number(),
  updated_at: z.number(),
});
export const identityProviderAnswer = z.object({ result: shape });

export const fromIdentityProvider = (body: z.infer<typeof identityProvider>): IdentityProviderInput => ({
  entityId: body.entity_id,
  ssoUrl: body.sso_url,
  ssoBinding: body.sso_binding,
  certificates: body.certificates,
  emailAttribute: body.email_attribute,
  firstNameAttribute: body.first_name_attribute,
  lastNameAttribute: body.last_name_attribute,
  createMembers: body.create_members,
});

/** `service_providers`: what the provider has to be told about each application of the organization. */
export const toOuterIdentityProvider = (
  { provider, organization }: PlacedIdentityProvider,
  origin: string,
): z.infer<typeof shape> => ({
  organization_id: provider.organizationId,
  entity_id: provider.entityId,
  sso_url: provider.ssoUrl,
  sso_binding: provider.ssoBinding,
  certificates: [...provider.certificates],
  email_attribute: provider.emailAttribute,
  first_name_attribute: provider.firstNameAttribute,
  last_name_attribute: provider.lastNameAttribute,
  create_members: provider.createMembers,
  service_providers: organization.appIds.map((appId) => {
    const { entityId: entity_id, acsUrl: acs_url } = serviceProviderOf(origin, {
      organizationId: provider.organizationId,
      appId,
    });
    return { app_id: appId, entity_id, acs_url };
  }),
  created_at: provider.createdAt.getTime(),
  updated_at: provider.updatedAt.getTime(),
});
