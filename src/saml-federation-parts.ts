/** Builds the sign-on at organizations' identity providers. */
import type Router from '@koa/router';
import type { AuditLog } from './audit/audit-log.ts';
import type { TenantId } from './base/ids.ts';
import type { Config } from './config/config.ts';
import type { OpenRow } from './http/route.ts';
import { FederatedMembers } from './organizations/federated-members.ts';
import { FederatedSignOn, type RedirectDoor } from './saml/federation/federated-sign-on.ts';
import { createFederationRouter } from './saml/federation/federation-router.ts';
import { olderSamlRoutes } from './saml/federation/older-routes.ts';
import type { SignInParts } from './sign-in-parts.ts';
import type { Database } from './storage/database.ts';
import type { EphemeralStore } from './storage/ephemeral-store.ts';

interface Parts {
  readonly config: Config;
  readonly db: Database;
  readonly audit: AuditLog;
  readonly ephemeral: EphemeralStore;
  readonly tenantId: TenantId;
  readonly signIn: Pick<SignInParts, 'admission' | 'clientOf' | 'redirects'>;
}

export function samlFederationParts(parts: Parts): { router: Router; rows: OpenRow[] } {
  const { origin } = parts.config.publicUrl;
  const members = new FederatedMembers({ ...parts, admission: parts.signIn.admission });
  const signOn = new FederatedSignOn({ ...parts, origin, members, redirects: redirectDoor(parts.signIn) });
  return { router: createFederationRouter({ signOn, origin }), rows: olderSamlRoutes({ signOn, origin }) };
}

/** Faces do not know each other, so the redirect family comes in as a door. */
export function redirectDoor({ clientOf, redirects }: Parts['signIn']): RedirectDoor {
  return {
    async accept({ clientId, redirectUri }) {
      const calling = await clientOf(clientId);
      if (redirectUri !== undefined) await redirects.accept(calling, { redirect_uri: redirectUri });
      return calling.application.appId;
    },
    registered: async (clientId) => (await clientOf(clientId)).client.settings.redirect_uris,
    async url({ clientId, redirectUri, organizationId, userId, isNewUser }) {
      const calling = await clientOf(clientId);
      const request = await redirects.accept(calling, { redirect_uri: redirectUri, org_id: organizationId });
      return redirects.url(calling, request, { userId, isNewUser, factor: 'social' });
    },
  };
}
