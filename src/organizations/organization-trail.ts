/** Who may act on an organization, and how what was done is written down. */
import { type Actor, type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { AdminCaller, UserCaller } from '../base/caller.ts';
import { notFound } from '../base/errors.ts';
import type { OrganizationId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Organization } from './organization.ts';
import { OrganizationStore } from './organization-store.ts';

/** An administrator of the tenant, or a user whose token says for which organization they signed in. */
export type OrganizationCaller = AdminCaller | UserCaller;

export const organizationNotFound = () => notFound('Organization not found');

const actor = (caller: OrganizationCaller): Actor =>
  caller.kind === 'user' ? { kind: 'user', id: caller.userId } : actorOf(caller);

export const recordOrganization = (
  audit: AuditLog,
  db: Database,
  caller: OrganizationCaller,
  event: { type: string; organizationId: OrganizationId; details?: Record<string, unknown> },
): Promise<void> =>
  audit.record(db, {
    tenantId: caller.tenantId,
    type: event.type,
    actor: actor(caller),
    subject: event.organizationId,
    details: event.details ?? {},
  });

/** The organization, locked until the transaction ends and read after that. @throws 404 */
export async function lockedOrganization(
  db: Database,
  caller: OrganizationCaller,
  organizationId: OrganizationId,
): Promise<Organization> {
  const store = new OrganizationStore(db);
  await store.lock(caller.tenantId, organizationId);
  const organization = await store.find(caller.tenantId, organizationId);
  if (!organization) throw organizationNotFound();
  return organization;
}
