/** Decides which claims of ours an access token carries (contract/tokens-and-sessions.md section 2). */
import type { AccessToken, ClientCredentials } from 'oidc-provider';
import type { OrganizationId, TenantId } from '../../base/ids.ts';
import type { HeldRole } from '../../roles/role.ts';
import type { EngineSettings } from '../adapter/client-model.ts';

/** A user's token has the user's roles of now. `roles` says Admin for a management application's client (C13). */
export function accessTokenClaims(
  tenantId: TenantId,
  token: AccessToken | ClientCredentials,
  settings: EngineSettings,
  holder: { readonly roles: readonly HeldRole[]; readonly organizationId?: OrganizationId | undefined },
): Record<string, unknown> {
  const head = { tid: tenantId, app_id: settings.appId, app_name: settings.appName };
  if (token.kind === 'AccessToken')
    return {
      ...head,
      // An outside service learns of the user what was allowed, and roles are not among it (R97).
      roles: settings.isThirdParty ? [] : holder.roles.map((role) => role.roleId),
      ...(holder.organizationId !== undefined && { org_id: holder.organizationId }),
      gid: token.grantId,
      sid: token.sessionUid,
    };
  return {
    ...head,
    roles: settings.appKind === 'management' ? ['Admin'] : [],
    ts_roles: settings.roleIds,
    ts_permissions: settings.permissions,
  };
}
