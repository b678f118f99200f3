/** What users may do to themselves with their own token: read and change the profile, set a first password (C25). */
import type { AuditLog } from '../audit/audit-log.ts';
import type { UserCaller } from '../base/caller.ts';
import { forbidden, notFound, taken } from '../base/errors.ts';
import { isHouse } from '../base/house.ts';
import { assertUnchanged } from '../base/version.ts';
import { type Database, isUniqueViolation } from '../storage/database.ts';
import type { PasswordHasher } from './password.ts';
import type { Member, UserProfile } from './user.ts';
import { UserStore } from './user-store.ts';

/** Identifiers, status and custom data stay with the application. */
export type OwnFields = Pick<UserProfile, 'name' | 'address' | 'birthday' | 'language' | 'picture'>;

export class OwnProfile {
  readonly #db: Database;
  readonly #hasher: PasswordHasher;
  readonly #audit: AuditLog;
  constructor(parts: { db: Database; hasher: PasswordHasher; audit: AuditLog }) {
    this.#db = parts.db;
    this.#hasher = parts.hasher;
    this.#audit = parts.audit;
  }

  /** The user of the token, as the token's application sees them. @throws 404 when removed from it meanwhile. */
  get(caller: UserCaller): Promise<Member> {
    return find(this.#db, caller);
  }

  /** Replaces the fields that are given. @throws 404, or 412 where the caller saw another state */
  update(caller: UserCaller, fields: OwnFields): Promise<Member> {
    return this.#db.transaction().execute(async (trx) => {
      await new UserStore(trx).lock(caller.tenantId, caller.userId);
      const member = await find(trx, caller);
      assertUnchanged(caller, member);
      const { user } = member;
      const profile = { ...user.profile, ...fields };
      if (!(await new UserStore(trx).update(user, { profile }))) throw userNotFound();
      await this.#record(trx, caller, 'user.updated', { changed: Object.keys(fields) });
      return find(trx, caller);
    });
  }

  /** @throws 403 where a password is set already, 409 for a username that is taken. */
  async setFirstPassword(
    caller: UserCaller,
    { password, username }: { password: string; username?: string | undefined },
  ): Promise<void> {
    const { user } = await this.get(caller);
    if (user.hasPassword) throw alreadySet();
    const passwordHash = await this.#hasher.hash(password);
    try {
      await this.#db.transaction().execute(async (trx) => {
        const store = new UserStore(trx);
        await store.lock(caller.tenantId, caller.userId);
        // Read again: of two requests at once only the first may set it.
        if ((await find(trx, caller)).user.hasPassword) throw alreadySet();
        if (!(await store.update(user, { passwordHash }))) throw userNotFound();
        if (username !== undefined) await store.putMembership(user, caller.appId, { username });
        await this.#record(trx, caller, 'user.password_set');
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw taken('The username already belongs to another user');
      throw error;
    }
  }

  #record(
    db: Database,
    { tenantId, userId, clientId }: UserCaller,
    type: string,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    const actor = { kind: 'user', id: userId } as const;
    return this.#audit.record(db, {
      tenantId,
      type,
      actor,
      subject: userId,
      details: { ...details, client_id: clientId },
    });
  }
}

const userNotFound = () => notFound('User not found');
const alreadySet = () => forbidden('The user already has a password');

/** On our own pages a user is there whatever the application. */
async function find(db: Database, { tenantId, appId, userId }: UserCaller): Promise<Member> {
  const reach = isHouse(appId) ? { tenantId } : { tenantId, appId };
  const member = await new UserStore(db).findMember(reach, 'userId', userId);
  if (!member) throw userNotFound();
  return member;
}
