/** The verbs of client groups. Clients join with their own `client_group_id`. */
import { type AuditLog, actorOf } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { conflict, invalid, notFound } from '../base/errors.ts';
import type { SsoGroupId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isForeignKeyViolation } from '../storage/database.ts';
import type { SsoGroup, SsoGroupInput } from './sso-group.ts';
import { SsoGroupStore } from './sso-group-store.ts';

const missing = () => notFound('Client group not found');

/** A group that is written names its policy; the database knows whether there is one. */
const writeFault = (error: unknown): unknown =>
  isForeignKeyViolation(error)
    ? invalid(
        'configuration.journey: unknown sign-in policy; name one of the tenant, or "default" for hosted login',
      )
    : error;

export class SsoGroupService {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  list(caller: ManagementCaller): Promise<SsoGroup[]> {
    return new SsoGroupStore(this.#db).list(caller.tenantId);
  }

  /** @throws 404 */
  async get(caller: ManagementCaller, id: SsoGroupId): Promise<SsoGroup> {
    const group = await new SsoGroupStore(this.#db).find(caller.tenantId, id);
    if (!group) throw missing();
    return group;
  }

  /** @throws 400 for a journey that names no policy */
  async create(caller: ManagementCaller, input: SsoGroupInput): Promise<SsoGroup> {
    const head = {
      tenantId: caller.tenantId,
      groupId: newId<SsoGroupId>(),
      createdBy: actorOf(caller).id,
    };
    try {
      return await this.#db.transaction().execute(async (trx) => {
        const group = await new SsoGroupStore(trx).insert(head, input);
        await this.#audit.recordBy(trx, caller, { type: 'sso_group.created', subject: group.groupId });
        return group;
      });
    } catch (error) {
      throw writeFault(error);
    }
  }

  /** Absent members stay; the configuration is replaced as a whole. @throws 404, 412, 400 for a journey that names no policy */
  async update(caller: ManagementCaller, id: SsoGroupId, input: Partial<SsoGroupInput>): Promise<SsoGroup> {
    try {
      return await this.#update(caller, id, input);
    } catch (error) {
      throw writeFault(error);
    }
  }

  #update(caller: ManagementCaller, id: SsoGroupId, input: Partial<SsoGroupInput>): Promise<SsoGroup> {
    return this.#locked(caller, id, async (trx, { name, description, configuration }) => {
      const updated = await new SsoGroupStore(trx).update(caller.tenantId, id, {
        name: input.name ?? name,
        description: input.description ?? description,
        configuration: input.configuration ?? configuration,
      });
      await this.#audit.recordBy(trx, caller, {
        type: 'sso_group.updated',
        subject: id,
        details: { fields: Object.keys(input) },
      });
      return updated;
    });
  }

  /** @throws 404, 412, or 409 while it has clients. */
  async remove(caller: ManagementCaller, id: SsoGroupId): Promise<void> {
    try {
      await this.#locked(caller, id, async (trx) => {
        await new SsoGroupStore(trx).remove(caller.tenantId, id);
        await this.#audit.recordBy(trx, caller, { type: 'sso_group.deleted', subject: id });
      });
    } catch (error) {
      throw isForeignKeyViolation(error) ? conflict('Client group has clients') : error;
    }
  }

  #locked<T>(
    caller: ManagementCaller,
    id: SsoGroupId,
    work: (trx: Database, group: SsoGroup) => Promise<T>,
  ): Promise<T> {
    return this.#db.transaction().execute(async (trx) => {
      const group = await new SsoGroupStore(trx).findLocked(caller.tenantId, id);
      if (!group) throw missing();
      assertUnchanged(caller, group);
      return work(trx, group);
    });
  }
}
