/** Bodies of signing in with an authenticator app or a passkey from a backend (contract/authentication.md 8, 9). */
import { z } from 'zod';
import { encodedResult } from '../factors/passkey-answer-schema.ts';
import { backendFields, identifier, identifierType, passcode } from './sign-in-schema.ts';

/** The members of TOTP are ours: none are published. */
export const authenticateTotp = z
  .strictObject({
    ...backendFields,
    identifier_type: identifierType,
    identifier,
    passcode: passcode.optional(),
    recovery_code: z.string().trim().min(1).max(64).optional(),
  })
  .refine(
    (body) => (body.passcode === undefined) !== (body.recovery_code === undefined),
    'give either passcode or recovery_code',
  );

export const authenticateWebauthn = z.strictObject({
  ...backendFields,
  webauthn_encoded_result: encodedResult,
});

export type AuthenticateTotp = z.output<typeof authenticateTotp>;
export type AuthenticateWebauthn = z.output<typeof authenticateWebauthn>;
