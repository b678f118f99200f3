/** Decides what a third-party client is granted: what a living consent of the user covers, and nothing without one. */
import type { Client, Grant, KoaContextWithOIDC } from 'oidc-provider';
import type { ClientId, TenantId, UserId } from '../../base/ids.ts';
import type { ConsentRequest } from '../../consents/consent.ts';
import type { ConsentStore } from '../../consents/consent-store.ts';
import { isForeignKeyViolation } from '../../storage/database.ts';
import { requestState } from '../request-state.ts';
import { claimsWithin } from './claims-of-scopes.ts';
import { settingsOf } from './client-settings.ts';
import { DEFAULT_RESOURCE } from './resource-servers.ts';

export interface ConsentParts {
  readonly tenantId: TenantId;
  readonly consents: Pick<ConsentStore, 'findCovering'>;
}

/** The resource a request names, as a consent keeps it. */
export const namedResource = (resource: unknown): string =>
  [resource]
    .flat()
    .filter((uri) => typeof uri === 'string' && uri !== DEFAULT_RESOURCE)
    .join(' ');

/** Fills and saves the grant where a stored consent covers the request (oidc.md 15); else leaves it as it is. */
export async function fillFromConsent(
  parts: ConsentParts,
  { oidc }: KoaContextWithOIDC,
  grant: Grant,
): Promise<void> {
  const scopes = [...oidc.requestParamScopes];
  const request: ConsentRequest = {
    tenantId: parts.tenantId,
    clientId: grant.clientId as ClientId,
    userId: grant.accountId as UserId,
    scopes,
    resource: namedResource(oidc.params?.resource),
  };
  const consent = await parts.consents.findCovering(request);
  if (!consent) return;
  requestState().consent = consent;
  const { within, beyond } = claimsWithin(scopes, oidc.requestParamClaims);
  grant.addOIDCScope([...oidc.requestParamOIDCScopes].join(' '));
  grant.addOIDCClaims(within);
  // Left out of the tokens without an error, as OpenID Connect Core 5.5.1 has it for voluntary claims.
  grant.rejectOIDCClaims(beyond);
  for (const indicator of Object.keys(oidc.resourceServers ?? {}))
    grant.addResourceScope(indicator, scopes.join(' '));
  await grant.save().catch((error: unknown) => {
    // The consent was revoked between the look and the write: the user is asked again.
    if (!isForeignKeyViolation(error)) throw error;
    delete requestState().consent;
  });
}

/** Epoch seconds at which all that this request gives a third party ends; undefined for a first-party client. */
export function consentEnd(ctx: KoaContextWithOIDC, client: Client | undefined): number | undefined {
  if (!client || !settingsOf(client).isThirdParty) return undefined;
  const { consent } = requestState();
  return consent ? Math.floor(consent.expiresAt.getTime() / 1000) : ctx.oidc.entities.Grant?.exp;
}
