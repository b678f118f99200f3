/** Between a line about a user and the rows that hold one. */
import { normalEmail } from '../../users/user.ts';
import { passwordHashOf, type UserLine } from './user-line-schema.ts';
import type { ExportedUser, MembershipRow } from './user-transfer-store.ts';

const PROFILE = [
  'name',
  'address',
  'birthday',
  'language',
  'picture',
  'custom_data',
  'secondary_emails',
  'secondary_phone_numbers',
] as const;
const TIMES = [
  'status_changed_at',
  'email_verified_at',
  'phone_number_verified_at',
  'last_auth',
  'created_at',
  'updated_at',
  'password_updated_at',
] as const;

const defined = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));

/** The line of an export; importing it makes the same user. */
export const toUserLine = ({ user, memberships, roleIds }: ExportedUser): object =>
  defined({
    kind: 'user',
    user_id: user.user_id,
    status: user.status,
    email: user.email,
    phone_number: user.phone_number,
    external_user_id: user.external_user_id,
    ...user.profile,
    ...Object.fromEntries(TIMES.map((name) => [name, user[name]?.toISOString()])),
    password_hash: user.password_hash,
    password_must_change: user.password_must_change || undefined,
    applications: memberships.map(({ user_id: _, custom_app_data, ...rest }) =>
      defined({
        ...rest,
        custom_app_data: Object.keys(custom_app_data).length > 0 ? custom_app_data : undefined,
      }),
    ),
    roles: roleIds.length > 0 ? roleIds : undefined,
  });

/** Members of the profile that the line has. */
export function profileOf(line: UserLine): Record<string, unknown> {
  const contacts = (list: readonly unknown[] | undefined, flag: string) =>
    list?.map((one) => (typeof one === 'string' ? { value: one, [flag]: false } : one));
  return defined({
    ...Object.fromEntries(PROFILE.map((name) => [name, line[name]])),
    secondary_emails: contacts(line.secondary_emails, 'email_verified'),
    secondary_phone_numbers: contacts(line.secondary_phone_numbers, 'phone_number_verified'),
  });
}

/** Columns but the profile that the line has; `now` stands for what is verified without a date. @throws Error for a bad hash */
export function columnsOf(line: UserLine, now: string): Record<string, unknown> {
  const passwordHash = passwordHashOf(line);
  return defined({
    status: line.status,
    email: line.email === undefined ? undefined : normalEmail(line.email),
    phone_number: line.phone_number,
    external_user_id: line.external_user_id,
    ...Object.fromEntries(TIMES.map((name) => [name, line[name]])),
    email_verified_at: line.email_verified_at ?? (line.email_verified ? now : undefined),
    phone_number_verified_at: line.phone_number_verified_at ?? (line.phone_number_verified ? now : undefined),
    password_hash: passwordHash,
    password_updated_at: line.password_updated_at ?? (passwordHash === undefined ? undefined : now),
    password_must_change: line.password_must_change,
  });
}

/** The membership rows of the line for this user; what the line does not say stays as it was. */
export const membershipsOf = (
  line: UserLine,
  userId: string,
  now: string,
  former: readonly MembershipRow[] = [],
): MembershipRow[] =>
  (line.applications ?? []).map((one) => {
    const was = former.find((row) => row.app_id === one.app_id);
    return {
      user_id: userId,
      app_id: one.app_id,
      username: one.username ?? was?.username ?? null,
      external_account_id: one.external_account_id ?? was?.external_account_id ?? null,
      custom_app_data: one.custom_app_data ?? was?.custom_app_data ?? {},
      created_at: was?.created_at ?? one.created_at ?? line.created_at ?? now,
    };
  });
