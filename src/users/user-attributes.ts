/** The attributes of a user that a filter may name: the public members (management-api.md 12), and SCIM's names for them (RFC 7643 4.1). */

/** Where the value stands. */
export type Place =
  | { readonly of: 'user'; readonly column: UserColumn }
  | { readonly of: 'membership'; readonly column: 'username' | 'external_account_id' }
  | { readonly of: 'profile' | 'custom_app_data'; readonly path: readonly string[] };
type UserColumn =
  | 'user_id'
  | 'email'
  | 'phone_number'
  | 'external_user_id'
  | 'status'
  | 'email_verified_at'
  | 'phone_number_verified_at'
  | 'status_changed_at'
  | 'created_at'
  | 'updated_at'
  | 'last_auth';

/**
 * How values are compared: `lower` is kept in lower case, `text` ignores case, `exact` does not; `verified` is true where
 * the date is set, `active` where the status is not Disabled; `list` holds objects with a `value`; `json` holds anything.
 */
export type Comparison =
  | 'lower'
  | 'text'
  | 'exact'
  | 'status'
  | 'date'
  | 'verified'
  | 'active'
  | 'list'
  | 'json';

export interface Attribute {
  readonly comparison: Comparison;
  readonly place: Place;
}
/** Which names a filter speaks. */
export type Dialect = 'public' | 'scim';

const user = (comparison: Comparison, column: UserColumn): Attribute => ({
  comparison,
  place: { of: 'user', column },
});
const profile = (comparison: Comparison, path: string): Attribute => ({
  comparison,
  place: { of: 'profile', path: path.split('.') },
});
const membership = (comparison: Comparison, column: 'username' | 'external_account_id'): Attribute => ({
  comparison,
  place: { of: 'membership', column },
});

export const EMAIL = user('lower', 'email');
export const PHONE = user('exact', 'phone_number');
export const USERNAME = membership('text', 'username');
const PUBLIC: Readonly<Record<string, Attribute>> = {
  user_id: user('exact', 'user_id'),
  email: EMAIL,
  'email.value': EMAIL,
  email_verified: user('verified', 'email_verified_at'),
  'email.email_verified': user('verified', 'email_verified_at'),
  'email.verified_at': user('date', 'email_verified_at'),
  phone_number: PHONE,
  'phone_number.value': PHONE,
  phone_number_verified: user('verified', 'phone_number_verified_at'),
  'phone_number.phone_number_verified': user('verified', 'phone_number_verified_at'),
  'phone_number.verified_at': user('date', 'phone_number_verified_at'),
  username: USERNAME,
  status: user('status', 'status'),
  status_changed_at: user('date', 'status_changed_at'),
  created_at: user('date', 'created_at'),
  updated_at: user('date', 'updated_at'),
  last_auth: user('date', 'last_auth'),
  external_user_id: user('exact', 'external_user_id'),
  external_account_id: membership('exact', 'external_account_id'),
  'name.title': profile('text', 'name.title'),
  'name.first_name': profile('text', 'name.first_name'),
  'name.middle_name': profile('text', 'name.middle_name'),
  'name.last_name': profile('text', 'name.last_name'),
  'address.country': profile('text', 'address.country'),
  'address.state': profile('text', 'address.state'),
  'address.city': profile('text', 'address.city'),
  'address.street_address': profile('text', 'address.street_address'),
  'address.postal_code': profile('text', 'address.postal_code'),
  'address.type': profile('text', 'address.type'),
  birthday: profile('exact', 'birthday'),
  language: profile('text', 'language'),
  picture: profile('exact', 'picture'),
  secondary_emails: profile('list', 'secondary_emails'),
  'secondary_emails.value': profile('list', 'secondary_emails'),
  secondary_phone_numbers: profile('list', 'secondary_phone_numbers'),
  'secondary_phone_numbers.value': profile('list', 'secondary_phone_numbers'),
};

const SCIM: Readonly<Record<string, Attribute>> = {
  id: user('exact', 'user_id'),
  externalid: user('exact', 'external_user_id'),
  username: USERNAME,
  active: user('active', 'status'),
  emails: EMAIL,
  'emails.value': EMAIL,
  phonenumbers: PHONE,
  'phonenumbers.value': PHONE,
  'name.givenname': profile('text', 'name.first_name'),
  'name.middlename': profile('text', 'name.middle_name'),
  'name.familyname': profile('text', 'name.last_name'),
  'name.honorificprefix': profile('text', 'name.title'),
  preferredlanguage: profile('text', 'language'),
  locale: profile('text', 'language'),
  'addresses.country': profile('text', 'address.country'),
  'addresses.region': profile('text', 'address.state'),
  'addresses.locality': profile('text', 'address.city'),
  'addresses.streetaddress': profile('text', 'address.street_address'),
  'addresses.postalcode': profile('text', 'address.postal_code'),
  'meta.created': user('date', 'created_at'),
  'meta.lastmodified': user('date', 'updated_at'),
};

const SCIM_SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:user:';
const MAX_PATH = 8;

/** `custom_data.<x>` and `custom_app_data.<x>`, or the whole document; the name after the dot keeps its case. */
function documentAttribute(name: string): Attribute | undefined {
  const [root, ...path] = name.split('.');
  if (path.length > MAX_PATH || path.includes('')) return undefined;
  if (root === 'custom_data')
    return { comparison: 'json', place: { of: 'profile', path: ['custom_data', ...path] } };
  return root === 'custom_app_data'
    ? { comparison: 'json', place: { of: 'custom_app_data', path } }
    : undefined;
}

const own = (names: Readonly<Record<string, Attribute>>, name: string): Attribute | undefined =>
  Object.hasOwn(names, name) ? names[name] : undefined;

/** Names are compared without regard to case (RFC 7644 3.4.2.2). SCIM filters may use the public names, too. */
export function findAttribute(name: string, dialect: Dialect): Attribute | undefined {
  const lower = name.toLowerCase();
  const short = lower.startsWith(SCIM_SCHEMA) ? lower.slice(SCIM_SCHEMA.length) : lower;
  const scim = dialect === 'scim' ? own(SCIM, short) : undefined;
  return scim ?? own(PUBLIC, lower) ?? documentAttribute(name);
}

/** For the message that says what may be written. */
export const ATTRIBUTE_NAMES: Readonly<Record<Dialect, string>> = {
  public: [...Object.keys(PUBLIC), 'custom_data.<name>', 'custom_app_data.<name>'].join(', '),
  scim: 'id, externalId, userName, active, emails.value, phoneNumbers.value, name.givenName, name.middleName, name.familyName, preferredLanguage, meta.created, meta.lastModified',
};
