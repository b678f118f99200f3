/** Decides which claims of ours an access token carries (contract/tokens-and-sessions.md section 2). */
import type { AccessToken, Client, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider';
import type { OrganizationId, TenantId } from '../../base/ids.ts';
import type { HeldRole } from '../../roles/role.ts';
import type { EngineSettings } from '../adapter/client-model.ts';
import { type GrantMemory, memoryOf } from '../grant-memory.ts';
import { requestState } from '../request-state.ts';
import type { RolesOfUser } from '../user-roles.ts';
import { settingsOf } from './client-settings.ts';

/** A user's token has the user's roles of now. `roles` says Admin for a management application's client (C13). */
export function accessTokenClaims(
  tenantId: TenantId,
  token: AccessToken | ClientCredentials,
  settings: EngineSettings,
  holder: {
    readonly roles: readonly HeldRole[];
    readonly organizationId?: OrganizationId | undefined;
    readonly delegation?: GrantMemory['delegation'];
  },
): Record<string, unknown> {
  const head = { tid: tenantId, app_id: settings.appId, app_name: settings.appName };
  if (token.kind === 'AccessToken' && holder.delegation)
    return {
      ...head,
      // The actor may do what was permitted, and nothing by the roles of the subject.
      roles: [],
      act: { sub: holder.delegation.actorId },
      permissions: holder.delegation.permissions,
      gid: token.grantId,
    };
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

/** What the engine asks at every token that it issues; nothing for one without a client. */
export const extraTokenClaims =
  (
    tenantId: TenantId,
    rolesOf: RolesOfUser,
    requested: (ctx: KoaContextWithOIDC) => Promise<Record<string, unknown>>,
  ) =>
  async (ctx: KoaContextWithOIDC, token: { readonly client?: Client | undefined }) => {
    if (!token.client) return undefined;
    const settings = settingsOf(token.client);
    const { organizationId, delegation } = memoryOf(ctx.oidc.entities.Grant);
    const { accountId } = token as { accountId?: string };
    const roles = await rolesOf(settings.appId, accountId, organizationId);
    const issued = token as Parameters<typeof accessTokenClaims>[1];
    const { resource } = requestState();
    return {
      // Before our own: what is asked for never stands in the place of what the token is.
      ...(accountId !== undefined && (await requested(ctx))),
      ...accessTokenClaims(tenantId, issued, settings, { roles, organizationId, delegation }),
      // The audience alone would come back to life with another resource of the same URI.
      ...(resource && { rid: resource.resourceId }),
    };
  };
