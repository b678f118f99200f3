/** Rows for the browser sessions of a user (contract/tokens-and-sessions.md section 6). */
import type { ManagementCaller } from '../base/caller.ts';
import type { Row } from '../http/route.ts';
import { endedSessionsAnswer, sessionsAnswer, toOuterSession } from './session-schema.ts';
import { pathValue } from './user-password-routes.ts';
import type { UserSessions } from './user-sessions.ts';

const tokens = ['client', 'admin'] as const;
const path = '/v1/sessions/:user_id';
const tag = 'Sessions';

export const sessionRoutes = (sessions: UserSessions): Row[] => [
  {
    method: 'get',
    path,
    tokens,
    permissions: ['sessions:read', 'sessions:list'],
    status: 200,
    operation: {
      id: 'getUserSessions',
      summary: 'List the browser sessions of a user, once for each client',
      tag,
      answer: sessionsAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) =>
      (await sessions.list(caller, pathValue(ctx, 'user_id'))).map(toOuterSession),
  },
  {
    method: 'delete',
    path,
    tokens,
    permissions: ['sessions:delete'],
    status: 200,
    operation: {
      id: 'revokeUserSessions',
      summary: 'End every browser session of a user, and their refresh tokens',
      tag,
      answer: endedSessionsAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: { deleted_count: await sessions.end(caller, pathValue(ctx, 'user_id')) },
    }),
  },
];
