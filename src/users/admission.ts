/** Who comes in without an administrator: users who have proved a contact, and those who sign up. */
import type { AuditLog } from '../audit/audit-log.ts';
import { taken } from '../base/errors.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { type Database, isUniqueViolation } from '../storage/database.ts';
import type { User } from './user.ts';
import { type MembershipValues, UserStore, type UserValues } from './user-store.ts';

/** Where and how somebody signs in. */
export interface Arrival {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  /** What was proved, as `amr` names it. */
  readonly factor: string;
  readonly ip?: string;
}

/** What a code or link has shown to be the person's own. */
export type ProvedContact = { readonly email: string } | { readonly phoneNumber: string };

export class Admission {
  readonly #db: Database;
  readonly #audit: AuditLog;
  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  /**
   * Notes the sign-in of a user who has proved a factor; a user of the tenant who is new to the application becomes a
   * member. A proved contact that is the user's own counts as verified from now on.
   * @returns undefined where the user was disabled or deleted meanwhile
   */
  signedIn(arrival: Arrival, userId: UserId, proved?: ProvedContact): Promise<User | undefined> {
    return this.#db.transaction().execute((db) => this.#admit(db, arrival, userId, proved));
  }

  /** Makes a user whose sign-in this is. @throws 409 where an identifier belongs to somebody meanwhile */
  async signUp(arrival: Arrival, values: UserValues, membership: MembershipValues = {}): Promise<User> {
    try {
      return await this.#db.transaction().execute(async (db) => {
        const store = new UserStore(db);
        const made = await store.insert(arrival.tenantId, newId<UserId>(), values);
        await store.putMembership(made, arrival.appId, membership);
        await this.#record(db, arrival, 'user.signed_up', made);
        return (await this.#admit(db, arrival, made.userId)) ?? made;
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
    const [owner] = await new UserStore(this.#db).findOwners(arrival.tenantId, proved);
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
  ): Promise<User | undefined> {
    const store = new UserStore(db);
    if (!(await store.lock(arrival.tenantId, userId))) return undefined;
    const found = await store.find(arrival.tenantId, userId);
    const user = found && (await store.markSignedIn(found));
    if (!user) return undefined;
    const news = proved && newlyVerified(user, proved);
    const known = (news && (await store.update(user, news))) ?? user;
    await store.putMembership(known, arrival.appId, {});
    await this.#record(db, arrival, 'user.signed_in', known);
    return known;
  }

  #record(db: Database, { tenantId, appId, factor, ip }: Arrival, type: string, user: User): Promise<void> {
    return this.#audit.record(db, {
      tenantId,
      type,
      actor: { kind: 'user', id: user.userId },
      subject: user.userId,
      details: { appId, method: factor, ...(ip !== undefined && { ip }) },
    });
  }
}

function newlyVerified(user: User, proved: ProvedContact): UserValues | undefined {
  if ('email' in proved)
    return user.email === proved.email && user.emailVerifiedAt === undefined
      ? { emailVerifiedAt: new Date() }
      : undefined;
  return user.phoneNumber === proved.phoneNumber && user.phoneNumberVerifiedAt === undefined
    ? { phoneNumberVerifiedAt: new Date() }
    : undefined;
}
