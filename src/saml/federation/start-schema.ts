/** What an application says to begin a sign-in at the identity provider of an organization, and to end one of the older form (contract/saml.md 3). */
import { z } from 'zod';

const id = z.string().min(1).max(128);

export const ssoStart = z.object({
  client_id: id,
  email: z.string().min(3).max(320),
  redirect_uri: z.string().min(1).max(2048),
  org_id: id.optional(),
});
export type SsoStart = z.infer<typeof ssoStart>;

/** The older form says at its end where the browser goes. */
export const olderStart = ssoStart.omit({ redirect_uri: true });

export const olderCompletion = z.strictObject({
  SAMLResponse: z.string().min(1),
  organization_id: id,
  redirect_uri: z.string().min(1).max(2048),
  RelayState: z
    .string()
    .max(4096)
    .optional()
    .describe('Accepted, and not used: the request of the sign-in is remembered here'),
});
export const olderAnswer = z.object({
  result: z.url().describe('Where the browser that began goes on; once, within five minutes'),
});
