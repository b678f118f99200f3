/** Users on the outside: what we accept, what we answer (management-api.md 12), and the way between. */
import { z } from 'zod';
import {
  type Member,
  normalEmail,
  type User,
  type UserAddress,
  type UserName,
  type UserProfile,
} from '../users/user.ts';
import { parseUserFilter, type UserFilter } from '../users/user-filter.ts';
import { SORT_FIELDS, type UserPage, type UserPageQuery } from '../users/user-list-store.ts';
import type { NewUserInput } from '../users/user-service.ts';
import type { MembershipValues, UserValues } from '../users/user-store.ts';
import { delegatedAccess } from './delegated-consent-schema.ts';

const text = (max: number) => z.string().max(max);
const filled = (max: number) => text(max).min(1);
const email = text(254)
  .transform(normalEmail)
  .refine((value) => /^[^\s@]+@[^\s@]+$/u.test(value), 'must be an email address');
const phoneNumber = text(20).regex(
  /^\+[1-9]\d{1,14}$/,
  'must be a phone number in E.164 form, such as +14155550123',
);
const username = filled(128).refine((value) => value.trim() === value, 'must not begin or end with a space');
const document = z.record(z.string(), z.unknown());

const isDate = (value: string): boolean => {
  const day = value.slice(0, 10);
  const time = Date.parse(`${day}T00:00:00Z`);
  return (
    !Number.isNaN(time) && new Date(time).toISOString().startsWith(day) && !Number.isNaN(Date.parse(value))
  );
};
const birthday = text(40)
  .regex(/^\d{4}-\d{2}-\d{2}(T.+)?$/, 'must be a date (YYYY-MM-DD) or a date-time')
  .refine(isDate, 'must be a date that exists')
  .transform((value) => value.slice(0, 10));

const name = z.strictObject({
  title: text(30).optional(),
  first_name: text(30).optional(),
  last_name: text(30).optional(),
  middle_name: text(30).optional(),
});
const address = z.strictObject({
  country: text(30).optional(),
  state: text(30).optional(),
  city: text(30).optional(),
  street_address: text(150).optional(),
  postal_code: text(30).optional(),
  type: z.enum(['Home', 'Work', 'Other']).optional(),
});

const fields = {
  email: email.optional(),
  phone_number: phoneNumber.optional(),
  username: username.optional(),
  secondary_emails: z.array(email).max(50).optional(),
  secondary_phone_numbers: z.array(phoneNumber).max(50).optional(),
  birthday: birthday.optional(),
  address: address.optional(),
  name: name.optional(),
  external_account_id: text(255).optional(),
  custom_app_data: document.optional(),
  picture: text(2048).optional(),
  language: text(35).optional(),
  custom_data: document.optional(),
  external_user_id: filled(255).optional(),
};

export const createUserSchema = z.strictObject({
  ...fields,
  credentials: z.strictObject({ password: filled(256), force_replace: z.boolean().default(true) }).optional(),
  delegated_access: delegatedAccess.optional(),
});
export const updateUserSchema = z.strictObject({
  ...fields,
  status: z.enum(['Active', 'Disabled', 'Pending']).optional(),
});
export const addPasswordSchema = z.strictObject({
  password: filled(256),
  force_replace: z.boolean().default(true),
  username: username.optional(),
  enforce_complexity: z.boolean().default(true),
});
export const updatePasswordSchema = z.strictObject({
  password: filled(256).optional(),
  force_replace: z.boolean().default(true),
});

const wholeNumber = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number);
/** Read by users/user-filter.ts. */
const search = text(4096).optional();
export const countUsersSchema = z.object({ search });
export const listUsersSchema = z.object({
  search,
  page_offset: wholeNumber.default(0),
  page_limit: wholeNumber
    .refine((limit) => limit >= 1 && limit <= 5000, 'must be between 1 and 5000')
    .default(100),
  search_prefix: text(254).optional(),
  sort_field: z.enum(SORT_FIELDS).default('created_at'),
  sort_order: z.enum(['asc', 'desc']).default('asc'),
});
export const verifyContactSchema = z.strictObject({ change_to_primary: z.boolean().default(false) });
export const identifierSchema = z.object({
  identifier_name: z.enum(['email', 'phoneNumber', 'externalUserId', 'username', 'idpIdentifier']),
  identifier_value: filled(255),
});

