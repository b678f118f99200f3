/**
 * The first proof that a user can be reached: whoever made the account may be somebody else, so that nothing with which
 * they could sign in outlives it (pre-hijacked accounts). Both faces come by here.
 */
import type { AuditLog } from '../audit/audit-log.ts';
import type { AppId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { CredentialRemovalStore } from './credential-removal-store.ts';
import { hasVerifiedContact, newlyVerified, type ProvedContact } from './proved-contact.ts';
import type { User } from './user.ts';
import { UserStore } from './user-store.ts';

/** Runs in the transaction of the removal, where there was something to remove. */
export type OnCredentialsRemoved = (db: Database, user: User, appId: AppId | undefined) => Promise<void>;

interface Place {
  readonly appId?: AppId;
  /** Who proves the contact has just shown an earlier credential as well: it is one person, who keeps all of them. */
  readonly hasShownCredential?: boolean;
  /** The password has just been chosen by who proves the contact. */
  readonly keepPassword?: boolean;
}

interface Parts {
  readonly audit: AuditLog;
  readonly onCredentialsRemoved?: OnCredentialsRemoved;
}

export class FirstProof {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Writes down that the contact is the user's own, under the user's lock. `isFirst`: the caller ends the sessions once the
   * transaction is over.
   */
  async note(
    db: Database,
    user: User,
    proved: ProvedContact,
    { appId, hasShownCredential = false, keepPassword = false }: Place,
  ): Promise<{ readonly user: User; readonly isFirst: boolean }> {
    const news = newlyVerified(user, proved);
    if (!news) return { user, isFirst: false };
    const known = (await new UserStore(db).update(user, news)) ?? user;
    if (hasShownCredential || hasVerifiedContact(user)) return { user: known, isFirst: false };
    await this.#forget(db, known, { appId, keepPassword });
    return { user: (await new UserStore(db).find(user.tenantId, user.userId)) ?? known, isFirst: true };
  }

  async #forget(
    db: Database,
    user: User,
    { appId, keepPassword }: { appId: AppId | undefined; keepPassword: boolean },
  ): Promise<void> {
    const { password, passkeys, authenticators } = await new CredentialRemovalStore(db).removeAll(user, {
      keepPassword,
    });
    if (!password && passkeys + authenticators === 0) return;
    await this.#parts.audit.record(db, {
      tenantId: user.tenantId,
      type: 'user.unproved_credentials_removed',
      actor: { kind: 'user', id: user.userId },
      subject: user.userId,
      details: { password, passkeys, authenticators, ...(appId !== undefined && { appId }) },
    });
    await this.#parts.onCredentialsRemoved?.(db, user, appId);
  }
}
