/** What follows for users when a group gets or loses a role, or a member: their roles change (contract/tokens-and-sessions.md 5). */
import type { UserId } from '../../base/ids.ts';
import { RoleAssignmentStore } from '../../roles/role-assignment-store.ts';
import { RefreshTokenTriggerStore } from '../../users/refresh-token-trigger-store.ts';
import type { Ground, Line } from './row-kind.ts';

const rolesChanged = ({ db, tenantId }: Ground, users: readonly UserId[]): Promise<void> =>
  new RefreshTokenTriggerStore(db).pull(tenantId, 'invalidateOnMemberRoleUpdate', users);

export const groupRolesChanged = async (ground: Ground, { entity_id }: Line): Promise<void> =>
  rolesChanged(
    ground,
    await new RoleAssignmentStore(ground.db).usersOfGroups(ground.tenantId, [entity_id as string]),
  );

export const groupMembersChanged = (ground: Ground, { user_id }: Line): Promise<void> =>
  rolesChanged(ground, [user_id as UserId]);
