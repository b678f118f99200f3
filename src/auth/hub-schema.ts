/** How the Authentication Hub's back end answers (contract/authentication.md 10, C18). */
import { z } from 'zod';

export const hubCompletion = z.strictObject({
  src_interaction: z.string().min(1).max(200),
  session_id: z.string().min(1).max(200),
});
export const hubCompleted = z.object({ result: z.url() });
