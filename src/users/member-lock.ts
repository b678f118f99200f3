/** Which users a caller reaches, and how one of them is kept from other writers. */
import type { Caller } from '../base/caller.ts';
import { notFound } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import { assertUnchanged } from '../base/version.ts';
import type { Database } from '../storage/database.ts';
import { isStorableText, type Member, type Reach } from './user.ts';
import { UserStore } from './user-store.ts';

/** The token of a client or a user looks at its application, an admin token at the tenant. */
export const reachOf = (caller: Caller): Reach =>
  caller.kind === 'admin'
    ? { tenantId: caller.tenantId }
    : { tenantId: caller.tenantId, appId: caller.appId };

export const userNotFound = () => notFound('User not found');

/** The user within the caller's reach, locked until the transaction ends and read after that. @throws 404, 412 */
export async function lockMember(db: Database, caller: Caller, userId: string): Promise<Member> {
  if (!isStorableText(userId)) throw userNotFound();
  const store = new UserStore(db);
  await store.lock(caller.tenantId, userId as UserId);
  const member = await store.findMember(reachOf(caller), 'userId', userId);
  if (member === undefined) throw userNotFound();
  assertUnchanged(caller, member);
  return member;
}
