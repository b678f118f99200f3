/** Decides which claims of ours an access token carries (contract/tokens-and-sessions.md section 2). */
import type { AccessToken, ClientCredentials } from 'oidc-provider';
import type { TenantId } from '../../base/ids.ts';
import type { EngineSettings } from '../adapter/client-model.ts';

/** `roles` says Admin for a management application's client (C13); clients without roles have empty lists. */
export function accessTokenClaims(
  tenantId: TenantId,
  token: AccessToken | ClientCredentials,
  settings: EngineSettings,
): Record<string, unknown> {
  const head = { tid: tenantId, app_id: settings.appId, app_name: settings.appName };
  if (token.kind === 'AccessToken') return { ...head, roles: [], gid: token.grantId, sid: token.sessionUid };
  return {
    ...head,
    roles: settings.appKind === 'management' ? ['Admin'] : [],
    ts_roles: [],
    ts_permissions: [],
  };
}
