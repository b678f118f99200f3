/** The verbs of role groups: named sets of an application's roles. */
import { type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { invalid, notFound, taken } from '../base/errors.ts';
import type { AppId, RoleGroupId, RoleId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '../storage/database.ts';
import type { RoleGroup, RoleGroupInput } from './role.ts';
import { type RoleGroupHome, RoleGroupStore } from './role-group-store.ts';
import { holdApplication } from './role-service.ts';
import { RoleStore } from './role-store.ts';

const groupNotFound = () => notFound('Role group not found');

export class RoleGroupService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  list(caller: ManagementCaller, appId: AppId): Promise<RoleGroup[]> {
    return this.#within(caller, appId, (store, home) => store.list(home));
  }

  /** @throws 404 */
  get(caller: ManagementCaller, appId: AppId, groupId: RoleGroupId): Promise<RoleGroup> {
    return this.#within(caller, appId, (store, home) => found(store, home, groupId));
  }

  /** @throws 404 for the application, 409 for a taken name. */
  create(caller: ManagementCaller, appId: AppId, input: RoleGroupInput): Promise<RoleGroup> {
    const groupId = newId<RoleGroupId>();
    return this.#change(caller, appId, { type: 'role_group.created', groupId }, (store, home) =>
      store.insert(home, groupId, input),
    );
  }

  /** Absent members stay. @throws 404, 409 */
  update(
    caller: ManagementCaller,
    appId: AppId,
    groupId: RoleGroupId,
    input: Partial<RoleGroupInput>,
  ): Promise<RoleGroup> {
    return this.#change(caller, appId, { type: 'role_group.updated', groupId }, async (store, home) => {
      assertUnchanged(caller, await held(store, home, groupId));
      if (!(await store.update(home, groupId, input))) throw groupNotFound();
    });
  }

  /** Replaces the roles of the group. @throws 404, 400 naming ids that are no roles of the application. */
  setRoles(
    caller: ManagementCaller,
    appId: AppId,
    groupId: RoleGroupId,
    roleIds: readonly string[],
  ): Promise<RoleGroup> {
    const ids = [...new Set(roleIds)] as RoleId[];
    return this.#change(
      caller,
      appId,
      { type: 'role_group.roles_set', groupId },
      async (store, home, roles) => {
        assertUnchanged(caller, await held(store, home, groupId));
        const known = await roles.known(home, ids);
        const unknown = ids.filter((id) => !known.has(id));
        if (unknown.length > 0) throw invalid(...unknown.map((id) => `role_ids: unknown role ${id}`));
        await store.setRoles(home.tenantId, groupId, ids);
      },
    );
  }

  /** The roles stay. @throws 404 */
  async remove(caller: ManagementCaller, appId: AppId, groupId: RoleGroupId): Promise<void> {
    await this.#within(caller, appId, async (store, home, db) => {
      assertUnchanged(caller, await held(store, home, groupId));
      if (!(await store.remove(home, groupId))) throw groupNotFound();
      await this.#record(db, caller, 'role_group.deleted', appId, groupId);
    });
  }

  #change(
    caller: ManagementCaller,
    appId: AppId,
    { type, groupId }: { type: string; groupId: RoleGroupId },
    write: (store: RoleGroupStore, home: RoleGroupHome, roles: RoleStore) => Promise<void>,
  ): Promise<RoleGroup> {
    return this.#within(caller, appId, async (store, home, db) => {
      await write(store, home, new RoleStore(db));
      await this.#record(db, caller, type, appId, groupId);
      return found(store, home, groupId);
    });
  }

  async #within<T>(
    caller: ManagementCaller,
    appId: AppId,
    work: (store: RoleGroupStore, home: RoleGroupHome, db: Database) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#db.transaction().execute(async (trx) => {
        await holdApplication(trx, caller, appId);
        return work(new RoleGroupStore(trx), { tenantId: caller.tenantId, appId }, trx);
      });
    } catch (error) {
      if (isUniqueViolation(error, 'role_groups_name')) throw taken('name is already taken');
      // The role went away between the look and the write.
      if (isForeignKeyViolation(error)) throw invalid('role_ids: unknown role');
      throw error;
    }
  }

  #record(
    db: Database,
    caller: ManagementCaller,
    type: string,
    appId: AppId,
    groupId: RoleGroupId,
  ): Promise<void> {
    return this.#audit.record(db, {
      tenantId: caller.tenantId,
      type,
      actor: actorOf(caller),
      subject: groupId,
      details: { app_id: appId },
    });
  }
}

/** As the caller has to have seen it, kept from others until the transaction ends. */
async function held(store: RoleGroupStore, home: RoleGroupHome, groupId: RoleGroupId): Promise<RoleGroup> {
  const group = await store.findLocked(home, groupId);
  if (!group) throw groupNotFound();
  return group;
}

async function found(store: RoleGroupStore, home: RoleGroupHome, groupId: RoleGroupId): Promise<RoleGroup> {
  const group = await store.find(home, groupId);
  if (!group) throw groupNotFound();
  return group;
}
