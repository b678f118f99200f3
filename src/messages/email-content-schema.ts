/** `email_content` of a request: what a caller may say instead of our words (contract/authentication.md section 1). */
import { z } from 'zod';
import { toInlineImage } from './inline-image.ts';
import type { MailParts } from './mail-layout.ts';
import { isHeaderText } from './message-rules.ts';

const MAX_LOGO = 20_000;
const MAX_TEXT = 2000;

const line = z.string().max(250).refine(isHeaderText, 'must be one line without control characters');
const text = z.string().max(MAX_TEXT).optional();

const isPicture = (base64: string): boolean => {
  try {
    return toInlineImage(base64, 'logo').base64 !== '';
  } catch {
    return false;
  }
};

export const emailContent = z.strictObject({
  subject: line.min(1),
  primaryColor: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #1f4fd1')
    .optional(),
  base64logo: z
    .string()
    .max(MAX_LOGO)
    .refine(isPicture, 'must be a PNG, JPEG or GIF picture in base64')
    .optional(),
  headerText: text,
  bodyText: text,
  linkText: text,
  infoText: text,
  footerText: text,
  senderName: line.optional(),
});

export type EmailContent = z.output<typeof emailContent>;

/** Our words where the caller said nothing. */
export const withEmailContent = (parts: MailParts, content: EmailContent | undefined): MailParts => ({
  ...parts,
  ...Object.fromEntries(Object.entries(content ?? {}).filter(([, value]) => value !== undefined)),
});
