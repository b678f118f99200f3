/** What a new email or phone number must look like. */
import { z } from 'zod';
import type { ContactKind } from '../users/contact-service.ts';
import { normalEmail } from '../users/user.ts';

const SCHEMAS = {
  email: z
    .string()
    .max(254)
    .transform(normalEmail)
    .refine((value) => /^[^\s@]+@[^\s@]+$/u.test(value)),
  phoneNumber: z
    .string()
    .max(40)
    .transform((value) => value.replace(/[\s()./-]/g, ''))
    .refine((value) => /^\+[1-9]\d{1,14}$/.test(value)),
};

/** In the form in which it is kept; undefined where it is none. */
export const readContact = (kind: ContactKind, text: string): string | undefined =>
  SCHEMAS[kind].safeParse(text).data;
