/** What an application may set for a user who belongs to it alone: ways to sign in are good in the whole tenant. */
import type { Caller } from '../base/caller.ts';
import { forbidden } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { UserStore } from './user-store.ts';

/**
 * Bringing a user of the tenant into an application needs no more than an address (contract C26, management-api.md 12); what
 * the application then sets would open the user's other applications. An admin token speaks for the tenant. @throws 403
 */
export async function assertSoleApplication(
  db: Database,
  { kind, tenantId, appId }: Pick<Caller, 'kind' | 'tenantId' | 'appId'>,
  userId: UserId,
): Promise<void> {
  if (kind === 'admin' || !(await new UserStore(db).isMemberElsewhere(tenantId, userId, appId))) return;
  throw forbidden(
    'The user belongs to other applications, too: only the user, or an admin token, may set how they sign in',
  );
}
