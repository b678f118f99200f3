/** Bodies and answers of signing in with a password (contract/authentication.md 5). */
import { z } from 'zod';
import { backendFields, identifier, redirectFields } from './sign-in-schema.ts';

const password = z.string().min(1).max(256);

export const passwordLogin = z
  .strictObject({
    ...redirectFields,
    username: identifier.optional(),
    email: identifier.optional(),
    phone_number: identifier.optional(),
    password,
    client_id: z.string().min(1).max(128),
  })
  .refine(
    ({ username, email, phone_number }) =>
      [username, email, phone_number].filter((one) => one !== undefined).length === 1,
    'give exactly one of username, email and phone_number',
  );
export const passwordLoginAnswer = z.object({ result: z.object({ url: z.string() }) });

export const passwordAuthenticate = z.strictObject({
  ...backendFields,
  username: identifier,
  username_type: z.enum(['username', 'email', 'phone_number']).optional(),
  password,
});

export type PasswordLogin = z.output<typeof passwordLogin>;
export type PasswordAuthenticate = z.output<typeof passwordAuthenticate>;
