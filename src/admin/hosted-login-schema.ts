/** The hosted login's settings as the outside writes and reads them; the member is ours (authentication.md 2). */
import { z } from 'zod';
import { IDENTIFIERS, PRIMARY_METHODS, PROFILE_FIELDS } from '../applications/hosted-login.ts';

const distinct = <T>(list: readonly T[]): boolean => new Set(list).size === list.length;
const once = 'must not name the same twice';

const fields = {
  identifiers: z.array(z.enum(IDENTIFIERS)).min(1).refine(distinct, once),
  first_page: z.enum(['identifier', 'identifier_and_password']),
  primary_method: z.enum(PRIMARY_METHODS),
  secondary_methods: z.array(z.enum(PRIMARY_METHODS)).refine(distinct, once),
  mfa: z.enum(['off', 'required']),
  public_sign_up: z.boolean(),
  sign_up_fields: z.array(z.enum(PROFILE_FIELDS)).refine(distinct, once),
  forgotten_password: z.boolean(),
  passkey_offer: z.boolean(),
  primary_color: z.string().regex(/^(#[0-9a-fA-F]{6})?$/, 'must be a colour of the form #rrggbb, or empty'),
};

/** Members that are left out have their defaults. */
export const hostedLogin = z.strictObject(fields).partial();
export const hostedLoginAnswer = z.object(fields);
