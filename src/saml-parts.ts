/** Builds the SAML identity provider. */
import type Router from '@koa/router';
import type Koa from 'koa';
import type { AuditLog } from './audit/audit-log.ts';
import type { ClientId, TenantId } from './base/ids.ts';
import { Secret } from './base/secrets.ts';
import type { Client } from './clients/client.ts';
import type { Config } from './config/config.ts';
import { GroupStore } from './groups/group-store.ts';
import { SamlCertificateStore } from './keys/saml-certificate-store.ts';
import type { SamlCertificates } from './keys/saml-certificates.ts';
import type { Sealer } from './keys/sealer.ts';
import type { BackendSignInDoor } from './oidc/sessions/backend-sign-in.ts';
import { listedClaims } from './oidc/sessions/listed-claims.ts';
import type { LoginHandoff } from './oidc/sessions/login-handoff.ts';
import type { SessionControl } from './oidc/sessions/session-control.ts';
import { RoleStore } from './roles/role-store.ts';
import { createLegacyRouter, type LegacyRouterParts } from './saml/legacy-router.ts';
import { LegacySignOn, type LegacySignOnParts } from './saml/legacy-sign-on.ts';
import { Responder } from './saml/respond.ts';
import { createSamlRouter } from './saml/saml-router.ts';
import { SignOn } from './saml/sign-on.ts';
import { ServiceProviderStore } from './service-providers/service-provider-store.ts';
import type { Database } from './storage/database.ts';
import type { EphemeralStore } from './storage/ephemeral-store.ts';
import { PasskeyStore } from './users/passkey-store.ts';
import { UserStore } from './users/user-store.ts';

interface Parts {
  readonly config: Config;
  readonly db: Database;
  readonly audit: AuditLog;
  readonly ephemeral: EphemeralStore;
  readonly sealer: Sealer;
  readonly certificates: SamlCertificates;
  readonly tenantId: TenantId;
  readonly findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Client | undefined>;
  readonly handoff: LoginHandoff;
}

interface LegacyParts extends Omit<Parts, 'findClient' | 'handoff'> {
  readonly authenticate: LegacyRouterParts['authenticate'];
  readonly applications: LegacySignOnParts['applications'];
  readonly sessions: Pick<SessionControl, 'list'>;
  readonly backend: Pick<BackendSignInDoor, 'findByToken'>;
}

/** Service providers of the older form. */
export function legacySamlParts(parts: LegacyParts): Koa.Middleware {
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

export function samlParts(parts: Parts): Router {
  const { config, db, sealer } = parts;
  const { origin } = config.publicUrl;
  const users = new UserStore(db);
  const responder = new Responder({
    ...parts,
    origin,
    users,
    listedClaims: listedClaims({
      ...parts,
      users,
      groups: new GroupStore(db),
      roles: new RoleStore(db),
      passkeys: new PasskeyStore(db),
    }),
    persistentKey: new Secret(sealer.derive('saml persistent identifiers')),
  });
  return createSamlRouter({
    ...parts,
    origin,
    certificates: new SamlCertificateStore(db),
    signOn: new SignOn({ ...parts, origin }),
    responder,
  });
}