const defined = (values: object): object =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

type UserBody = Omit<z.output<typeof updateUserSchema>, 'status'> & {
  readonly status?: User['status'] | undefined;
};

/** From the outer body to what the service takes. */
export function toUserInput(body: UserBody): { values: UserValues; membership: MembershipValues } {
  const profile = defined({
    name: body.name as UserName | undefined,
    address: body.address as UserAddress | undefined,
    birthday: body.birthday,
    language: body.language,
    picture: body.picture,
    custom_data: body.custom_data,
    secondary_emails: body.secondary_emails?.map((value) => ({ value, email_verified: false })),
    secondary_phone_numbers: body.secondary_phone_numbers?.map((value) => ({
      value,
      phone_number_verified: false,
    })),
  }) as UserProfile;
  const values = defined({
    email: body.email,
    phoneNumber: body.phone_number,
    externalUserId: body.external_user_id,
    status: body.status,
    profile,
  }) as UserValues;
  const membership = defined({
    username: body.username,
    externalAccountId: body.external_account_id,
    customAppData: body.custom_app_data,
  }) as MembershipValues;
  return { values, membership };
}

export const toNewUserInput = (body: z.output<typeof createUserSchema>): NewUserInput => ({
  ...toUserInput(body),
  ...(body.credentials && {
    password: body.credentials.password,
    mustChange: body.credentials.force_replace,
  }),
});

/** The filter of a query, where it has one. @throws 400 for one that says nothing */
export const filterOf = ({ search: filter }: { search?: string | undefined }): { filter?: UserFilter } =>
  filter === undefined ? {} : { filter: parseUserFilter(filter, { parameter: 'search', dialect: 'public' }) };

export const toPageQuery = (query: z.output<typeof listUsersSchema>): UserPageQuery => ({
  offset: query.page_offset,
  limit: query.page_limit,
  sortField: query.sort_field,
  sortOrder: query.sort_order,
  ...(query.search_prefix !== undefined && { prefix: query.search_prefix }),
  ...filterOf(query),
});

const verifiable = (value: string | undefined, flag: string, at: Date | undefined) =>
  value === undefined
    ? undefined
    : { value, [flag]: at !== undefined, ...(at && { verified_at: at.toISOString() }) };

/** The user as answered; members without a value are left out. Dates as the published shape has them. */
export const toOuterUser = ({ user, membership }: Member): object =>
  defined({
    user_id: user.userId,
    status: user.status,
    status_changed_at: user.statusChangedAt?.toISOString(),
    created_at: user.createdAt.getTime(),
    updated_at: user.updatedAt.getTime(),
    last_auth: user.lastAuth?.toISOString(),
    email: verifiable(user.email, 'email_verified', user.emailVerifiedAt),
    phone_number: verifiable(user.phoneNumber, 'phone_number_verified', user.phoneNumberVerifiedAt),
    username: membership?.username,
    external_user_id: user.externalUserId,
    password_information: user.hasPassword
      ? {
          expired: false,
          temporary: user.passwordMustChange,
          updated_at: (user.passwordUpdatedAt ?? user.createdAt).getTime(),
        }
      : undefined,
    external_account_id: membership?.externalAccountId,
    custom_app_data: membership?.customAppData,
    ...user.profile,
  });

export const toOuterPage = (page: UserPage, { offset }: UserPageQuery): object => ({
  total_count: page.total,
  page_info: {
    has_next_page: offset + page.members.length < page.total,
    has_previous_page: offset > 0,
  },
  result: page.members.map(toOuterUser),
});
