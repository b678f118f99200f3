/** A user as SCIM shows one (RFC 7643 4.1), cut to the attributes that were asked for (RFC 7644 3.9). */
import { versionOf } from '../base/version.ts';
import type { Member, User, UserProfile } from '../users/user.ts';

type Resource = Record<string, unknown>;
/** Names of attributes; `excludedAttributes` counts only where `attributes` is absent. */
export interface Shown {
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
}

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:User';
/** Always shown: `returned` is "always" for them (RFC 7643 3.1, 7). */
const ALWAYS = ['schemas', 'id'];

/** A user without what SCIM does not show; its version is that of the rest. */
export function scimMember({ user, membership }: Member): Member {
  const { custom_data: _unseen, ...profile } = user.profile;
  return {
    user: { ...user, profile },
    ...(membership && { membership: { ...membership, customAppData: {} } }),
  };
}

/** `origin` is the public address, for `meta.location`. */
export function toScimUser(member: Member, origin: string): Resource {
  const { user, membership } = member;
  const { profile } = user;
  return withValue({
    schemas: [SCHEMA],
    id: user.userId,
    externalId: user.externalUserId,
    // SCIM requires one: without a username people are known by their email or phone number.
    userName: membership?.username ?? user.email ?? user.phoneNumber ?? user.userId,
    name: nameOf(profile),
    emails: contacts(user.email, profile.secondary_emails),
    phoneNumbers: contacts(user.phoneNumber, profile.secondary_phone_numbers),
    addresses: addressOf(profile),
    photos: profile.picture ? [{ value: profile.picture, type: 'photo' }] : undefined,
    preferredLanguage: profile.language,
    active: user.status !== 'Disabled',
    meta: metaOf(member, user, origin),
  });
}

const metaOf = (member: Member, user: User, origin: string): object => ({
  resourceType: 'User',
  created: user.createdAt.toISOString(),
  lastModified: user.updatedAt.toISOString(),
  location: `${origin}/scim/Users/${user.userId}`,
  version: versionOf(member),
});

function nameOf({ name }: UserProfile): Resource | undefined {
  if (!name) return undefined;
  const { title, first_name: givenName, middle_name: middleName, last_name: familyName } = name;
  const formatted = [title, givenName, middleName, familyName].filter(Boolean).join(' ') || undefined;
  return withValue({ formatted, givenName, middleName, familyName, honorificPrefix: title });
}

function addressOf({ address }: UserProfile): Resource[] | undefined {
  if (!address) return undefined;
  const { street_address, city, state, postal_code, country, type } = address;
  const shown = withValue({
    type: type?.toLowerCase(),
    streetAddress: street_address,
    locality: city,
    region: state,
    postalCode: postal_code,
    country,
  });
  return [shown];
}

function contacts(
  primary: string | undefined,
  secondary: readonly { readonly value: string }[] = [],
): Resource[] | undefined {
  const first = primary === undefined ? [] : [{ value: primary, primary: true }];
  const all = [...first, ...secondary.map(({ value }) => ({ value, primary: false }))];
  return all.length === 0 ? undefined : all;
}

const withValue = (members: Resource): Resource =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

/** Leaves what was asked for. An attribute is named alone, with a sub-attribute, or behind the URN of its schema. */
export function shown(resource: Resource, { attributes, excludedAttributes }: Shown): Resource {
  if (attributes !== undefined) {
    const wanted = namesOf(attributes);
    return cut(resource, (path) => wanted.some((name) => isWithin(path, name)));
  }
  const unwanted = namesOf(excludedAttributes ?? []);
  return cut(resource, (path) => !unwanted.some((name) => isWithin(path, name)));
}

const namesOf = (names: readonly string[]): string[] =>
  names.map((name) => name.toLowerCase()).map((name) => name.replace(`${SCHEMA.toLowerCase()}:`, ''));

const isWithin = (path: string, name: string): boolean => path === name || path.startsWith(`${name}.`);

function cut(resource: Resource, keeps: (path: string) => boolean): Resource {
  const kept = Object.entries(resource).flatMap(([key, value]) => {
    if (ALWAYS.includes(key)) return [[key, value]];
    const rest = cutValue(value, key.toLowerCase(), keeps);
    return rest === undefined ? [] : [[key, rest]];
  });
  return Object.fromEntries(kept);
}

/** Undefined where nothing is left. Attributes are two levels deep at most (RFC 7643 2.3.8). */
function cutValue(value: unknown, path: string, keeps: (path: string) => boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => cutValue(item, path, keeps)).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  if (typeof value !== 'object' || value === null) return keeps(path) ? value : undefined;
  const members = Object.entries(value).filter(([key]) => keeps(`${path}.${key.toLowerCase()}`));
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
