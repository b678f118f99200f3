/** Browser sessions as the outside reads them (contract/tokens-and-sessions.md 6). */
import { z } from 'zod';
import type { UserSession } from '../oidc/sessions/user-sessions.ts';

// No schema is published. Dates of users are epoch milliseconds (management-api.md section 0), and so are these.
const milliseconds = z.number().int();

const session = z
  .object({
    user_id: z.string(),
    session_id: z.string().describe('Not the cookie: nobody can use the session with it'),
    client_id: z
      .string()
      .optional()
      .describe('One entry for each client; absent where the session has none in reach of the caller'),
    start_time: milliseconds.describe('Last authentication, epoch milliseconds'),
    expiration_time: milliseconds.describe('Epoch milliseconds'),
  })
  .meta({ id: 'Session' });

export const sessionsAnswer = z.array(session);
export const deletedCountAnswer = z.object({ result: z.object({ deleted_count: z.number().int() }) });

/** A session that signed in to several clients is told once for each. */
export function toOuterSessions({ uid, userId, startedAt, endsAt, clientIds }: UserSession) {
  const times = { start_time: startedAt * 1000, expiration_time: endsAt * 1000 };
  const entry = (client: { client_id?: string }) => ({
    user_id: userId,
    session_id: uid,
    ...client,
    ...times,
  });
  return clientIds.length === 0 ? [entry({})] : clientIds.map((client_id) => entry({ client_id }));
}
