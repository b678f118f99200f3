/** What can be done with users, each with its audit event. Passwords of existing users: password-service.ts. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { conflict, invalid, taken } from '../base/errors.ts';
import type { TenantId, UserId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { type Database, isForeignKeyViolation, isUniqueViolation } from '../storage/database.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import { leaveApplication } from './departure.ts';
import { MemberByIdStore } from './member-by-id-store.ts';
import { lockMember, reachOf, userNotFound } from './member-lock.ts';
import type { PasswordHasher } from './password.ts';
import { LEAST_POLICY, weaknesses } from './password-policy.ts';
import { mergeProfile } from './profile-merge.ts';
import { type RefreshTokenTrigger, RefreshTokenTriggerStore } from './refresh-token-trigger-store.ts';
import {
  documentProblem,
  type IdentifierKind,
  isStorableText,
  type Member,
  type User,
  type UserProfile,
} from './user.ts';
import type { UserFilter } from './user-filter.ts';
import { UserListStore, type UserPage, type UserPageQuery } from './user-list-store.ts';
import { type MembershipValues, UserStore, type UserValues } from './user-store.ts';

export interface UserInput {
  readonly values: Omit<UserValues, 'passwordHash'>;
  readonly membership: MembershipValues;
}
export interface NewUserInput extends UserInput {
  readonly password?: string;
  /** The password is a temporary one (`force_replace`). */
  readonly mustChange?: boolean;
}
const identifierTaken = () => taken('An identifier of this user already belongs to another user');

/** Turns the duplicate that a concurrent write made into the same 409, and what it deleted under our hands into another. */
async function uniquely<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (isForeignKeyViolation(error))
      throw conflict('The application or the user was deleted at this moment; send the request again');
    throw isUniqueViolation(error) ? identifierTaken() : error;
  }
}

