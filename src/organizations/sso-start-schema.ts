/** The query with which an application begins a sign-in at the identity provider of an organization, of whatever kind (contract/saml.md 3). */
import { z } from 'zod';

export const ssoId = z.string().min(1).max(128);

export const ssoStart = z.object({
  client_id: ssoId,
  email: z.string().min(3).max(320),
  redirect_uri: z.string().min(1).max(2048),
  org_id: ssoId.optional(),
});
export type SsoStart = z.infer<typeof ssoStart>;
