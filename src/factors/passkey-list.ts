/** A user's own passkeys: seen, named and removed (for the account page and whoever speaks for the user). */
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
    const owned = { tenantId, userId, credentialId };
    await this.#change('user.passkey_removed', owned, (store) =>
      store.remove(tenantId, userId, credentialId),
    );
  }

  /** Undefined takes the name away. @throws 404 for one that the user does not have */
  async rename(
    tenantId: TenantId,
    userId: UserId,
    credentialId: string,
    label: string | undefined,
  ): Promise<void> {
    const owned = { tenantId, userId, credentialId };
    await this.#change('user.passkey_renamed', owned, (store) =>
      store.setLabel(tenantId, userId, credentialId, label),
    );
  }

  async #change(
    type: 'user.passkey_removed' | 'user.passkey_renamed',
    { tenantId, userId, credentialId }: { tenantId: TenantId; userId: UserId; credentialId: string },
    change: (store: PasskeyStore) => Promise<boolean>,
  ): Promise<void> {
    await this.#parts.db.transaction().execute(async (trx) => {
      if (!(await change(new PasskeyStore(trx)))) throw notFound('Passkey not found');
      await this.#parts.audit.record(trx, {
        tenantId,
        type,
        actor: { kind: 'user', id: userId },
        subject: userId,
        details: { credential_id: credentialId },
      });
    });
  }
}