/** Of what will be stored: a merge can outgrow what no single request does. @throws 400 */
function assertSize(profile: UserProfile | undefined, { customAppData }: MembershipValues): void {
  const problems = [
    documentProblem('custom_data', profile?.custom_data),
    documentProblem('custom_app_data', customAppData),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw invalid(...problems);
}

const endRefreshTokens = (db: Database, user: User, trigger: RefreshTokenTrigger): Promise<void> =>
  new RefreshTokenTriggerStore(db).pull(user.tenantId, trigger, [user.userId]);

export class UserService {
  readonly #db: Database;
  readonly #hasher: PasswordHasher;
  readonly #audit: AuditLog;
  readonly #byId: MemberByIdStore;
  readonly #sessions: { endAll(userId: UserId): Promise<unknown> };
  readonly #ephemeral: Pick<EphemeralStore, 'removeByUser'>;
  constructor(parts: {
    db: Database;
    hasher: PasswordHasher;
    audit: AuditLog;
    /** Ends the user's browser sessions; the clients are told. */
    sessions: { endAll(userId: UserId): Promise<unknown> };
    /** Holds what else lives for a while. */
    ephemeral: Pick<EphemeralStore, 'removeByUser'>;
  }) {
    this.#sessions = parts.sessions;
    this.#ephemeral = parts.ephemeral;
    this.#db = parts.db;
    this.#byId = new MemberByIdStore(parts.db);
    this.#hasher = parts.hasher;
    this.#audit = parts.audit;
  }

  /** For the engine: the user, whatever the application. */
  find(tenantId: TenantId, userId: UserId): Promise<User | undefined> {
    return new UserStore(this.#db).find(tenantId, userId);
  }

  /** @throws 404 where the caller does not reach such a user. */
  async get(caller: ManagementCaller, kind: IdentifierKind, value: string): Promise<Member> {
    if (!isStorableText(value)) throw userNotFound();
    const reach = reachOf(caller);
    const member = await (kind === 'userId'
      ? this.#byId.find(reach, value as UserId)
      : new UserStore(this.#db).findMember(reach, kind, value));
    if (member === undefined) throw userNotFound();
    return member;
  }

  list(caller: ManagementCaller, query: UserPageQuery): Promise<UserPage> {
    return new UserListStore(this.#db).list(reachOf(caller), query);
  }

  count(caller: ManagementCaller, filter?: UserFilter): Promise<number> {
    return new UserListStore(this.#db).count(reachOf(caller), filter === undefined ? {} : { filter });
  }

  /**
   * Creates the user, or brings an existing user of the tenant into the application. `also` is done with a new user in the
   * same transaction, and is not for existing ones. @throws 400, 409
   */
  async create(
    caller: ManagementCaller,
    input: NewUserInput,
    also?: (db: Database, userId: UserId) => Promise<void>,
  ): Promise<Member> {
    const { email, phoneNumber } = input.values;
    const canSignIn = input.membership.username !== undefined && input.password !== undefined;
    if (email === undefined && phoneNumber === undefined && !canSignIn)
      throw invalid('Give an email, a phone_number, or a username together with credentials');
    const fault =
      input.password === undefined ? undefined : weaknesses(input.password, LEAST_POLICY)[0]?.message;
    if (fault !== undefined) throw invalid(`credentials.password: ${fault}`);
    assertSize(input.values.profile, input.membership);
    const owner = await this.#soleOwner(caller, input.values);
    // What an application says about its new user it must not say about somebody who has been there before.
    if (owner && also) throw conflict('delegated_access is for new users; this user exists already');
    // Hashed outside the transaction: it takes long and must not hold a connection.
    const passwordHash =
      owner || input.password === undefined ? undefined : await this.#hasher.hash(input.password);
    const values = {
      ...input.values,
      ...(passwordHash !== undefined && { passwordHash, passwordMustChange: input.mustChange ?? false }),
    };
    return uniquely(
      this.#db.transaction().execute(async (db) => {
        const store = new UserStore(db);
        if (owner && !(await store.lock(caller.tenantId, owner.userId)))
          throw conflict('The user was deleted at this moment; send the request again');
        const user = owner ?? (await store.insert(caller.tenantId, newId<UserId>(), values));
        await store.putMembership(user, caller.appId, input.membership);
        await also?.(db, user.userId);
        await this.#record(db, caller, owner ? 'user.associated' : 'user.created', user);
        const membership = await store.findMembership(user.tenantId, user.userId, caller.appId);
        return { user, ...(membership && { membership }) };
      }),
    );
  }

  /** The tenant user to associate. @throws 409 where the identifiers are taken for good. */
  async #soleOwner(caller: ManagementCaller, values: UserValues): Promise<User | undefined> {
    const store = new UserStore(this.#db);
    const [owner, ...others] = await store.findOwners(caller.tenantId, values);
    if (owner === undefined) return undefined;
    const isMember = (await store.findMembership(owner.tenantId, owner.userId, caller.appId)) !== undefined;
    if (others.length > 0 || caller.kind === 'admin' || isMember) throw identifierTaken();
    return owner;
  }

  /** Sets what is given; `custom_data` is merged shallowly. @throws 404, 409 */
  async update(caller: ManagementCaller, userId: string, input: UserInput): Promise<Member> {
    await uniquely(
      this.#locked(caller, userId, async (db, { user, membership }) => {
        const profile = mergeProfile(user.profile, input.values.profile);
        assertSize(input.values.profile?.custom_data && profile, input.membership);
        const appId = membership?.appId ?? caller.appId;
        const store = new UserStore(db);
        if ((await store.update(user, { ...input.values, profile })) === undefined) throw userNotFound();
        if (Object.keys(input.membership).length > 0)
          await store.putMembership(user, appId, input.membership);
        if (input.values.status === 'Disabled' && user.status !== 'Disabled')
          await endRefreshTokens(db, user, 'invalidateOnMemberSuspension');
        const changed = Object.keys({ ...input.values, ...input.values.profile, ...input.membership });
        await this.#record(db, caller, 'user.updated', user, {
          changed: changed.filter((name) => name !== 'profile'),
        });
      }),
    );
    if (input.values.status === 'Disabled') await this.#endSessions(caller, userId);
    return this.get(caller, 'userId', userId);
  }

  /** What is gone must not come back with a session that began before: the user authenticates again. */
  async #endSessions(caller: ManagementCaller, userId: string): Promise<void> {
    await this.#sessions.endAll(userId as UserId);
    await this.#ephemeral.removeByUser(caller.tenantId, userId as UserId);
  }

  /** Takes the user out of the caller's application, with all that rests on being there. @throws 404, 412 */
  async removeFromApp(caller: ManagementCaller, userId: string): Promise<void> {
    await this.#db.transaction().execute((db) => leaveApplication(db, this.#audit, caller, userId));
    await this.#endSessions(caller, userId);
  }

  /** Deletes the user from the whole tenant, with every grant. @throws 404 */
  async delete(caller: ManagementCaller, userId: string): Promise<void> {
    await this.#locked(caller, userId, async (db, { user }) => {
      if (!(await new UserStore(db).delete(user.tenantId, user.userId))) throw userNotFound();
      await this.#record(db, caller, 'user.deleted', user);
    });
    await this.#endSessions(caller, userId);
  }

  /** Runs with the user locked and read after the lock. @throws 404, or 412 where the caller saw another state */
  #locked<T>(
    caller: ManagementCaller,
    userId: string,
    work: (db: Database, member: Member) => Promise<T>,
  ): Promise<T> {
    return this.#db.transaction().execute(async (db) => work(db, await lockMember(db, caller, userId)));
  }

  #record(
    db: Database,
    caller: ManagementCaller,
    type: string,
    user: User,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    return this.#audit.record(db, {
      tenantId: caller.tenantId,
      type,
      actor: { kind: caller.kind, id: caller.clientId },
      subject: user.userId,
      details,
    });
  }
}
