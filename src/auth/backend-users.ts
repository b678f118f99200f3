/** Finds the user that a backend names, among the users of its own application (contract/authentication.md 1). */
import type { Database } from '../storage/database.ts';
import { chooseLanguage, type Language } from '../texts/language.ts';
import type { IdentifierKind, User } from '../users/user.ts';
import { UserStore } from '../users/user-store.ts';
import type { CallingClient } from './calling-client.ts';
import type { IDENTIFIER_TYPES } from './sign-in-schema.ts';

export interface NamedUser {
  readonly identifier_type: string;
  readonly identifier: string;
}

const KINDS: Readonly<Record<(typeof IDENTIFIER_TYPES)[number], IdentifierKind>> = {
  email: 'email',
  phone_number: 'phoneNumber',
  user_id: 'userId',
  username: 'username',
};

/** Undefined for a stranger, for a user of other applications only, and for an identifier that users do not have here. */
export const backendUsers =
  (db: Database) =>
  async (
    { application }: Pick<CallingClient, 'application'>,
    { identifier_type, identifier }: NamedUser,
  ): Promise<User | undefined> => {
    const kind = new Map<string, IdentifierKind>(Object.entries(KINDS)).get(identifier_type);
    const { tenantId, appId } = application;
    return kind && (await new UserStore(db).findMember({ tenantId, appId }, kind, identifier))?.user;
  };

/** A backend says nothing of languages; the user's profile may. */
export const languageOf = (user: User | undefined): Language =>
  chooseLanguage(user?.profile.language === undefined ? [] : [user.profile.language], '');
