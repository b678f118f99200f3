/** Authenticator apps as the outside writes and reads them (contract/authentication.md 9; the members are ours). */
import { z } from 'zod';

/** Published. A secret is in use from its first code on: there is nothing to override before. */
export const startTotp = z.strictObject({
  label: z.string().trim().min(1).max(64).optional(),
  allow_override: z
    .boolean()
    .refine((isWanted) => !isWanted, 'remove the other authenticator app first (totp/revoke)')
    .optional(),
});
/** Apps show groups of three. */
export const confirmTotp = z.strictObject({
  code: z.string().regex(/^[\d ]{6,10}$/, 'must be the digits that the app shows'),
});

export const startedTotp = z.object({ totp_id: z.string(), uri: z.string(), secret: z.string() });
export const confirmedTotp = z.object({ recovery_codes: z.array(z.string()).optional() });
export const recoveryCodes = z.object({ recovery_codes: z.array(z.string()) });
export const totpList = z.object({
  result: z.array(z.object({ totp_id: z.string(), created_at: z.string() })),
  recovery_codes_left: z.number().int(),
});
