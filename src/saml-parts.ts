/** Builds the SAML identity provider. */
import type Router from '@koa/router';
import type { AuditLog } from './audit/audit-log.ts';
import type { ClientId, TenantId } from './base/ids.ts';
import { Secret } from './base/secrets.ts';
import type { Client } from './clients/client.ts';
import type { Config } from './config/config.ts';
import { GroupStore } from './groups/group-store.ts';
import { SamlCertificateStore } from './keys/saml-certificate-store.ts';
import type { SamlCertificates } from './keys/saml-certificates.ts';
import type { Sealer } from './keys/sealer.ts';
import type { SessionOf } from './oidc/sessions/browser-session.ts';
import type { FramesOf } from './oidc/sessions/front-channel.ts';
import { listedClaims } from './oidc/sessions/listed-claims.ts';
import type { LoginHandoff } from './oidc/sessions/login-handoff.ts';
import type { SamlVisits } from './oidc/sessions/saml-visits.ts';
import type { SessionControl } from './oidc/sessions/session-control.ts';
import { RoleStore } from './roles/role-store.ts';
import { LogoutChain } from './saml/logout-chain.ts';
import { createLogoutRouter } from './saml/logout-router.ts';
import { Participants } from './saml/participants.ts';
import { Responder } from './saml/respond.ts';
import { foundOr404, samlClientFinder } from './saml/saml-client-of.ts';
import { createSamlRouter } from './saml/saml-router.ts';
import { SignOn } from './saml/sign-on.ts';
import { SingleLogout } from './saml/single-logout.ts';
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
  readonly sessionOf: SessionOf;
  readonly sessions: SessionControl;
  readonly framesOf: FramesOf;
}

/** The router of the SAML face, and its part in a sign-out that began elsewhere. */
export function samlParts(parts: Parts): { readonly router: Router; readonly visits: SamlVisits } {
  const { config, db, sealer, tenantId } = parts;
  const { origin } = config.publicUrl;
  const users = new UserStore(db);
  const participants = new Participants(parts);
  const responder = new Responder({
    ...parts,
    participants,
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
  const findSamlClient = samlClientFinder(parts.findClient, tenantId);
  const samlClient = foundOr404(findSamlClient);
  const chain = new LogoutChain({
    ...parts,
    origin,
    findSamlClient,
    signerOf: (client) => responder.signerOf(client),
  });
  const logout = new SingleLogout({
    ...parts,
    origin,
    participants,
    chain,
    note: (client, userId, type) => responder.note(client, userId, type),
  });
  const router = createSamlRouter({
    ...parts,
    origin,
    samlClient,
    certificates: new SamlCertificateStore(db),
    signOn: new SignOn({ ...parts, origin }),
    responder,
  });
  router.use(createLogoutRouter({ ...parts, origin, samlClient, logout, chain }).routes());
  return { router, visits: logout };
}
