/** Bodies and answers of verifying one's own contact data (contract/authentication.md 9). */
import { z } from 'zod';
import { code, customMessage, emailContent, identifier, redirectUri, senderId } from './sign-in-schema.ts';

/** Absent: the primary one. */
const email = identifier.optional();
const phone_number = identifier.optional();

/** Published. The primary contact is what people are known by: it is changed on the account page, which tells the owner. */
const update_primary = z
  .boolean()
  .refine((isWanted) => !isWanted, 'the primary contact is changed by the user on the account page')
  .optional();

export const sendVerificationLink = z.strictObject({
  email,
  update_primary,
  redirect_uri: redirectUri,
  email_content: emailContent.optional(),
});
export const sendVerificationMail = z.strictObject({ email, email_content: emailContent.optional() });
export const sendVerificationText = z.strictObject({
  phone_number,
  custom_message: customMessage.optional(),
  sender_id: senderId.optional(),
});
export const validateEmailCode = z.strictObject({ email, passcode: code, update_primary });
export const validateSmsCode = z.strictObject({ phone_number, passcode: code, update_primary });
export const verificationVisit = z.object({ token: z.string().min(1).max(128) });

export const verificationMessage = z.object({ message: z.string() });
export const verificationResult = verificationMessage.extend({ result: z.literal(true) });
