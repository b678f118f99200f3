/** The row that signs a user out (contract/oidc.md 11). */
import type { UserCaller } from '../base/caller.ts';
import type { Row } from '../http/route.ts';
import { logout } from './logout.ts';
import { loggedOut } from './logout-schema.ts';

export const logoutRoutes = (parts: Parameters<typeof logout>[0]): Row[] => [
  {
    method: 'post',
    path: '/v1/auth/logout',
    tokens: ['user'],
    permissions: [],
    status: 200,
    operation: {
      id: 'logout',
      summary: 'End the browser or backend session that the token came from',
      tag: 'Authentication',
      answer: loggedOut,
    },
    handle: (_ctx, caller: UserCaller) => logout(parts, caller),
  },
];
