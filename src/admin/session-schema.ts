/** Browser sessions as answered (contract/tokens-and-sessions.md section 6). */
import { z } from 'zod';
import type { SessionAtClient } from './user-sessions.ts';

const milliseconds = z.number().int().describe('Epoch milliseconds');
const session = z.object({
  user_id: z.string(),
  session_id: z.string(),
  client_id: z.string(),
  start_time: milliseconds,
  expiration_time: milliseconds,
});
export const sessionsAnswer = z.array(session);
export const endedSessionsAnswer = z.object({ result: z.object({ deleted_count: z.number().int() }) });

export const toOuterSession = ({
  userId,
  clientId,
  session: one,
}: SessionAtClient): z.input<typeof session> => ({
  user_id: userId,
  session_id: one.uid,
  client_id: clientId,
  start_time: one.startedAt.getTime(),
  expiration_time: one.expiresAt.getTime(),
});
