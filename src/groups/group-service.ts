/** The verbs of groups, each with its audit event. */
import { type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { forbidden, invalid, notFound, taken } from '../base/errors.ts';
import type { GroupId, UserId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '../storage/database.ts';
import { RefreshTokenTriggerStore } from '../users/refresh-token-trigger-store.ts';
import type { Reach } from '../users/user.ts';
import { customDataProblem, type Group, type GroupInput, type GroupUser } from './group.ts';
import { GroupStore } from './group-store.ts';
import { GroupUserStore } from './group-user-store.ts';

const groupNotFound = () => notFound('Group not found');
const userNotFound = () => notFound('User not found');

/** A client token looks at the users of its application, an admin token at those of the tenant. */
const usersWithin = (caller: ManagementCaller): Reach =>
  caller.kind === 'admin'
    ? { tenantId: caller.tenantId }
    : { tenantId: caller.tenantId, appId: caller.appId };

export class GroupService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  list(caller: ManagementCaller): Promise<Group[]> {
    return new GroupStore(this.#db).list(caller.tenantId);
  }

  /** @throws 404 */
  async get(caller: ManagementCaller, groupId: GroupId): Promise<Group> {
    const group = await new GroupStore(this.#db).find(caller.tenantId, groupId);
    if (!group) throw groupNotFound();
    return group;
  }

  /** @throws 400 for too much custom data, 409 for a taken name. */
  create(caller: ManagementCaller, input: GroupInput): Promise<Group> {
    return this.#write(async (trx) => {
      assertSize(input);
      const group = await new GroupStore(trx).insert(caller.tenantId, newId<GroupId>(), input);
      await this.#record(trx, caller, 'group.created', group, { name: group.name });
      return group;
    });
  }

  /** Absent members stay. @throws 404, 400, 409, 412 */
  update(caller: ManagementCaller, groupId: GroupId, input: Partial<GroupInput>): Promise<Group> {
    return this.#locked(caller, groupId, async (trx, group) => {
      assertSize(input);
      assertUnchanged(caller, group);
      const changed = await new GroupStore(trx).update(group, input);
      await this.#record(trx, caller, 'group.updated', group, { fields: Object.keys(input) });
      return changed;
    });
  }

  /** Takes the group's roles from its users. @throws 404, 403, 412 */
  remove(caller: ManagementCaller, groupId: GroupId): Promise<void> {
    return this.#locked(caller, groupId, async (trx, group) => {
      assertUnchanged(caller, group);
      await this.#rolesChange(
        trx,
        caller,
        group,
        await new GroupUserStore(trx).ids(caller.tenantId, groupId),
      );
      await new GroupStore(trx).remove(caller.tenantId, groupId);
      await this.#record(trx, caller, 'group.deleted', group, { name: group.name });
    });
  }

  /** The users of the group whom the caller reaches. @throws 404 */
  async users(caller: ManagementCaller, groupId: GroupId): Promise<GroupUser[]> {
    await this.get(caller, groupId);
    return new GroupUserStore(this.#db).list(usersWithin(caller), groupId);
  }

  /** The groups of a user. @throws 404 for one out of reach. */
  async ofUser(caller: ManagementCaller, userId: UserId): Promise<Group[]> {
    await assertReached(this.#db, caller, userId);
    return new GroupStore(this.#db).ofUser(caller.tenantId, userId);
  }

  /** Adds to who is there. @throws 404, 403, 400 naming the users who are not there or out of reach. */
  addUsers(caller: ManagementCaller, groupId: GroupId, userIds: readonly string[]): Promise<void> {
    return this.#locked(caller, groupId, async (trx, group) => {
      const store = new GroupUserStore(trx);
      const ids = [...new Set(userIds)] as UserId[];
      const known = await store.known(usersWithin(caller), ids);
      const unknown = ids.filter((id) => !known.has(id));
      if (unknown.length > 0) throw invalid(...unknown.map((id) => `user_ids: unknown user ${id}`));
      const added = await store.add(caller.tenantId, groupId, ids);
      await this.#rolesChange(trx, caller, group, added);
      await this.#record(trx, caller, 'group.users_added', group, { user_ids: added });
    });
  }

  /** @throws 404 for the group, a user out of reach, and one who is not in it; 403 */
  removeUser(caller: ManagementCaller, groupId: GroupId, userId: UserId): Promise<void> {
    return this.#locked(caller, groupId, async (trx, group) => {
      await assertReached(trx, caller, userId);
      await this.#rolesChange(trx, caller, group, [userId]);
      if (!(await new GroupUserStore(trx).remove(caller.tenantId, groupId, userId)))
        throw notFound('The user is not in this group');
      await this.#record(trx, caller, 'group.user_removed', group, { user_ids: [userId] });
    });
  }

  /**
   * Ends refresh tokens where applications want that. Roles are given with admin tokens only, in a client's own application
   * too (contract/tokens-and-sessions.md 1); a client token must not hand them out, or take them, by way of a group.
   */
  async #rolesChange(
    db: Database,
    caller: ManagementCaller,
    group: Group,
    users: readonly UserId[],
  ): Promise<void> {
    const applications = await new GroupStore(db).applicationsOf(caller.tenantId, group.groupId);
    if (caller.kind === 'client' && applications.length > 0)
      throw forbidden('This group has roles; an admin token can change who is in it');
    const triggers = new RefreshTokenTriggerStore(db);
    for (const appId of applications)
      await triggers.pull(caller.tenantId, 'invalidateOnMemberRoleUpdate', users, appId);
  }

  /** Runs with the group locked and read after the lock. */
  #locked<T>(
    caller: ManagementCaller,
    groupId: GroupId,
    work: (trx: Database, group: Group) => Promise<T>,
  ): Promise<T> {
    return this.#write(async (trx) => {
      const store = new GroupStore(trx);
      await store.lock(caller.tenantId, groupId);
      const group = await store.find(caller.tenantId, groupId);
      if (!group) throw groupNotFound();
      return work(trx, group);
    });
  }

  async #write<T>(work: (trx: Database) => Promise<T>): Promise<T> {
    try {
      return await this.#db.transaction().execute(work);
    } catch (error) {
      if (isUniqueViolation(error, 'groups_name')) throw taken('name is already taken');
      // The user went away between the look and the write.
      if (isForeignKeyViolation(error)) throw invalid('user_ids: unknown user');
      throw error;
    }
  }

  #record(
    db: Database,
    caller: ManagementCaller,
    type: string,
    group: Group,
    details: Record<string, unknown>,
  ): Promise<void> {
    return this.#audit.record(db, {
      tenantId: caller.tenantId,
      type,
      actor: actorOf(caller),
      subject: group.groupId,
      details,
    });
  }
}

async function assertReached(db: Database, caller: ManagementCaller, userId: UserId): Promise<void> {
  if (!(await new GroupUserStore(db).known(usersWithin(caller), [userId])).has(userId)) throw userNotFound();
}

function assertSize({ customData }: Partial<GroupInput>): void {
  const problem = customData === undefined ? undefined : customDataProblem(customData);
  if (problem !== undefined) throw invalid(problem);
}
