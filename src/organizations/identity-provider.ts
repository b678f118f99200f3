/** The SAML identity provider at which the members of an organization sign in (contract/saml.md 3; the fields are ours). */
import type { AppId, OrganizationId, TenantId } from '../base/ids.ts';

export const SSO_BINDINGS = ['redirect', 'post'] as const;
export type SsoBinding = (typeof SSO_BINDINGS)[number];

/** What a caller may set. */
export interface IdentityProviderInput {
  readonly entityId: string;
  readonly ssoUrl: string;
  readonly ssoBinding: SsoBinding;
  /** PEM, one certificate each: what the provider signs with. */
  readonly certificates: readonly string[];
  /** Name of the attribute with the email; empty where the NameID is the email. */
  readonly emailAttribute: string;
  readonly firstNameAttribute: string;
  readonly lastNameAttribute: string;
  /** Whom the provider signs in becomes a member, and a user, where they are not; otherwise only members come in. */
  readonly createMembers: boolean;
}

export interface IdentityProvider extends IdentityProviderInput {
  readonly tenantId: TenantId;
  readonly organizationId: OrganizationId;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How the identity provider of an organization knows us: one service provider per application (contract/saml.md 3). */
export const serviceProviderOf = (
  origin: string,
  { organizationId, appId }: { readonly organizationId: OrganizationId; readonly appId: AppId },
) => ({
  entityId: `${origin}/cis/${appId}`,
  acsUrl: `${origin}/cis/v1/auth/sso/organizations/${organizationId}/applications/${appId}/complete`,
});
