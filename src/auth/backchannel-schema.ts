/** What completes a CIBA request (contract/oidc.md 14). */
import { z } from 'zod';

export const backchannelCompletion = z.strictObject({
  auth_req_id: z.string().min(1).max(200),
  approved: z.boolean(),
});
