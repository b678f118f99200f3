/** Bodies and answers of backend sessions (contract/tokens-and-sessions.md 7). */
import { z } from 'zod';
import { backendFields } from './sign-in-schema.ts';

const session_id = z.string().min(1).max(128);

export const authenticateSession = z.strictObject({ ...backendFields, session_id });
export const refreshToken = z.strictObject({ refresh_token: z.string().min(1).max(4096) });
export const endSession = z.strictObject({ session_id });
export const backendSessions = z.array(
  z.object({
    session_id: z.string(),
    start_time: z.number().describe('Epoch milliseconds'),
    expiration_time: z.number().describe('Epoch milliseconds'),
  }),
);
