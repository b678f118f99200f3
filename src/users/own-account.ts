/** The end of an account by the wish of its owner, with everything that rests on it. */
import type { AuditLog } from '../audit/audit-log.ts';
import { notFound } from '../base/errors.ts';
import type { TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import { DepartureStore } from './departure-store.ts';
import type { User } from './user.ts';
import { UserStore } from './user-store.ts';

interface Parts {
  readonly db: Database;
  readonly audit: AuditLog;
  /** Holds the user's sessions and all else that expires. */
  readonly ephemeral: Pick<EphemeralStore, 'removeByUser'>;
}

export class OwnAccount {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** `onDeleted` runs in the same transaction: the farewell is sent if it commits. @throws 404 */
  async delete(
    tenantId: TenantId,
    userId: UserId,
    onDeleted: (db: Database, user: User) => Promise<void>,
  ): Promise<void> {
    const { db, audit, ephemeral } = this.#parts;
    await db.transaction().execute(async (trx) => {
      const store = new UserStore(trx);
      await new DepartureStore(trx).holdOrganizations(tenantId, userId);
      await store.lock(tenantId, userId);
      const user = await store.find(tenantId, userId);
      if (!user || !(await store.delete(tenantId, userId))) throw notFound('User not found');
      const details = { by: 'owner' };
      const actor = { kind: 'user', id: userId } as const;
      await audit.record(trx, { tenantId, type: 'user.deleted', actor, subject: userId, details });
      await onDeleted(trx, user);
    });
    await ephemeral.removeByUser(tenantId, userId);
  }
}
