/** Secondary emails and phone numbers of a user, and the word of an application, or the user's proof, that one is verified. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { Caller, ManagementCaller, UserCaller } from '../base/caller.ts';
import { notFound, taken } from '../base/errors.ts';
import { type Database, isUniqueViolation } from '../storage/database.ts';
import { lockMember, userNotFound } from './member-lock.ts';
import { normalEmail, type User, type UserProfile } from './user.ts';
import { UserStore, type UserValues } from './user-store.ts';

export type ContactKind = 'email' | 'phoneNumber';

/** One contact of either kind, in one form. */
interface Contact {
  readonly value: string;
  readonly isVerified: boolean;
}

/** What differs between the two kinds. */
const KINDS = {
  email: {
    name: 'email',
    normal: normalEmail,
    primary: (user: User) => contact(user.email, user.emailVerifiedAt),
    secondary: ({ profile }: User) =>
      (profile.secondary_emails ?? []).map(({ value, email_verified: isVerified }) => ({
        value,
        isVerified,
      })),
    toPrimary: (value: string): UserValues => ({ email: value, emailVerifiedAt: new Date() }),
    toVerified: (): UserValues => ({ emailVerifiedAt: new Date() }),
    toProfile: (list: readonly Contact[]): UserProfile => ({
      secondary_emails: list.map(({ value, isVerified }) => ({ value, email_verified: isVerified })),
    }),
  },
  phoneNumber: {
    name: 'phone number',
    normal: (value: string) => value.trim(),
    primary: (user: User) => contact(user.phoneNumber, user.phoneNumberVerifiedAt),
    secondary: ({ profile }: User) =>
      (profile.secondary_phone_numbers ?? []).map(({ value, phone_number_verified: isVerified }) => ({
        value,
        isVerified,
      })),
    toPrimary: (value: string): UserValues => ({ phoneNumber: value, phoneNumberVerifiedAt: new Date() }),
    toVerified: (): UserValues => ({ phoneNumberVerifiedAt: new Date() }),
    toProfile: (list: readonly Contact[]): UserProfile => ({
      secondary_phone_numbers: list.map(({ value, isVerified }) => ({
        value,
        phone_number_verified: isVerified,
      })),
    }),
  },
} as const;

const contact = (value: string | undefined, at: Date | undefined): Contact | undefined =>
  value === undefined ? undefined : { value, isVerified: at !== undefined };

export class ContactService {
  readonly #db: Database;
  readonly #audit: AuditLog;
  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#db = parts.db;
    this.#audit = parts.audit;
  }

  /** Removes a secondary one. @throws 404 for one that the user does not have, the primary one included */
  remove(caller: ManagementCaller, userId: string, kind: ContactKind, value: string): Promise<void> {
    return this.#change(caller, userId, 'user.contact_removed', (user) => {
      const { secondary, toProfile, normal } = KINDS[kind];
      const list = secondary(user);
      const rest = list.filter((one) => one.value !== normal(value));
      if (rest.length === list.length) throw missing(kind);
      return { profile: { ...user.profile, ...toProfile(rest) } };
    });
  }

  /**
   * Marks one as verified; `changeToPrimary` lets a secondary one change places with the primary one.
   * @throws 404 for one that the user does not have, 409 where it is the primary one of another user
   */
  verify(
    caller: Caller,
    userId: string,
    at: { readonly kind: ContactKind; readonly value: string; readonly changeToPrimary: boolean },
  ): Promise<void> {
    return this.#change(caller, userId, 'user.contact_verified', (user) => verified(user, at));
  }

  /** A contact of the signed-in user in its normal form; without a value the primary one. @throws 404 */
  async own(
    { tenantId, appId, userId }: UserCaller,
    kind: ContactKind,
    value?: string,
  ): Promise<{ user: User; value: string }> {
    const member = await new UserStore(this.#db).findMember({ tenantId, appId }, 'userId', userId);
    if (!member) throw userNotFound();
    const { normal, primary, secondary } = KINDS[kind];
    const first = primary(member.user);
    const all: readonly Contact[] = [...(first ? [first] : []), ...secondary(member.user)];
    const wanted = value === undefined ? first?.value : normal(value);
    if (!all.some((one) => one.value === wanted) || wanted === undefined) throw missing(kind);
    return { user: member.user, value: wanted };
  }

  async #change(
    caller: Caller,
    userId: string,
    type: string,
    valuesFor: (user: User) => UserValues,
  ): Promise<void> {
    try {
      await this.#db.transaction().execute(async (db) => {
        const { user } = await lockMember(db, caller, userId);
        await new UserStore(db).update(user, valuesFor(user));
        const actor = { kind: caller.kind, id: caller.kind === 'user' ? caller.userId : caller.clientId };
        const details = {};
        await this.#audit.record(db, { tenantId: user.tenantId, type, actor, subject: user.userId, details });
      });
    } catch (error) {
      throw isUniqueViolation(error) ? taken('It already belongs to another user') : error;
    }
  }
}

function verified(
  user: User,
  { kind, value, changeToPrimary }: { kind: ContactKind; value: string; changeToPrimary: boolean },
): UserValues {
  const { normal, primary, secondary, toPrimary, toVerified, toProfile } = KINDS[kind];
  const wanted = normal(value);
  const former = primary(user);
  if (former?.value === wanted) return toVerified();
  const list: readonly Contact[] = secondary(user);
  if (!list.some((one) => one.value === wanted)) throw missing(kind);
  if (!changeToPrimary) {
    const marked = list.map((one) => (one.value === wanted ? { ...one, isVerified: true } : one));
    return { profile: { ...user.profile, ...toProfile(marked) } };
  }
  const others = list.filter((one) => one.value !== wanted);
  const rest = former ? [...others, former] : others;
  return { ...toPrimary(wanted), profile: { ...user.profile, ...toProfile(rest) } };
}

const missing = (kind: ContactKind) => notFound(`The user has no such ${KINDS[kind].name}`);
