/** Setting passwords: by an application, by the person who knows the old one, or after a reset. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { ManagementCaller } from '../base/caller.ts';
import { conflict, taken } from '../base/errors.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import { type Database, isUniqueViolation } from '../storage/database.ts';
import type { FirstProof } from './first-proof.ts';
import type { GuessLimiter, GuessOutcome } from './guess-limiter.ts';
import { lockMember, userNotFound } from './member-lock.ts';
import type { PasswordHasher } from './password.ts';
import { PasswordHistoryStore } from './password-history-store.ts';
import type { PasswordSettings } from './password-policy.ts';
import { ownerOf, type PasswordRules } from './password-rules.ts';
import { passwordKey } from './password-sign-in.ts';
import type { ProvedContact } from './proved-contact.ts';
import { RefreshTokenTriggerStore } from './refresh-token-trigger-store.ts';
import { assertSoleApplication } from './sole-application.ts';
import type { Member, User } from './user.ts';
import { UserStore } from './user-store.ts';

/** Runs in the transaction of the change where the application wants its users told (`notifyOnPasswordUpdate`). */
export type OnPasswordUpdated = (db: Database, user: User, appId: AppId | undefined) => Promise<void>;

export interface Who {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  /** The application in which it happens. */
  readonly appId?: AppId;
}

interface Replacement {
  readonly hash: string;
  readonly settings: PasswordSettings;
  readonly type: 'user.password_changed' | 'user.password_reset';
  /** The hash that was seen to be right; the change fails where it is another one by now. */
  readonly was?: string;
  /** What the person has shown to be their own. */
  readonly proved?: readonly ProvedContact[];
}

interface Parts {
  readonly db: Database;
  readonly hasher: PasswordHasher;
  readonly audit: AuditLog;
  readonly rules: PasswordRules;
  readonly limiter: GuessLimiter;
  readonly firstProof: Pick<FirstProof, 'note'>;
  /** Ends the browser sessions of the user, but for one. */
  endSessions(userId: UserId, exceptUid?: string): Promise<unknown>;
  readonly onPasswordUpdated?: OnPasswordUpdated;
}

