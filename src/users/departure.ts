/** Takes a user out of an application, and writes down everything that ends with it. */
import { type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import type { UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { type Departure, DepartureStore } from './departure-store.ts';
import { lockMember, userNotFound } from './member-lock.ts';
import { isStorableText } from './user.ts';

interface Event {
  readonly type: string;
  readonly subject: string;
  readonly details: Record<string, unknown>;
}

/** In a transaction of the caller, whose application it is. @throws 404, 412 */
export async function leaveApplication(
  db: Database,
  audit: AuditLog,
  caller: ManagementCaller,
  userId: string,
): Promise<void> {
  if (!isStorableText(userId)) throw userNotFound();
  const store = new DepartureStore(db);
  await store.holdOrganizations(caller.tenantId, userId as UserId);
  const { user } = await lockMember(db, caller, userId);
  const departure = await store.leave(user, caller.appId);
  if (departure === undefined) throw userNotFound();
  for (const event of eventsOf(departure, caller, userId))
    await audit.record(db, { tenantId: caller.tenantId, actor: actorOf(caller), ...event });
}

/** Named as where the same is done one by one. */
function eventsOf(departure: Departure, { appId }: ManagementCaller, userId: string): Event[] {
  const { roleIds, leftOrganizationIds, keptOrganizationIds } = departure;
  return [
    { type: 'user.removed_from_app', subject: userId, details: { appId } },
    ...roleIds.map((subject) => ({
      type: 'role.unassigned',
      subject,
      details: { app_id: appId, entity_ids: [userId] },
    })),
    ...leftOrganizationIds.map((subject) => ({
      type: 'organization.member_removed',
      subject,
      details: { user_id: userId },
    })),
    ...keptOrganizationIds.map((subject) => ({
      type: 'organization.member_roles_set',
      subject,
      details: { app_id: appId, user_id: userId, role_ids: [] },
    })),
  ];
}
