/** Bodies and answers of verifying one's own contact data (contract/authentication.md 9; the members are ours). */
import { z } from 'zod';
import { code, emailContent, identifier, redirectUri } from './sign-in-schema.ts';

/** Absent: the primary one. */
const email = identifier.optional();
const phone_number = identifier.optional();

export const sendVerificationLink = z.strictObject({
  email,
  redirect_uri: redirectUri,
  email_content: emailContent.optional(),
});
export const sendVerificationMail = z.strictObject({ email, email_content: emailContent.optional() });
export const sendVerificationText = z.strictObject({ phone_number });
export const validateEmailCode = z.strictObject({ email, passcode: code });
export const validateSmsCode = z.strictObject({ phone_number, passcode: code });
export const verificationVisit = z.object({ token: z.string().min(1).max(128) });

export const verificationMessage = z.object({ message: z.string() });
