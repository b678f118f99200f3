/** Builds the rows of the authentication API for links, one-time codes, backend sessions and the code exchange. */
import type { AuditLog } from './audit/audit-log.ts';
import { absentRoutes } from './auth/absent-routes.ts';
import type { AuthRow } from './auth/auth-routes.ts';
import { BackendCodes } from './auth/backend-codes.ts';
import { BackendLinks } from './auth/backend-links.ts';
import { type BackendSessionParts, backendSessionRoutes } from './auth/backend-session-routes.ts';
import { backendUsers } from './auth/backend-users.ts';
import { codeExchangeRoutes } from './auth/code-exchange-routes.ts';
import { type FactorTokenParts, factorTokenRoutes } from './auth/factor-token-routes.ts';
import { linkRoutes } from './auth/link-routes.ts';
import { otpBackendRoutes } from './auth/otp-backend-routes.ts';
import { otpRedirectRoutes } from './auth/otp-redirect-routes.ts';
import { RedirectArrivals } from './auth/redirect-arrivals.ts';
import { RedirectCodes } from './auth/redirect-codes.ts';
import { RedirectLinks } from './auth/redirect-links.ts';
import { socialRoutes } from './auth/social-routes.ts';
import type { TenantId } from './base/ids.ts';
import type { SignInParts } from './sign-in-parts.ts';
import type { Database } from './storage/database.ts';

interface Parts extends Pick<FactorTokenParts, 'totp'> {
  readonly passkeys: FactorTokenParts['passkeys'] & Pick<BackendSessionParts, 'crossDeviceSessions'>;
  readonly signIn: SignInParts;
  readonly db: Database;
  readonly audit: AuditLog;
  readonly tenantId: TenantId;
  readonly origin: string;
}

/** @returns the rows, and what the links of mails open. */
export function signInRows({ signIn, db, audit, tenantId, origin, totp, passkeys }: Parts): {
  readonly rows: readonly AuthRow[];
  readonly links: RedirectLinks;
} {
  const findUser = backendUsers(db);
  const arrivals = new RedirectArrivals({ db, admission: signIn.admission });
  const links = new RedirectLinks({ ...signIn, db, audit, arrivals, tenantId, origin });
  return {
    links,
    rows: [
      ...linkRoutes({
        ...signIn,
        redirectLinks: links,
        backendLinks: new BackendLinks({ ...signIn, findUser, tenantId }),
      }),
      ...otpRedirectRoutes({ ...signIn, redirectCodes: new RedirectCodes({ ...signIn, arrivals }) }),
      ...otpBackendRoutes({ ...signIn, backendCodes: new BackendCodes({ ...signIn, findUser }) }),
      ...backendSessionRoutes({ ...signIn, findUser, crossDeviceSessions: passkeys.crossDeviceSessions }),
      ...factorTokenRoutes({ ...signIn, findUser, totp, passkeys }),
      ...codeExchangeRoutes(signIn),
      ...socialRoutes(),
      ...absentRoutes(),
    ],
  };
}