export class PasswordService {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * An application sets a password that already met its policy, and a username if given. A lock by guessing ends.
   * @throws 403 where the user is not the application's alone; 409 for a taken username, or where the user got a first password meanwhile; 503
   */
  async set(
    caller: ManagementCaller,
    member: Member,
    input: { password: string; username?: string; mustChange: boolean; settings: PasswordSettings },
  ): Promise<void> {
    const passwordHash = await this.#parts.hasher.hash(input.password);
    const { username, mustChange, settings } = input;
    const work = this.#parts.db.transaction().execute(async (db) => {
      const { user, membership } = await lockMember(db, caller, member.user.userId);
      await assertSoleApplication(db, caller, user.userId);
      // Of two first passwords at once only one may be set.
      if (user.hasPassword && !member.user.hasPassword) throw conflict('The user already has a password');
      const appId = membership?.appId ?? caller.appId;
      await this.#replace(db, user, { passwordHash, passwordMustChange: mustChange });
      if (username !== undefined) await new UserStore(db).putMembership(user, appId, { username });
      await this.#parts.audit.record(db, {
        tenantId: user.tenantId,
        type: 'user.password_set',
        actor: { kind: caller.kind, id: caller.clientId },
        subject: user.userId,
      });
      if (user.hasPassword) await this.#notify(db, user, appId, settings);
    });
    await work.catch((error: unknown) => {
      throw isUniqueViolation(error) ? taken('The username already belongs to another user') : error;
    });
    await this.#unlock(member.user);
  }

  /**
   * The person knows the present password. Guessing here counts like guessing at the sign-in. Other browser sessions
   * end. @throws 400 with the code of a rule that the new one breaks, 404, 503
   */
  async change(
    who: Who & { readonly keepSession?: string; readonly ip?: string },
    passwords: { readonly current: string; readonly next: string },
    settings: PasswordSettings,
  ): Promise<GuessOutcome<User>> {
    const { tenantId, userId, ip } = who;
    const hash = await new UserStore(this.#parts.db).findPasswordHash(tenantId, userId);
    const target = {
      tenantId,
      key: passwordKey({ userId }),
      lockout: settings.lockout,
      ...(ip !== undefined && { ip }),
    };
    const guess = await this.#parts.limiter.guess(target, async () =>
      (await this.#isPassword(hash, passwords.current)) ? hash : undefined,
    );
    if (guess.outcome !== 'right') return guess;
    const value = await this.#renew(who, passwords.next, {
      settings,
      type: 'user.password_changed',
      was: guess.value,
    });
    await this.#parts.endSessions(userId, who.keepSession);
    return { outcome: 'right', value };
  }

  /**
   * The person has proven themselves in another way; the caller has used that proof up. Every browser session ends,
   * and a lock that guessing has brought. `was`: the hash that the proof is about; `proved`: where it went. @throws 400 with the code of a rule that the password breaks, 404, 503
   */
  async reset(
    tenantId: TenantId,
    userId: UserId,
    newPassword: string,
    {
      settings,
      appId,
      was,
      proved = [],
    }: Pick<Replacement, 'settings' | 'was' | 'proved'> & { readonly appId?: AppId },
  ): Promise<User> {
    const who = { tenantId, userId, ...(appId !== undefined && { appId }) };
    const user = await this.#renew(who, newPassword, {
      settings,
      type: 'user.password_reset',
      proved,
      ...(was !== undefined && { was }),
    });
    await this.#unlock(user);
    await this.#parts.endSessions(userId);
    return user;
  }

  async #renew(who: Who, password: string, change: Omit<Replacement, 'hash'>): Promise<User> {
    const store = new UserStore(this.#parts.db);
    const { tenantId, appId, userId } = who;
    // Of the tenant where the person is new to the application: the password is the same one everywhere.
    const member =
      (appId && (await store.findMember({ tenantId, appId }, 'userId', userId))) ??
      (await store.findMember({ tenantId }, 'userId', userId));
    if (!member) throw userNotFound();
    await this.#parts.rules.assertGood(change.settings.policy, password, ownerOf(member));
    const hash = await this.#parts.hasher.hash(password);
    return this.#parts.db.transaction().execute((db) => this.#write(db, who, { ...change, hash }));
  }

  async #write(
    db: Database,
    who: Who,
    { hash, settings, type, was, proved = [] }: Replacement,
  ): Promise<User> {
    const store = new UserStore(db);
    await store.lock(who.tenantId, who.userId);
    const user = await store.find(who.tenantId, who.userId);
    if (!user) throw userNotFound();
    if (was !== undefined && (await store.findPasswordHash(who.tenantId, who.userId)) !== was)
      throw conflict('The password was changed at this moment; try again');
    const changed = await this.#replace(db, user, { passwordHash: hash, passwordMustChange: false });
    await this.#parts.audit.record(db, {
      tenantId: who.tenantId,
      type,
      actor: { kind: 'user', id: who.userId },
      subject: who.userId,
      ...(who.appId !== undefined && { details: { appId: who.appId } }),
    });
    await this.#notify(db, changed, who.appId, settings);
    let known = changed;
    for (const contact of proved)
      ({ user: known } = await this.#parts.firstProof.note(db, known, contact, {
        keepPassword: true,
        ...(who.appId !== undefined && { appId: who.appId }),
      }));
    return known;
  }

  /** A first password takes nothing away from anybody; a later one ends refresh tokens and goes to the history. */
  async #replace(
    db: Database,
    user: User,
    values: { passwordHash: string; passwordMustChange: boolean },
  ): Promise<User> {
    if (user.hasPassword) await new PasswordHistoryStore(db).push(user);
    const changed = await new UserStore(db).update(user, values);
    if (changed === undefined) throw userNotFound();
    if (user.hasPassword)
      await new RefreshTokenTriggerStore(db).pull(user.tenantId, 'invalidateOnMemberPasswordReset', [
        user.userId,
      ]);
    return changed;
  }

  /** What was guessed at is no password any more. */
  #unlock(user: User): Promise<void> {
    return this.#parts.limiter.succeeded({ tenantId: user.tenantId, key: passwordKey(user) });
  }

  async #isPassword(hash: string | undefined, password: string): Promise<boolean> {
    if (hash === undefined) return this.#parts.hasher.verifyNobody(password);
    return this.#parts.hasher.verify(hash, password);
  }

  async #notify(
    db: Database,
    user: User,
    appId: AppId | undefined,
    settings: PasswordSettings,
  ): Promise<void> {
    if (settings.notifyOnUpdate) await this.#parts.onPasswordUpdated?.(db, user, appId);
  }
}
