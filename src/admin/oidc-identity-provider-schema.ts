/** The OpenID Connect provider of an organization as the outside writes and reads it (ours; contract/saml.md 3). */
import { z } from 'zod';
import { Secret } from '../base/secrets.ts';
import {
  CLIENT_AUTHENTICATIONS,
  callbackOf,
  type OidcIdentityProvider,
  type OidcIdentityProviderInput,
} from '../organizations/oidc-identity-provider.ts';
import { shownOnly } from './resource-schema.ts';

/** RFC 6749 section 3.3. */
const scope = z
  .string()
  .regex(/^[!#-[\]-~]{1,128}$/, 'must be a scope: printable ASCII without spaces, " and \\');
const claim = z.string().trim().max(128);

export const oidcIdentityProvider = z.strictObject({
  issuer: z.string().min(1).max(1024).describe('As the provider itself writes it in its discovery document'),
  client_id: z.string().min(1).max(512).describe('Of this server at the provider'),
  client_secret: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .describe('Never shown; the one before stays where it is left out and issuer and client_id are the same'),
  token_endpoint_auth_method: z.enum(CLIENT_AUTHENTICATIONS).default('client_secret_basic'),
  scopes: z.array(scope).min(1).max(20).default(['openid', 'email', 'profile']),
  email_claim: claim.min(1).default('email'),
  first_name_claim: claim.default('given_name'),
  last_name_claim: claim.default('family_name'),
  require_email_verified: z
    .boolean()
    .default(true)
    .describe(
      'false: an email of which the provider says nothing is believed; one that it calls unverified never is',
    ),
  create_members: z
    .boolean()
    .default(false)
    .describe('Whom the provider signs in becomes a member, and a user where nobody has the address'),
  own_callback: z
    .boolean()
    .default(false)
    .describe('A redirect_uri of its own; for providers that do not send iss with their answers (RFC 9207)'),
  ...shownOnly('organization_id', 'redirect_uri', 'created_at', 'updated_at'),
});

const shape = z.object({
  organization_id: z.string(),
  issuer: z.string(),
  client_id: z.string(),
  token_endpoint_auth_method: z.enum(CLIENT_AUTHENTICATIONS),
  scopes: z.array(z.string()),
  email_claim: z.string(),
  first_name_claim: z.string(),
  last_name_claim: z.string(),
  require_email_verified: z.boolean(),
  create_members: z.boolean(),
  own_callback: z.boolean(),
  redirect_uri: z.string().describe('What the provider has to be told'),
  created_at: z.number(),
  updated_at: z.number(),
});
export const oidcIdentityProviderAnswer = z.object({ result: shape });

export const fromOidcIdentityProvider = (
  body: z.infer<typeof oidcIdentityProvider>,
): OidcIdentityProviderInput => ({
  issuer: body.issuer,
  clientId: body.client_id,
  ...(body.client_secret !== undefined && { clientSecret: new Secret(body.client_secret) }),
  clientAuthentication: body.token_endpoint_auth_method,
  scopes: [...new Set(body.scopes)],
  emailClaim: body.email_claim,
  firstNameClaim: body.first_name_claim,
  lastNameClaim: body.last_name_claim,
  requireEmailVerified: body.require_email_verified,
  createMembers: body.create_members,
  ownCallback: body.own_callback,
});

export const toOuterOidcIdentityProvider = (
  provider: OidcIdentityProvider,
  origin: string,
): z.infer<typeof shape> => ({
  organization_id: provider.organizationId,
  issuer: provider.issuer,
  client_id: provider.clientId,
  token_endpoint_auth_method: provider.clientAuthentication,
  scopes: [...provider.scopes],
  email_claim: provider.emailClaim,
  first_name_claim: provider.firstNameClaim,
  last_name_claim: provider.lastNameClaim,
  require_email_verified: provider.requireEmailVerified,
  create_members: provider.createMembers,
  own_callback: provider.ownCallback,
  redirect_uri: callbackOf(origin, provider),
  created_at: provider.createdAt.getTime(),
  updated_at: provider.updatedAt.getTime(),
});
