/** The verbs of roles: those of an application's users, and those of the tenant's clients. */
import { type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { conflict, invalid, notFound, taken } from '../base/errors.ts';
import type { AppId, RoleId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isUniqueViolation } from '../storage/database.ts';
import { RefreshTokenTriggerStore } from '../users/refresh-token-trigger-store.ts';
import { clientPermissionProblems, type Role, type RoleHome, type RoleInput } from './role.ts';
import { RoleAssignmentStore } from './role-assignment-store.ts';
import { RoleStore } from './role-store.ts';

export const roleNotFound = () => notFound('Role not found');
const noApplication = () => notFound('Application not found');

/** @throws 404 for an application that is not one for end users of the caller's tenant. */
export async function holdApplication(db: Database, caller: ManagementCaller, appId: AppId): Promise<void> {
  if (!(await new RoleStore(db).holdApplication(caller.tenantId, appId))) throw noApplication();
}

export class RoleService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  /** `appId` null: the client roles of the tenant. @throws 404 */
  list(caller: ManagementCaller, appId: AppId | null): Promise<Role[]> {
    return this.#within(caller, appId, (db, home) => new RoleStore(db).list(home));
  }

  /** @throws 404 */
  get(caller: ManagementCaller, appId: AppId | null, roleId: RoleId): Promise<Role> {
    return this.#within(caller, appId, async (db, home) => {
      const role = await new RoleStore(db).find(home, roleId);
      if (!role) throw roleNotFound();
      return role;
    });
  }

  /** @throws 404 for the application, 409 for a taken name, 400 for a permission no client could use. */
  create(caller: ManagementCaller, appId: AppId | null, input: RoleInput): Promise<Role> {
    return this.#within(caller, appId, async (db, home) => {
      assertPermissions(home, input);
      const role = await new RoleStore(db).insert(home, newId<RoleId>(), input);
      await this.#record(db, caller, 'role.created', role);
      return role;
    });
  }

  /** Absent members stay. @throws as `create`. */
  update(
    caller: ManagementCaller,
    appId: AppId | null,
    roleId: RoleId,
    input: Partial<RoleInput>,
  ): Promise<Role> {
    return this.#within(caller, appId, async (db, home) => {
      assertPermissions(home, input);
      await hold(db, caller, home, roleId);
      const role = await new RoleStore(db).update(home, roleId, input);
      if (!role) throw roleNotFound();
      await this.#record(db, caller, 'role.updated', role, { fields: Object.keys(input) });
      return role;
    });
  }

  /** Takes the role from everybody who has it. @throws 404, or 409 where a client would have none left. */
  remove(caller: ManagementCaller, appId: AppId | null, roleId: RoleId): Promise<Role> {
    return this.#within(caller, appId, async (db, home) => {
      const role = await hold(db, caller, home, roleId);
      if (appId === null) await assertNobodysOnly(db, home, roleId);
      else {
        const holders = await new RoleAssignmentStore(db).usersWith(caller.tenantId, roleId);
        await new RefreshTokenTriggerStore(db).pull(
          caller.tenantId,
          'invalidateOnMemberRoleUpdate',
          holders,
          appId,
        );
      }
      await new RoleStore(db).remove(home, roleId);
      await this.#record(db, caller, 'role.deleted', role);
      return role;
    });
  }

  async #within<T>(
    caller: ManagementCaller,
    appId: AppId | null,
    work: (db: Database, home: RoleHome) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.#db.transaction().execute(async (trx) => {
        if (appId !== null) await holdApplication(trx, caller, appId);
        return work(trx, { tenantId: caller.tenantId, appId });
      });
    } catch (error) {
      throw isUniqueViolation(error, 'roles_name') ? taken('role_name is already taken') : error;
    }
  }

  #record(
    db: Database,
    caller: ManagementCaller,
    type: string,
    role: Role,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    return this.#audit.record(db, {
      tenantId: caller.tenantId,
      type,
      actor: actorOf(caller),
      subject: role.roleId,
      details: { name: role.name, ...(role.appId !== null && { app_id: role.appId }), ...details },
    });
  }
}

/** The role as the caller has seen it, kept from others until the transaction ends. @throws 404, 412 */
async function hold(db: Database, caller: ManagementCaller, home: RoleHome, roleId: RoleId): Promise<Role> {
  const role = await new RoleStore(db).findLocked(home, roleId);
  if (!role) throw roleNotFound();
  assertUnchanged(caller, role);
  return role;
}

/** A client without roles may do everything in its reach (contract D15): a deletion must not make it one. */
async function assertNobodysOnly(db: Database, home: RoleHome, roleId: RoleId): Promise<void> {
  const clientId = await new RoleStore(db).soleHolder(home, roleId);
  if (clientId !== undefined)
    throw conflict(
      `This is the only role of client ${clientId}, which could do everything without it; change its role_ids first`,
    );
}

/** What a user role permits is the application's own language; client roles speak of the management API. */
function assertPermissions(home: RoleHome, { permissions = [] }: Partial<RoleInput>): void {
  const problems = home.appId === null ? clientPermissionProblems(permissions) : [];
  if (problems.length > 0) throw invalid(...problems);
}
