/** Decides what a third-party client may ask a user for: the list in its settings is the ceiling (R95, R96). */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { EngineSettings } from '../adapter/client-model.ts';
import { settingsOf } from './client-settings.ts';

/** `openid` stands for the sign-in itself and needs no entry. */
export const thirdPartyScopes = (settings: Pick<EngineSettings, 'allowedScopes'>): string[] => [
  ...new Set(['openid', ...settings.allowedScopes]),
];

/** Authorization, PAR, device and CIBA requests. @throws InvalidScope that names what is outside of the list; InvalidRequest. */
export function assertAllowedScopes(
  _ctx: KoaContextWithOIDC,
  scope: string | undefined,
  client: Client,
): void {
  const settings = settingsOf(client);
  if (!settings.isThirdParty) return;
  const asked = (scope ?? '').split(' ').filter(Boolean);
  if (!asked.includes('openid')) throw new errors.InvalidRequest('scope must contain openid');
  const allowed = thirdPartyScopes(settings);
  const refused = asked.filter((name) => !allowed.includes(name)).join(' ');
  if (refused !== '')
    throw new errors.InvalidScope(
      `not among the allowed scopes of this third-party client: ${refused}`,
      refused,
    );
}

/**
 * The list says what a user can allow, so a token without a user carries none of it.
 * @throws InvalidScope for a client_credentials request of a third-party client with a scope.
 */
export function assertScopesHaveUser({ oidc }: KoaContextWithOIDC): void {
  const { client, params } = oidc;
  if (!client || !settingsOf(client).isThirdParty || params?.grant_type !== 'client_credentials') return;
  if (params.scope !== undefined)
    throw new errors.InvalidScope(
      'a third-party client gets scopes from a user only: leave scope out, or use the authorization endpoint',
      String(params.scope),
    );
}
