/** The roles a user has in an application now, asked for once in a request. */
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { HeldRole } from '../roles/role.ts';
import type { RoleStore } from '../roles/role-store.ts';
import { requestState } from './request-state.ts';

export type RolesOfUser = (appId: string, userId: string | undefined) => Promise<readonly HeldRole[]>;

export const rolesOfUser =
  (parts: { roles: Pick<RoleStore, 'ofUser'>; tenantId: TenantId }): RolesOfUser =>
  async (appId, userId) => {
    if (userId === undefined) return [];
    const { roles } = requestState();
    const key = `${appId} ${userId}`;
    const found = roles.get(key) ?? parts.roles.ofUser(parts.tenantId, appId as AppId, userId as UserId);
    roles.set(key, found);
    return found;
  };
