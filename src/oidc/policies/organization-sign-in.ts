/** Decides who may sign in for an organization: its members, at an application that it has (contract/tokens-and-sessions.md 1). */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import type { AppId, TenantId, UserId } from '../../base/ids.ts';
import { isStorable } from '../../http/validate.ts';
import type { OrganizationMemberStore } from '../../organizations/organization-member-store.ts';
import { askedOrganization } from '../grant-memory.ts';
import { settingsOf } from './client-settings.ts';

export interface OrganizationParts {
  readonly tenantId: TenantId;
  readonly organizations: Pick<OrganizationMemberStore, 'mayEnter' | 'rolesOf'>;
}

/**
 * Asked of the signed-in user, before anything is granted.
 * @throws AccessDenied in the same words for an organization that is not there, disabled, without this application or
 * without this user.
 */
export async function assertMayEnter(
  { organizations, tenantId }: OrganizationParts,
  { oidc }: KoaContextWithOIDC,
): Promise<void> {
  const organizationId = askedOrganization(oidc.params);
  const { client, account } = oidc;
  if (organizationId === undefined || !client || !account) return;
  const place = { tenantId, organizationId, appId: settingsOf(client).appId as AppId };
  const may =
    isStorable(organizationId) && (await organizations.mayEnter(place, account.accountId as UserId));
  if (!may) throw new errors.AccessDenied('the user is not a member of the organization that org_id names');
}

/** @throws InvalidRequest: an outside service learns what its scopes tell, and membership is not among it (R97). */
export function refuseOutsideService(
  _ctx: KoaContextWithOIDC,
  named: string | undefined,
  client: Client,
): void {
  if (named !== undefined && settingsOf(client).isThirdParty)
    throw new errors.InvalidRequest('org_id is not open to third-party clients');
}
