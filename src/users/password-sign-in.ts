/** Signing in with an identifier and a password: who is meant, whether the guess may be made, and what follows from it. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { GuessLimiter, GuessOutcome } from './guess-limiter.ts';
import type { PasswordHasher } from './password.ts';
import { isPasswordExpired, isTemporaryOver } from './password-age.ts';
import type { PasswordSettings } from './password-policy.ts';
import { isStorableText, type User } from './user.ts';
import { type Candidate, type SignInIdentifier, UserStore } from './user-store.ts';

export interface SignIn {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  /** Email, phone number, or username of the application. */
  readonly identifier: string;
  /** Absent: any of the three. */
  readonly identifierKind?: SignInIdentifier | readonly SignInIdentifier[];
  readonly password: string;
  /** Address of the person; absent where only a backend knows it. */
  readonly ip?: string;
  /** Those of the application. */
  readonly settings: PasswordSettings;
}

export type SignInOutcome =
  | { readonly outcome: 'ok'; readonly user: User }
  /** Wrong, unknown and disabled alike. */
  | { readonly outcome: 'wrong' }
  /** Of users that exist and of those that do not. */
  | { readonly outcome: 'locked'; readonly until: Date }
  /** The password was right and has to be replaced; nobody is signed in. */
  | { readonly outcome: 'expired' | 'temporary'; readonly user: User };

/** What a user's guesses at the password are counted under, whatever the application. */
export const passwordKey = ({ userId }: Pick<User, 'userId'>): string => `pwd:${userId}`;

/** An unknown user is counted as far as a known one would be: emails and phone numbers belong to the tenant. */
const strangerKey = (appId: AppId, identifier: string): string =>
  /@|^\+?\d+$/.test(identifier)
    ? `pwd:?:${identifier.toLowerCase()}`
    : `pwd:?:${appId}:${identifier.toLowerCase()}`;

export class PasswordSignIn {
  readonly #db: Database;
  readonly #hasher: PasswordHasher;
  readonly #audit: AuditLog;
  readonly #limiter: GuessLimiter;
  constructor(parts: { db: Database; hasher: PasswordHasher; audit: AuditLog; limiter: GuessLimiter }) {
    this.#db = parts.db;
    this.#hasher = parts.hasher;
    this.#audit = parts.audit;
    this.#limiter = parts.limiter;
  }

  /**
   * Takes the same time and the same statements whoever is meant. A user of the tenant who is new to the application
   * becomes a member. @throws 503 under too much load, in which case the attempt does not count
   */
  async signIn(request: SignIn): Promise<SignInOutcome> {
    const { tenantId, settings, ip } = request;
    this.#hasher.assertRoom();
    const identifier = request.identifier.trim();
    const candidate = await this.#candidate({ ...request, identifier });
    const key = candidate ? passwordKey(candidate.user) : strangerKey(request.appId, identifier);
    const target = { tenantId, key, lockout: settings.lockout, ...(ip !== undefined && { ip }) };
    const guess = await this.#limiter.guess(target, () => this.#verify(candidate, request));
    if (guess.outcome === 'locked') return guess;
    if (guess.outcome === 'wrong') {
      await this.#recordFailure(request, candidate?.user, guess.lockedUntil);
      return { outcome: 'wrong' };
    }
    await this.#upgradeHash(guess.value, request.password);
    return this.#admit(guess.value.user, request);
  }

  /**
   * Whether a user who has signed in otherwise knows the password, too: an expired one as well. Counts like a guess at the
   * sign-in. @throws 503 under too much load
   */
  async confirm(
    { userId, ...where }: Pick<SignIn, 'tenantId' | 'appId' | 'ip'> & { readonly userId: UserId },
    password: string,
    settings: PasswordSettings,
  ): Promise<GuessOutcome<Candidate>> {
    const request: SignIn = { ...where, identifier: userId, password, settings };
    const { tenantId, ip } = request;
    this.#hasher.assertRoom();
    const store = new UserStore(this.#db);
    const user = await store.find(tenantId, userId);
    const passwordHash = await store.findPasswordHash(tenantId, userId);
    const candidate = user && { user, passwordHash };
    const key = passwordKey({ userId });
    const target = { tenantId, key, lockout: settings.lockout, ...(ip !== undefined && { ip }) };
    const guess = await this.#limiter.guess(target, () => this.#verify(candidate, request));
    if (guess.outcome === 'wrong') await this.#recordFailure(request, user, guess.lockedUntil);
    return guess;
  }

  async #candidate({ tenantId, appId, identifier, identifierKind }: SignIn): Promise<Candidate | undefined> {
    if (!isStorableText(identifier)) return undefined;
    return new UserStore(this.#db).findCandidate({ tenantId, appId }, identifier, identifierKind);
  }

  /** The candidate if this is the password. */
  async #verify(
    candidate: Candidate | undefined,
    { password, settings }: SignIn,
  ): Promise<Candidate | undefined> {
    const hash = candidate?.passwordHash;
    const isRight =
      hash === undefined
        ? await this.#hasher.verifyNobody(password)
        : await this.#hasher.verify(hash, password);
    if (!isRight || candidate === undefined || candidate.user.status === 'Disabled') return undefined;
    return isTemporaryOver(candidate.user, settings, new Date()) ? undefined : candidate;
  }

  async #admit(found: User, { tenantId, appId, ip, settings }: SignIn): Promise<SignInOutcome> {
    if (found.passwordMustChange) return { outcome: 'temporary', user: found };
    if (isPasswordExpired(found, settings, new Date())) return { outcome: 'expired', user: found };
    return this.#db.transaction().execute(async (db) => {
      const store = new UserStore(db);
      const user = await store.markSignedIn(found);
      if (user === undefined) return { outcome: 'wrong' };
      await store.putMembership(user, appId, {});
      await this.#audit.record(db, {
        tenantId,
        type: 'user.signed_in',
        actor: { kind: 'user', id: user.userId },
        subject: user.userId,
        details: { appId, ip },
      });
      return { outcome: 'ok', user };
    });
  }

  /** Written for strangers as well: what is not written could be measured. */
  async #recordFailure({ tenantId, appId, ip }: SignIn, user: User | undefined, until?: Date): Promise<void> {
    const about = {
      tenantId,
      actor: { kind: 'system', id: 'sign-in' },
      subject: user?.userId ?? 'unknown',
    } as const;
    const details = { appId, ip, method: 'pwd' };
    await this.#audit.record(this.#db, { ...about, type: 'user.sign_in_failed', details });
    if (until)
      await this.#audit.record(this.#db, {
        ...about,
        type: 'user.locked_out',
        details: { ...details, until: until.toISOString() },
      });
  }

  /** A hash that another product made is kept no longer than until its password is known. */
  async #upgradeHash({ user, passwordHash }: Candidate, password: string): Promise<void> {
    if (passwordHash === undefined || !this.#hasher.isOutdated(passwordHash)) return;
    // Where the hasher is busy, the next sign-in will do: the password is right.
    const fresh = await this.#hasher.hash(password).catch(() => undefined);
    if (fresh !== undefined)
      await new UserStore(this.#db).replaceHash(user, { from: passwordHash, to: fresh });
  }
}
