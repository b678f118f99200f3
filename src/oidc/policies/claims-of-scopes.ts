/** Decides which claims a third-party client may name in the `claims` parameter: those its scopes stand for (R97). */

const CLAIMS: Readonly<Record<string, readonly string[]>> = {
  email: ['email', 'email_verified', 'secondary_emails'],
  phone: ['phone_number', 'phone_number_verified', 'secondary_phone_numbers'],
  address: ['address', 'street_address', 'city', 'country', 'address_type'],
  profile: [
    'name',
    'given_name',
    'family_name',
    'middle_name',
    'birthdate',
    'locale',
    'updated_at',
    'fname',
    'lname',
    'mname',
    'birthday',
    'language',
    'picture',
  ],
};

/** Splits the named claims into those that the scopes open and the others. */
export function claimsWithin(
  scopes: Iterable<string>,
  claims: Iterable<string>,
): { within: string[]; beyond: string[] } {
  const open = new Set([...scopes].flatMap((scope) => (Object.hasOwn(CLAIMS, scope) ? CLAIMS[scope] : [])));
  const named = [...claims];
  return {
    within: named.filter((claim) => open.has(claim)),
    beyond: named.filter((claim) => !open.has(claim)),
  };
}
