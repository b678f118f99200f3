/** The rows of the running management API, read from the tables that the server itself is built from. */
import { type AdminParts, adminRows } from '../../src/admin/admin-routes.ts';
import { delegatedConsentRoutes } from '../../src/admin/delegated-consent-routes.ts';
import { groupRoutes } from '../../src/admin/group-routes.ts';
import { organizationRoutes } from '../../src/admin/organization-routes.ts';
import { outboxRoutes } from '../../src/admin/outbox-routes.ts';
import { ownProfileRoutes } from '../../src/admin/own-profile-routes.ts';
import { roleGroupRoutes } from '../../src/admin/role-group-routes.ts';
import { roleRoutes } from '../../src/admin/role-routes.ts';
import { samlCertificateRoutes } from '../../src/admin/saml-certificate-routes.ts';
import { scimRoutes } from '../../src/admin/scim-routes.ts';
import { serviceProviderRoutes } from '../../src/admin/service-provider-routes.ts';
import { sessionRoutes } from '../../src/admin/session-routes.ts';
import { signInPolicyRoutes } from '../../src/admin/sign-in-policy-routes.ts';
import { ssoGroupRoutes } from '../../src/admin/sso-group-routes.ts';
import { userContactRoutes } from '../../src/admin/user-contact-routes.ts';
import { userRoutes } from '../../src/admin/user-routes.ts';
import type { AuthRow } from '../../src/auth/auth-routes.ts';
import { authSessionRoutes } from '../../src/auth/auth-session-routes.ts';
import { backchannelRoutes } from '../../src/auth/backchannel-routes.ts';
import { backendSessionRoutes } from '../../src/auth/backend-session-routes.ts';
import { codeExchangeRoutes } from '../../src/auth/code-exchange-routes.ts';
import { crossDeviceRoutes } from '../../src/auth/cross-device-routes.ts';
import { factorTokenRoutes } from '../../src/auth/factor-token-routes.ts';
import { hubRoutes } from '../../src/auth/hub-routes.ts';
import { linkRoutes } from '../../src/auth/link-routes.ts';
import { logoutRoutes } from '../../src/auth/logout-routes.ts';
import { otpBackendRoutes } from '../../src/auth/otp-backend-routes.ts';
import { otpRedirectRoutes } from '../../src/auth/otp-redirect-routes.ts';
import { passwordLoginRoutes } from '../../src/auth/password-login-routes.ts';
import { passwordResetRoutes } from '../../src/auth/password-reset-routes.ts';
import { totpRoutes } from '../../src/auth/totp-routes.ts';
import { verificationRoutes } from '../../src/auth/verification-routes.ts';
import { webauthnRoutes } from '../../src/auth/webauthn-routes.ts';
import type { Row } from '../../src/http/route.ts';
import { olderSamlRoutes } from '../../src/saml/federation/older-routes.ts';

/** Rows only name their services when they are called, which nobody does here. */
const parts = {
  users: [
    ...ownProfileRoutes(undefined as never, {} as never),
    ...userRoutes(undefined as never, undefined as never, undefined as never),
    ...userContactRoutes(undefined as never),
    ...sessionRoutes(undefined as never),
    ...scimRoutes(undefined as never),
    ...delegatedConsentRoutes(undefined as never),
  ],
  groups: groupRoutes(undefined as never),
  organizations: organizationRoutes({} as never),
  sso: [
    ...serviceProviderRoutes(undefined as never, ''),
    ...samlCertificateRoutes({} as never),
    ...ssoGroupRoutes(undefined as never),
    ...signInPolicyRoutes(undefined as never),
  ],
  outbox: outboxRoutes(undefined as never),
  roles: [...roleRoutes({} as never), ...roleGroupRoutes(undefined as never)],
} as unknown as AdminParts;

export const managementRows: readonly Row[] = adminRows(parts);

/** The rows of the authentication API. */
export const authRows: readonly AuthRow[] = [
  ...logoutRoutes(undefined as never),
  ...backchannelRoutes(undefined as never),
  ...hubRoutes(undefined as never),
  ...totpRoutes(undefined as never, undefined as never),
  ...passwordLoginRoutes(undefined as never),
  ...passwordResetRoutes(undefined as never),
  ...verificationRoutes(undefined as never),
  ...webauthnRoutes(undefined as never),
  ...crossDeviceRoutes({} as never),
  ...authSessionRoutes({} as never),
  ...linkRoutes(undefined as never),
  ...otpRedirectRoutes(undefined as never),
  ...otpBackendRoutes(undefined as never),
  ...backendSessionRoutes(undefined as never),
  ...factorTokenRoutes(undefined as never),
  ...codeExchangeRoutes(undefined as never),
  ...olderSamlRoutes({} as never),
];

export const parametersOf = (path: string): string[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);

/** The path with every parameter replaced. */
export const filled = (path: string, value: (name: string) => string): string =>
  path.replace(/:(\w+)/g, (_, name: string) => value(name));

/** What an error of this row looks like: the form of the management API, or that of SCIM (RFC 7644 3.12). */
export const errorOf = (row: Row, status: number, message: unknown, code: unknown = status): object =>
  row.path.startsWith('/scim/')
    ? { schemas: [expect.any(String)], status: String(status), detail: message }
    : { message, error_code: code };
