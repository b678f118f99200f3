/** Builds the sign-on of service providers of the older form. */
import type Koa from 'koa';
import type { AuditLog } from './audit/audit-log.ts';
import type { TenantId } from './base/ids.ts';
import type { Config } from './config/config.ts';
import { SamlCertificateStore } from './keys/saml-certificate-store.ts';
import type { SamlCertificates } from './keys/saml-certificates.ts';
import type { BackendSignInDoor } from './oidc/sessions/backend-sign-in.ts';
import type { SessionControl } from './oidc/sessions/session-control.ts';
import { createLegacyRouter, type LegacyRouterParts } from './saml/legacy-router.ts';
import { LegacySignOn, type LegacySignOnParts } from './saml/legacy-sign-on.ts';
import { ServiceProviderStore } from './service-providers/service-provider-store.ts';
import type { Database } from './storage/database.ts';
import type { EphemeralStore } from './storage/ephemeral-store.ts';

interface Parts {
  readonly config: Config;
  readonly db: Database;
  readonly audit: AuditLog;
  readonly ephemeral: EphemeralStore;
  readonly certificates: SamlCertificates;
  readonly tenantId: TenantId;
  readonly authenticate: LegacyRouterParts['authenticate'];
  readonly applications: LegacySignOnParts['applications'];
  readonly sessions: Pick<SessionControl, 'list'>;
  readonly backend: Pick<BackendSignInDoor, 'findByToken'>;
}

export function legacySamlParts(parts: Parts): Koa.Middleware {
  const { config, db, sessions, backend } = parts;
  const { origin } = config.publicUrl;
  const providers = new ServiceProviderStore(db);
  return createLegacyRouter({
    ...parts,
    origin,
    providers,
    certificates: new SamlCertificateStore(db),
    legacySignOn: new LegacySignOn({
      ...parts,
      origin,
      providers,
      sessions: {
        inBrowser: (userId) => sessions.list(userId),
        atApplication: (sid) => backend.findByToken(sid),
      },
    }),
  });
}
