/** What an application says to begin and to end a SAML sign-on of the older form (contract/saml.md 3). */
import { z } from 'zod';
import { ssoId, ssoStart } from '../../organizations/sso-start-schema.ts';

/** The older form says at its end where the browser goes. */
export const olderStart = ssoStart.omit({ redirect_uri: true });

export const olderCompletion = z.strictObject({
  SAMLResponse: z.string().min(1),
  organization_id: ssoId,
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
