/** Gives roles of an application to users, groups and applications, and takes them away. */
import { type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { invalid, notFound } from '../base/errors.ts';
import type { AppId, RoleId, UserId } from '../base/ids.ts';
import { type Database, isForeignKeyViolation } from '../storage/database.ts';
import type { RoleEntityType } from '../storage/tables.ts';
import { RefreshTokenTriggerStore } from '../users/refresh-token-trigger-store.ts';
import { RoleAssignmentStore } from './role-assignment-store.ts';
import { holdApplication, roleNotFound } from './role-service.ts';
import { RoleStore } from './role-store.ts';

/** The role that a path names together with its application. */
export interface RoleAddress {
  readonly appId: AppId;
  readonly roleId: RoleId;
}

export class RoleAssignmentService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  /** Adds to what is assigned. @throws 404 for the role, 400 naming ids that nothing has. */
  assign(
    caller: ManagementCaller,
    at: RoleAddress,
    entities: { readonly type: RoleEntityType; readonly ids: readonly string[] },
  ): Promise<void> {
    return this.#within(caller, at, async (db) => {
      const store = new RoleAssignmentStore(db);
      const ids = [...new Set(entities.ids)];
      const known = await store.known(caller.tenantId, entities.type, ids);
      const unknown = ids.filter((id) => !known.has(id));
      if (unknown.length > 0)
        throw invalid(...unknown.map((id) => `entity_ids: unknown ${entities.type} ${id}`));
      const added = await store.add(caller.tenantId, at.roleId, entities.type, ids);
      await this.#rolesChanged(db, caller, at, await holders(store, caller, entities.type, added));
      await this.#record(db, caller, 'role.assigned', at, {
        entity_type: entities.type,
        entity_ids: added,
      });
    });
  }

  /** @throws 404 for the role, and where nothing with this id has it. */
  unassign(caller: ManagementCaller, at: RoleAddress, entityId: string): Promise<void> {
    return this.#within(caller, at, async (db) => {
      const store = new RoleAssignmentStore(db);
      const kinds = await store.remove(caller.tenantId, at.roleId, entityId);
      if (kinds.length === 0) throw notFound('The role is not assigned to this entity');
      for (const kind of kinds)
        await this.#rolesChanged(db, caller, at, await holders(store, caller, kind, [entityId]));
      await this.#record(db, caller, 'role.unassigned', at, { entity_ids: [entityId] });
    });
  }

  #rolesChanged(db: Database, caller: ManagementCaller, at: RoleAddress, users: UserId[]): Promise<void> {
    const triggers = new RefreshTokenTriggerStore(db);
    return triggers.pull(caller.tenantId, 'invalidateOnMemberRoleUpdate', users, at.appId);
  }

  async #within(
    caller: ManagementCaller,
    at: RoleAddress,
    work: (db: Database) => Promise<void>,
  ): Promise<void> {
    try {
      await this.#db.transaction().execute(async (trx) => {
        await holdApplication(trx, caller, at.appId);
        if (!(await new RoleStore(trx).hold({ tenantId: caller.tenantId, appId: at.appId }, at.roleId)))
          throw roleNotFound();
        await work(trx);
      });
    } catch (error) {
      // One of them went away between the look and the write.
      if (isForeignKeyViolation(error)) throw invalid('entity_ids: one of them was deleted at this moment');
      throw error;
    }
  }

  #record(
    db: Database,
    caller: ManagementCaller,
    type: string,
    at: RoleAddress,
    details: Record<string, unknown>,
  ): Promise<void> {
    return this.#audit.record(db, {
      tenantId: caller.tenantId,
      type,
      actor: actorOf(caller),
      subject: at.roleId,
      details: { app_id: at.appId, ...details },
    });
  }
}

/** The users whose roles change when these entities get or lose one. */
async function holders(
  store: RoleAssignmentStore,
  { tenantId }: ManagementCaller,
  type: RoleEntityType,
  ids: readonly string[],
): Promise<UserId[]> {
  if (type === 'User') return ids as UserId[];
  return type === 'Group' ? store.usersOfGroups(tenantId, ids) : [];
}
