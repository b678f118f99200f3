/** Bodies of signing in with an authenticator app or a passkey from a backend (contract/authentication.md 8, 9). */
import { z } from 'zod';
import { encodedResult } from '../factors/passkey-answer-schema.ts';
import { backendFields, identifier, identifierType, passcode } from './sign-in-schema.ts';

/** `token` is the published name of the code, and email the published default; the others are ours. */
export const authenticateTotp = z
  .strictObject({
    ...backendFields,
    identifier_type: identifierType.optional(),
    identifier,
    token: passcode.optional(),
    passcode: passcode.optional(),
    recovery_code: z.string().trim().min(1).max(64).optional(),
  })
  .refine(
    (body) => [body.token, body.passcode, body.recovery_code].filter((one) => one !== undefined).length === 1,
    'give exactly one of token, passcode (the same) and recovery_code',
  );

export const authenticateWebauthn = z.strictObject({
  ...backendFields,
  webauthn_encoded_result: encodedResult,
});

export type AuthenticateTotp = z.output<typeof authenticateTotp>;
export type AuthenticateWebauthn = z.output<typeof authenticateWebauthn>;
