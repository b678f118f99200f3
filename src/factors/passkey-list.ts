/** A user's own passkeys: seen and removed (for the account page and whoever speaks for the user). */
import type { AuditLog } from '../audit/audit-log.ts';
import { notFound } from '../base/errors.ts';
import type { TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { type Passkey, PasskeyStore } from '../users/passkey-store.ts';

export class PasskeyList {
  readonly #parts: { readonly db: Database; readonly audit: AuditLog };
  constructor(parts: { readonly db: Database; readonly audit: AuditLog }) {
    this.#parts = parts;
  }

  /** Oldest first, those of every application and of the hosted pages. */
  list(tenantId: TenantId, userId: UserId): Promise<Passkey[]> {
    return new PasskeyStore(this.#parts.db).list(tenantId, userId);
  }

  /** @throws 404 for one that the user does not have */
  async remove(tenantId: TenantId, userId: UserId, credentialId: string): Promise<void> {
    await this.#parts.db.transaction().execute(async (trx) => {
      if (!(await new PasskeyStore(trx).remove(tenantId, userId, credentialId)))
        throw notFound('Passkey not found');
      await this.#parts.audit.record(trx, {
        tenantId,
        type: 'user.passkey_removed',
        actor: { kind: 'user', id: userId },
        subject: userId,
        details: { credential_id: credentialId },
      });
    });
  }
}
