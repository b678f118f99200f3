/** Who comes in without an administrator: users who have proved a contact, and those who sign up. */
import type { AuditLog } from '../audit/audit-log.ts';
import { taken } from '../base/errors.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { type Database, isUniqueViolation } from '../storage/database.ts';
import type { FirstProof } from './first-proof.ts';
import { isOwnContact, type ProvedContact } from './proved-contact.ts';
import type { User } from './user.ts';
import { type MembershipValues, UserStore, type UserValues } from './user-store.ts';

/** Where and how somebody signs in. */
export interface Arrival {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  /** What was proved, as `amr` names it. */
  readonly factor: string;
  readonly ip?: string;
  /** Adds to what the session has proved before: the same person has shown an earlier credential. */
  readonly isContinued?: boolean;
  /** Name of the browser session in which the sign-in goes on, if there is one. */
  readonly sessionUid?: string | undefined;
  /** The same for a session of the backend family. */
  readonly backendSessionId?: string | undefined;
}

interface Parts {
  readonly db: Database;
  readonly audit: AuditLog;
  readonly firstProof: Pick<FirstProof, 'note'>;
  /** Ends the sessions of the user, but for the present one. */
  endSessions(userId: UserId, exceptUid?: string, exceptBackendSession?: string): Promise<unknown>;
}

export class Admission {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Notes the sign-in of a user who has proved a factor; a user of the tenant who is new to the application becomes a
   * member. A proved contact that is the user's own counts as verified from now on; the first one that was ever proved ends
   * what others may have set before (`FirstProof`).
   * @returns undefined where the user was disabled or deleted meanwhile, or has given up the proved contact
   */
  async signedIn(arrival: Arrival, userId: UserId, proved?: ProvedContact): Promise<User | undefined> {
    const admitted = await this.#parts.db
      .transaction()
      .execute((db) => this.#admit(db, arrival, userId, proved));
    const { sessionUid, backendSessionId } = arrival;
    if (admitted?.isFirst) await this.#parts.endSessions(userId, sessionUid, backendSessionId);
    return admitted?.user;
  }

  /** Makes a user whose sign-in this is. @throws 409 where an identifier belongs to somebody meanwhile */
  async signUp(arrival: Arrival, values: UserValues, membership: MembershipValues = {}): Promise<User> {
    try {
      return await this.#parts.db.transaction().execute(async (db) => {
        const store = new UserStore(db);
        const made = await store.insert(arrival.tenantId, newId<UserId>(), values);
        await store.putMembership(made, arrival.appId, membership);
        await this.#record(db, arrival, 'user.signed_up', made);
        return (await this.#admit(db, arrival, made.userId))?.user ?? made;
      });
    } catch (error) {
      throw isUniqueViolation(error) ? taken('An identifier already belongs to another user') : error;
    }
  }

  /** The user with this contact, or a new one. */
  async signedInOrUp(
    arrival: Arrival,
    proved: ProvedContact,
  ): Promise<{ user: User; isNew: boolean } | undefined> {
    const [owner] = await new UserStore(this.#parts.db).findOwners(arrival.tenantId, proved);
    if (owner) {
      const user = await this.signedIn(arrival, owner.userId, proved);
      return user && { user, isNew: false };
    }
    const verified =
      'email' in proved ? { emailVerifiedAt: new Date() } : { phoneNumberVerifiedAt: new Date() };
    return { user: await this.signUp(arrival, { ...proved, ...verified }), isNew: true };
  }

  async #admit(
    db: Database,
    arrival: Arrival,
    userId: UserId,
    proved?: ProvedContact,
  ): Promise<{ user: User; isFirst: boolean } | undefined> {
    const store = new UserStore(db);
    if (!(await store.lock(arrival.tenantId, userId))) return undefined;
    const found = await store.find(arrival.tenantId, userId);
    // Changed or removed since the message went there: whoever reads it now is not the user.
    if (found && proved && !isOwnContact(found, proved)) return undefined;
    const user = found && (await store.markSignedIn(found));
    if (!user) return undefined;
    const { appId, isContinued: hasShownCredential = false } = arrival;
    const noted = proved
      ? await this.#parts.firstProof.note(db, user, proved, { appId, hasShownCredential })
      : { user, isFirst: false };
    await store.putMembership(noted.user, appId, {});
    await this.#record(db, arrival, 'user.signed_in', noted.user);
    return noted;
  }

  #record(db: Database, { tenantId, appId, factor, ip }: Arrival, type: string, user: User): Promise<void> {
    return this.#parts.audit.record(db, {
      tenantId,
      type,
      actor: { kind: 'user', id: user.userId },
      subject: user.userId,
      details: { appId, method: factor, ...(ip !== undefined && { ip }) },
    });
  }
}
