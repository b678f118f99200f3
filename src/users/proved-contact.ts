/** A contact that a code or link has shown to be the person's own, and what that means for a user. */
import { contactsOf } from './own-contacts.ts';
import type { User } from './user.ts';
import type { UserValues } from './user-store.ts';

export type ProvedContact = { readonly email: string } | { readonly phoneNumber: string };

/** False where the user gave it up meanwhile: what was sent there proves nothing any more. */
export const isOwnContact = (user: User, proved: ProvedContact): boolean =>
  'email' in proved ? user.email === proved.email : user.phoneNumber === proved.phoneNumber;

/** What to write down; undefined where it counts as verified already. */
export function newlyVerified(user: User, proved: ProvedContact): UserValues | undefined {
  if (!isOwnContact(user, proved)) return undefined;
  if ('email' in proved)
    return user.emailVerifiedAt === undefined ? { emailVerifiedAt: new Date() } : undefined;
  return user.phoneNumberVerifiedAt === undefined ? { phoneNumberVerifiedAt: new Date() } : undefined;
}

/** Whether anybody has shown before that this user can be reached. */
export const hasVerifiedContact = (user: User): boolean =>
  [...contactsOf(user, 'email'), ...contactsOf(user, 'phoneNumber')].some(({ isVerified }) => isVerified);
