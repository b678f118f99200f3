/** Bodies and answers of registering, validating and resetting a password (contract/authentication.md 5; where it is silent, ours). */
import { z } from 'zod';
import {
  code,
  customMessage,
  emailContent,
  identifier,
  redirectUri,
  resource,
  senderId,
} from './sign-in-schema.ts';

const password = z.string().min(1).max(256);
const NAMES = ['username', 'email', 'phone_number'] as const;

/** Whose password it is about. */
const person = {
  username: identifier.optional(),
  email: identifier.optional(),
  phone_number: identifier.optional(),
};
type Person = { readonly [name in (typeof NAMES)[number]]?: string | undefined };

const hasOne = (body: Person): boolean => NAMES.filter((name) => body[name] !== undefined).length === 1;
const ONE = 'give exactly one of username, email and phone_number';

export const registerPassword = z.strictObject({ username: identifier.max(64), password });
export const registeredPassword = z.object({ message: z.string(), user_id: z.string() });

/** Whose password it is to be may be said: it must not contain their identifier. */
export const validatePassword = z
  .strictObject({ ...person, password })
  .refine((body) => NAMES.filter((name) => body[name] !== undefined).length <= 1, ONE);
export const validatedPassword = z.object({
  result: z.object({
    valid_password: z.boolean(),
    errors: z.array(z.object({ code: z.string(), message: z.string() })),
  }),
});

const resetToken = z.string().min(1).max(4096);

/** Published. `prev_reset_token`: of the first factor, where the application asks for two (`requireMFA`). */
const secondFactor = { prev_reset_token: resetToken.optional(), ignore_mfa: z.boolean().optional() };

export const sendResetLink = z
  .strictObject({
    ...person,
    ...secondFactor,
    redirect_uri: redirectUri,
    email_content: emailContent.optional(),
  })
  .refine(hasOne, ONE);
export const makeResetLink = z
  .strictObject({ ...person, redirect_uri: redirectUri, ignore_mfa: z.boolean().optional() })
  .refine(hasOne, ONE);
export const madeResetLink = z.object({ reset_link: z.string() });
export const sendResetCode = z
  .strictObject({ ...person, ...secondFactor, email_content: emailContent.optional() })
  .refine(hasOne, ONE);
export const sendResetText = z
  .strictObject({
    ...person,
    ...secondFactor,
    custom_message: customMessage.optional(),
    sender_id: senderId.optional(),
  })
  .refine(hasOne, ONE);
export const resetMessage = z.object({ message: z.string() });

/** `reset_token`: of the first factor, where it was not said when the code was sent. */
export const validateResetCode = z
  .strictObject({
    ...person,
    passcode: code.optional(),
    code: code.optional(),
    reset_token: resetToken.optional(),
  })
  .refine(hasOne, ONE)
  .refine(
    (body) => (body.passcode === undefined) !== (body.code === undefined),
    'give the code as passcode (or as code)',
  );
export const validateOldPassword = z
  .strictObject({
    ...person,
    password,
    prev_reset_token: resetToken.optional(),
    client_id: z.string().min(1).max(128).optional(),
  })
  .refine(hasOne, ONE);
export const resetTokenAnswer = z.object({ result: z.string() });

export const resetPassword = z.strictObject({
  reset_token: resetToken,
  new_password: password,
  redirect_uri: redirectUri.optional(),
  resource: resource.optional(),
  require_mfa: z.boolean().optional(),
});
export const passwordReset = z.object({
  message: z.string(),
  url: z.string(),
  email: z.string(),
});

export type ResetPassword = z.output<typeof resetPassword>;
export type ResetCode = z.output<typeof validateResetCode>;

const KINDS = { username: 'username', email: 'email', phone_number: 'phoneNumber' } as const;

/** The one that is given. */
export function personOf(body: Person): {
  readonly identifier: string;
  readonly identifierKind: (typeof KINDS)[keyof typeof KINDS];
} {
  const name = NAMES.find((one) => body[one] !== undefined) ?? 'username';
  return { identifier: body[name] ?? '', identifierKind: KINDS[name] };
}
