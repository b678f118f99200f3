/** The query with which an application begins a sign-in at the identity provider of an organization (contract/saml.md 3). */
import { z } from 'zod';

const id = z.string().min(1).max(128);

export const ssoStart = z.object({
  client_id: id,
  email: z.string().min(3).max(320),
  redirect_uri: z.string().min(1).max(2048),
  org_id: id.optional(),
});
export type SsoStart = z.infer<typeof ssoStart>;
