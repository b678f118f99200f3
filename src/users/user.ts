/** A user of the tenant, and what belongs to the pair of user and application. */
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { UserStatus } from '../storage/tables.ts';

export interface UserName {
  readonly title?: string;
  readonly first_name?: string;
  readonly middle_name?: string;
  readonly last_name?: string;
}

export interface UserAddress {
  readonly country?: string;
  readonly state?: string;
  readonly city?: string;
  readonly street_address?: string;
  readonly postal_code?: string;
  readonly type?: 'Home' | 'Work' | 'Other';
}

/** The stored document; members are named as in the public shape (management-api.md 12). */
export interface UserProfile {
  readonly name?: UserName;
  readonly address?: UserAddress;
  /** `YYYY-MM-DD` (contract C17). */
  readonly birthday?: string;
  readonly language?: string;
  readonly picture?: string;
  readonly custom_data?: Readonly<Record<string, unknown>>;
  readonly secondary_emails?: readonly { readonly value: string; readonly email_verified: boolean }[];
  readonly secondary_phone_numbers?: readonly {
    readonly value: string;
    readonly phone_number_verified: boolean;
  }[];
}

export interface User {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly status: UserStatus;
  /** Lower case. */
  readonly email?: string;
  readonly emailVerifiedAt?: Date;
  /** E.164. */
  readonly phoneNumber?: string;
  readonly phoneNumberVerifiedAt?: Date;
  readonly externalUserId?: string;
  readonly profile: UserProfile;
  readonly hasPassword: boolean;
  /** The password is a temporary one: it has to be changed at the next sign-in. */
  readonly passwordMustChange: boolean;
  readonly passwordUpdatedAt?: Date;
  readonly lastAuth?: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly statusChangedAt?: Date;
}

/** What belongs to a user in one application only. */
export interface Membership {
  readonly appId: AppId;
  readonly username?: string;
  readonly externalAccountId?: string;
  readonly customAppData: Readonly<Record<string, unknown>>;
}

/** A user as an application sees them; for the whole tenant with the oldest membership, if any. */
export interface Member {
  readonly user: User;
  readonly membership?: Membership;
}

/** Where a query looks: one application, or the whole tenant. */
export interface Reach {
  readonly tenantId: TenantId;
  readonly appId?: AppId;
}

export type IdentifierKind =
  | 'email'
  | 'phoneNumber'
  | 'externalUserId'
  | 'username'
  | 'idpIdentifier'
  | 'userId';

/** Emails are compared and kept in lower case. */
export const normalEmail = (email: string): string => email.trim().toLowerCase();

/** True for text that Postgres can keep: no NUL, no half of a surrogate pair. */
export const isStorableText = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** Bytes of JSON (contract/tokens-and-sessions.md, requesting claims: each stored object is at most 100 KB). */
const MAX_DOCUMENT = 100 * 1024;

/** One sentence where the document is too large to keep. */
export const documentProblem = (
  name: 'custom_data' | 'custom_app_data',
  document: object | undefined,
): string | undefined =>
  document !== undefined && Buffer.byteLength(JSON.stringify(document)) > MAX_DOCUMENT
    ? `${name} is larger than ${MAX_DOCUMENT} bytes`
    : undefined;
