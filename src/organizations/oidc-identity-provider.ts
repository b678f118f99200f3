/** The OpenID Connect provider at which the members of an organization sign in (contract/saml.md 3; the fields are ours). */
import type { OrganizationId, TenantId } from '../base/ids.ts';
import type { Secret } from '../base/secrets.ts';

export const CLIENT_AUTHENTICATIONS = ['client_secret_basic', 'client_secret_post'] as const;
export type ClientAuthentication = (typeof CLIENT_AUTHENTICATIONS)[number];

interface Settings {
  /** As the provider itself writes it, to the letter. */
  readonly issuer: string;
  /** Ours at the provider. */
  readonly clientId: string;
  readonly clientAuthentication: ClientAuthentication;
  readonly scopes: readonly string[];
  readonly emailClaim: string;
  /** Empty for none, like the next. */
  readonly firstNameClaim: string;
  readonly lastNameClaim: string;
  /** Only an email that the provider calls verified is believed; otherwise one of which it does not say the opposite, too. */
  readonly requireEmailVerified: boolean;
  /** Whom the provider signs in becomes a member, and a user, where they are not; otherwise only members come in. */
  readonly createMembers: boolean;
  /** Its answers come to an address that no other provider is told of. */
  readonly ownCallback: boolean;
}

/** What a caller may set. */
export interface OidcIdentityProviderInput extends Settings {
  /** Absent: the one before stays. */
  readonly clientSecret?: Secret;
}

export interface OidcIdentityProvider extends Settings {
  readonly tenantId: TenantId;
  readonly organizationId: OrganizationId;
  readonly sealedClientSecret: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A sealed secret opens in its own place only. */
export const secretContext = (organizationId: OrganizationId): string =>
  `client secret at the identity provider of ${organizationId}`;

export const CALLBACK_PATH = '/auth/sso/oidc/callback';

/**
 * Where the provider sends its answers (contract/saml.md 3). One address for all providers can be told apart by the `iss` of
 * the answer only (RFC 9207); who does not send it gets an address of its own (RFC 9700 section 4.4.2.2).
 */
export const callbackOf = (
  origin: string,
  { organizationId, ownCallback }: Pick<OidcIdentityProvider, 'organizationId' | 'ownCallback'>,
): string => `${origin}/cis${CALLBACK_PATH}${ownCallback ? `/${organizationId}` : ''}`;
