/** Rows for the browser sessions of a user (contract/tokens-and-sessions.md 6). */
import type { ManagementCaller } from '../base/caller.ts';
import type { UserId } from '../base/ids.ts';
import type { UserSessions } from '../oidc/sessions/user-sessions.ts';
import { pathId, type Row } from './route.ts';
import { deletedCountAnswer, sessionsAnswer, toOuterSessions } from './session-schema.ts';

const PATH = '/v1/sessions/:user_id';
// Section 6 names client tokens; the table of token kinds (section 1) opens these rows to admin tokens too.
const tokens = ['client', 'admin'] as const;
const tag = 'Sessions';

export const sessionRoutes = (sessions: UserSessions): Row[] => [
  {
    method: 'get',
    path: PATH,
    tokens,
    permissions: ['sessions:read', 'sessions:list'],
    status: 200,
    operation: {
      id: 'getUserSessions',
      summary: 'List the browser sessions of a user',
      tag,
      answer: sessionsAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) =>
      (await sessions.list(caller, pathId<UserId>(ctx, 'user_id'))).flatMap(toOuterSessions),
  },
  {
    method: 'delete',
    path: PATH,
    tokens,
    permissions: ['sessions:delete'],
    status: 200,
    operation: {
      id: 'deleteUserSessions',
      summary: 'End all browser sessions of a user and revoke their refresh tokens',
      tag,
      answer: deletedCountAnswer,
    },
    handle: async (ctx, caller: ManagementCaller) => ({
      result: { deleted_count: await sessions.end(caller, pathId<UserId>(ctx, 'user_id')) },
    }),
  },
];
