/** What users do with their own emails and phone numbers; a new one is written down when it is proved, not before. */
import type { AuditLog } from '../audit/audit-log.ts';
import { conflict, notFound, taken } from '../base/errors.ts';
import type { TenantId, UserId } from '../base/ids.ts';
import { type Database, isUniqueViolation } from '../storage/database.ts';
import { type Contact, type ContactKind, KINDS, verified } from './contact-service.ts';
import type { User } from './user.ts';
import { UserStore, type UserValues } from './user-store.ts';

export interface ContactOwner {
  readonly tenantId: TenantId;
  readonly userId: UserId;
}
export interface OwnContact {
  readonly kind: ContactKind;
  readonly value: string;
}
/** Runs in the transaction of the change, with the user before and after it. */
export type OnContactChange = (db: Database, before: User, after: User) => Promise<void>;

/** As many as an application may set (management-api.md 12). */
const MOST = 50;

const userNotFound = () => notFound('User not found');
const contactNotFound = () => notFound('You have no such contact');

/** The primary one first. */
export function contactsOf(user: User, kind: ContactKind): (Contact & { readonly isPrimary: boolean })[] {
  const { primary, secondary } = KINDS[kind];
  const first = primary(user);
  return [
    ...(first ? [{ ...first, isPrimary: true }] : []),
    ...secondary(user).map((one) => ({ ...one, isPrimary: false })),
  ];
}

export class OwnContacts {
  readonly #parts: { readonly db: Database; readonly audit: AuditLog };
  constructor(parts: { db: Database; audit: AuditLog }) {
    this.#parts = parts;
  }

  /** Has just been proved: marks a known one, adds a new one, which becomes the primary one where there is none. @throws 409 */
  addProved(owner: ContactOwner, { kind, value }: OwnContact, onChange: OnContactChange): Promise<User> {
    const change = (user: User): UserValues => {
      const list = contactsOf(user, kind);
      const wanted = KINDS[kind].normal(value);
      if (list.some((one) => one.value === wanted))
        return verified(user, { kind, value, changeToPrimary: false });
      if (list.length === 0) return KINDS[kind].toPrimary(wanted);
      if (list.length > MOST)
        throw conflict(`At most ${MOST} secondary contacts can be kept; remove one first`);
      const secondary = [...KINDS[kind].secondary(user), { value: wanted, isVerified: true }];
      return { profile: { ...user.profile, ...KINDS[kind].toProfile(secondary) } };
    };
    return this.#change(owner, 'user.contact_verified', change, onChange);
  }

  /** A verified secondary one changes places with the primary one. @throws 404, 409 where it is somebody else's by now */
  makePrimary(owner: ContactOwner, { kind, value }: OwnContact, onChange: OnContactChange): Promise<User> {
    const change = (user: User): UserValues => {
      const wanted = KINDS[kind].normal(value);
      const found = contactsOf(user, kind).find((one) => one.value === wanted && !one.isPrimary);
      if (!found) throw contactNotFound();
      if (!found.isVerified) throw conflict('Only a confirmed contact can become the primary one');
      return verified(user, { kind, value, changeToPrimary: true });
    };
    return this.#change(owner, 'user.contact_made_primary', change, onChange);
  }

  /** Removes a secondary one. @throws 404, for the primary one as well */
  remove(owner: ContactOwner, { kind, value }: OwnContact, onChange: OnContactChange): Promise<User> {
    const change = (user: User): UserValues => {
      const { secondary, normal, toProfile } = KINDS[kind];
      const list: readonly Contact[] = secondary(user);
      const rest = list.filter((one) => one.value !== normal(value));
      if (rest.length === list.length) throw contactNotFound();
      return { profile: { ...user.profile, ...toProfile(rest) } };
    };
    return this.#change(owner, 'user.contact_removed', change, onChange);
  }

  async #change(
    { tenantId, userId }: ContactOwner,
    type: string,
    valuesFor: (user: User) => UserValues,
    onChange: OnContactChange,
  ): Promise<User> {
    try {
      return await this.#parts.db.transaction().execute(async (db) => {
        const store = new UserStore(db);
        await store.lock(tenantId, userId);
        const before = await store.find(tenantId, userId);
        if (!before || before.status === 'Disabled') throw userNotFound();
        const after = await store.update(before, valuesFor(before));
        if (!after) throw userNotFound();
        await this.#parts.audit.record(db, {
          tenantId,
          type,
          actor: { kind: 'user', id: userId },
          subject: userId,
        });
        await onChange(db, before, after);
        return after;
      });
    } catch (error) {
      throw isUniqueViolation(error) ? taken('It already belongs to another user') : error;
    }
  }
}
