/** Looks up the user behind a `sub`; a disabled or deleted one does not exist for the engine. */
import type { Account } from 'oidc-provider';
import type { TenantId, UserId } from '../base/ids.ts';
import { userClaims } from '../users/user-claims.ts';
import type { UserStore } from '../users/user-store.ts';
import { requestState } from './request-state.ts';

export async function findAccount(
  users: Pick<UserStore, 'find'>,
  tenantId: TenantId,
  sub: string,
): Promise<Account | undefined> {
  const user = requestState().users.get(sub) ?? (await users.find(tenantId, sub as UserId));
  if (!user || user.status === 'Disabled') return undefined;
  return { accountId: user.userId, claims: async () => ({ ...userClaims(user), sub: user.userId }) };
}
