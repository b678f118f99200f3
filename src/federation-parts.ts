/** Builds the sign-in at organizations' OpenID Connect providers. */
import type Router from '@koa/router';
import type { AuditLog } from './audit/audit-log.ts';
import type { TenantId } from './base/ids.ts';
import type { Logger } from './base/logger.ts';
import type { Config } from './config/config.ts';
import { createFederationRouter } from './federation/federation-router.ts';
import { ForeignProviders } from './federation/foreign-provider.ts';
import { OrganizationSignIn } from './federation/organization-sign-in.ts';
import { outbound } from './http/outbound.ts';
import type { Sealer } from './keys/sealer.ts';
import { FederatedMembers } from './organizations/federated-members.ts';
import { redirectDoor } from './saml-federation-parts.ts';
import type { SignInParts } from './sign-in-parts.ts';
import type { Database } from './storage/database.ts';
import type { EphemeralStore } from './storage/ephemeral-store.ts';

interface Parts {
  readonly config: Config;
  readonly db: Database;
  readonly audit: AuditLog;
  readonly ephemeral: EphemeralStore;
  readonly sealer: Sealer;
  readonly log: Logger;
  readonly tenantId: TenantId;
  readonly signIn: Pick<SignInParts, 'admission' | 'clientOf' | 'redirects'>;
}

export function federationParts(parts: Parts): Router {
  const { config, log, signIn } = parts;
  const { allowedInternalHosts } = config;
  const providers = new ForeignProviders({ fetchOutside: outbound(config), allowedInternalHosts, log });
  const members = new FederatedMembers({ ...parts, admission: signIn.admission });
  const { origin } = config.publicUrl;
  return createFederationRouter(
    new OrganizationSignIn({ ...parts, origin, members, providers, redirects: redirectDoor(signIn) }),
  );
}
