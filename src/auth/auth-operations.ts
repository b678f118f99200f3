/** The authentication API as the reference describes it. */
import { loggedOut } from './logout-schema.ts';

export const authOperations = [
  {
    method: 'post',
    path: '/v1/auth/logout',
    tokens: ['user'],
    permissions: [],
    status: 200,
    operation: {
      id: 'logout',
      summary: 'End the browser session that the token came from',
      tag: 'Authentication',
      answer: loggedOut,
    },
  },
] as const;
