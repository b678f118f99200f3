/** A line about a user: the fields of the API, what a move keeps besides, and password hashes in the forms others export. */
import { z } from 'zod';
import { updateUserSchema } from '../../admin/user-schema.ts';
import { fromAuth0, fromKeycloak, hashKind } from '../../users/foreign-hash.ts';
import { identifier } from './row-kind.ts';
import type { Identifier } from './seen-identifiers.ts';

const id = z.string().regex(/^[\w.~-]{1,128}$/, 'must be an id: 1 to 128 letters, digits and ._~-');
const time = z.iso.datetime({ offset: true });
const encoded = z.strictObject({
  value: z.string().max(1024),
  encoding: z.enum(['base64', 'hex', 'utf8']).optional(),
  digest: z.string().max(20).optional(),
  position: z.string().max(20).optional(),
});
const auth0 = z.strictObject({
  algorithm: z.string().max(40),
  hash: encoded,
  salt: encoded.optional(),
  keylen: z.number().int().optional(),
  cost: z.number().int().positive().optional(),
  blockSize: z.number().int().positive().optional(),
  parallelization: z.number().int().positive().optional(),
  password: z.unknown().optional(),
});
/** `secretData` and `credentialData` are JSON texts in an export of Keycloak. */
const keycloak = z.looseObject({
  type: z.literal('password'),
  secretData: z.string(),
  credentialData: z.string(),
});
const keycloakSecret = z.looseObject({ value: z.string(), salt: z.string() });
const keycloakData = z.looseObject({
  algorithm: z.string(),
  hashIterations: z.number().int(),
  additionalParameters: z.record(z.string(), z.array(z.string())).optional(),
});

const membership = z.strictObject({
  app_id: id,
  username: z.string().min(1).max(128).optional(),
  external_account_id: z.string().max(255).optional(),
  custom_app_data: z.record(z.string(), z.unknown()).optional(),
  created_at: time.optional(),
});
const {
  username: _u,
  external_account_id: _e,
  custom_app_data: _c,
  status,
  ...profile
} = updateUserSchema.shape;
const contactList = (flag: string, plain: z.ZodType<string[] | undefined>) =>
  z.union([
    plain,
    z.array(z.strictObject({ value: z.string().max(254), [flag]: z.boolean().default(false) })).max(50),
  ]);

export const userLine = z
  .strictObject({
    ...profile,
    secondary_emails: contactList('email_verified', profile.secondary_emails).optional(),
    secondary_phone_numbers: contactList('phone_number_verified', profile.secondary_phone_numbers).optional(),
    status,
    user_id: id.optional(),
    status_changed_at: time.optional(),
    email_verified: z.boolean().optional(),
    email_verified_at: time.optional(),
    phone_number_verified: z.boolean().optional(),
    phone_number_verified_at: time.optional(),
    created_at: time.optional(),
    updated_at: time.optional(),
    last_auth: time.optional(),
    password_hash: z.string().max(1024).optional(),
    password_updated_at: time.optional(),
    password_must_change: z.boolean().optional(),
    custom_password_hash: auth0.optional(),
    credentials: z.array(keycloak).max(20).optional(),
    applications: z.array(membership).max(500).optional(),
    roles: z.array(id).max(500).optional(),
  })
  .refine(
    ({ email, phone_number, applications }) =>
      email !== undefined ||
      phone_number !== undefined ||
      applications?.some((one) => one.username !== undefined),
    'an email, a phone_number or a username in an application is needed to sign in',
  );
export type UserLine = z.output<typeof userLine>;

/** What no two lines of a file may name. */
export const namesOfUser = (line: UserLine): Identifier[] => [
  ...identifier('user_id', line.user_id),
  ...identifier('email', line.email?.toLowerCase()),
  ...identifier('phone_number', line.phone_number),
  ...identifier('external_user_id', line.external_user_id),
  ...(line.applications ?? []).flatMap(({ app_id, username }) =>
    username === undefined ? [] : [{ name: 'username', value: [app_id, username.toLowerCase()] }],
  ),
];

/** The hash in the form that we keep; undefined where the line has none. @throws Error for one that cannot be used */
export function passwordHashOf(line: UserLine): string | undefined {
  const text = line.password_hash ?? auth0Hash(line) ?? keycloakHash(line);
  if (text !== undefined && hashKind(text) === undefined)
    throw new Error(
      'password_hash: not a hash of argon2, bcrypt, scrypt or pbkdf2 in a known form, or one that costs too much to verify',
    );
  return text;
}

function auth0Hash({ custom_password_hash: given }: UserLine): string | undefined {
  if (given === undefined) return undefined;
  return fromAuth0(given) ?? `unknown algorithm ${given.algorithm}`;
}

function keycloakHash({ credentials }: UserLine): string | undefined {
  const [credential] = credentials ?? [];
  if (credential === undefined) return undefined;
  const { value, salt } = fromJson(keycloakSecret, 'secretData', credential.secretData);
  const described = fromJson(keycloakData, 'credentialData', credential.credentialData);
  return (
    fromKeycloak({ ...described, salt, value }) ?? `unknown algorithm ${described.algorithm.slice(0, 40)}`
  );
}

function fromJson<T>(schema: z.ZodType<T>, name: string, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new Error(`credentials.0.${name}: not the JSON text that Keycloak exports`);
  }
}
