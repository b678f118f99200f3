/** Body and answer of the older code exchange (contract/oidc.md 5.1). */
import { z } from 'zod';

const credential = z.string().min(1).max(50);

export const exchangeCode = z.strictObject({
  code: z.string().min(1).max(512),
  client_id: credential,
  client_secret: credential,
});
export const exchangedCode = z.object({
  id_token: z.string(),
  access_token: z.string(),
  refresh_token: z.string().optional(),
  is_user_created: z.boolean(),
});
