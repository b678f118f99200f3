/** What a person may call a passkey. */
import { z } from 'zod';

export const MAX_LABEL = 64;

const schema = z
  .string()
  .trim()
  .max(MAX_LABEL)
  .regex(/^\P{Cc}*$/u)
  .transform((text) => (text === '' ? undefined : text));

/** An empty text takes the name away; undefined where the text is no name. */
export function readLabel(text: string): { readonly label: string | undefined } | undefined {
  const { success, data } = schema.safeParse(text);
  return success ? { label: data } : undefined;
}
