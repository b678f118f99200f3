/** What a user's profile says as claims (tokens-and-sessions.md, the 38 claim values, and OIDC Core 5.1). */
import type { Membership, User } from './user.ts';

/** Drops what has no value: a claim without a value is left out. */
const withValue = (claims: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined && value !== ''));

function profileClaims(user: User): Record<string, unknown> {
  const { name, address, birthday, language, picture } = user.profile;
  return {
    fname: name?.first_name,
    mname: name?.middle_name,
    lname: name?.last_name,
    birthday,
    language,
    picture,
    address,
    address_type: address?.type,
    city: address?.city,
    country: address?.country,
    street_address: address?.street_address,
    secondary_emails: user.profile.secondary_emails,
    secondary_phone_numbers: user.profile.secondary_phone_numbers,
    custom_data: user.profile.custom_data,
  };
}

/** The names of OpenID Connect Core 5.1 for the scope `profile`. */
function standardClaims(user: User, username: string | undefined): Record<string, unknown> {
  const { name, birthday, language } = user.profile;
  const full = [name?.first_name, name?.middle_name, name?.last_name].filter(Boolean).join(' ');
  return {
    name: full,
    given_name: name?.first_name,
    middle_name: name?.middle_name,
    family_name: name?.last_name,
    birthdate: birthday,
    locale: language,
    preferred_username: username,
    updated_at: Math.floor(user.updatedAt.getTime() / 1000),
  };
}

/** The claims that have values. `created_at` and `last_auth` in epoch milliseconds, `updated_at` in seconds. */
export function userClaims(
  user: User,
  appUsername?: string,
  membership?: Membership,
): Record<string, unknown> {
  const username = appUsername ?? membership?.username;
  return withValue({
    ...standardClaims(user, username),
    ...profileClaims(user),
    tid: user.tenantId,
    email: user.email,
    email_verified: user.email === undefined ? undefined : user.emailVerifiedAt !== undefined,
    phone_number: user.phoneNumber,
    phone_number_verified:
      user.phoneNumber === undefined ? undefined : user.phoneNumberVerifiedAt !== undefined,
    username,
    created_at: user.createdAt.getTime(),
    last_auth: user.lastAuth?.getTime(),
    external_user_id: user.externalUserId,
    external_account_id: membership?.externalAccountId,
    custom_app_data: membership?.customAppData,
    ts_roles: [],
    ts_permissions: [],
  });
}
