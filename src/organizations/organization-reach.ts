/** Decides who may act on the members of an organization and on what it manages (contract/tokens-and-sessions.md 1). */
import { forbidden } from '../base/errors.ts';
import type { AppId, OrganizationId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Organization } from './organization.ts';
import { OrganizationMemberStore } from './organization-member-store.ts';
import { lockedOrganization, type OrganizationCaller, organizationNotFound } from './organization-trail.ts';

/**
 * A user needs a token of a sign-in for this organization, in this application, and one of the default roles now.
 * @throws 403 for a user who is no administrator of an organization, 404 for another organization or application.
 */
async function assertMayManage(
  db: Database,
  caller: OrganizationCaller,
  organizationId: OrganizationId,
  appId?: AppId,
): Promise<void> {
  if (caller.kind === 'admin') return;
  const { tenantId, userId } = caller;
  const own = caller.organizationId;
  const isAdministrator =
    own !== undefined &&
    (await new OrganizationMemberStore(db).isAdministrator(
      { tenantId, organizationId: own, appId: caller.appId },
      userId,
    ));
  if (!isAdministrator) throw forbidden('This kind of token cannot be used here');
  if (own !== organizationId || (appId !== undefined && appId !== caller.appId)) throw organizationNotFound();
}

/**
 * The organization, locked, for a caller who may act on its members. Asked again under the lock: the role may have been
 * taken while this request waited for it.
 * @throws 403, 404
 */
export async function managedOrganization(
  db: Database,
  caller: OrganizationCaller,
  at: { readonly organizationId: OrganizationId; readonly appId?: AppId },
): Promise<Organization> {
  await assertMayManage(db, caller, at.organizationId, at.appId);
  const organization = await lockedOrganization(db, caller, at.organizationId);
  await assertMayManage(db, caller, at.organizationId, at.appId);
  return organization;
}
