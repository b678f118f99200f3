/** The authentication API as the reference describes it. */
import { backchannelCompletion } from './backchannel-schema.ts';
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
  {
    method: 'post',
    path: '/auth/backchannel/complete',
    tokens: ['user'],
    permissions: [],
    status: 204,
    operation: {
      id: 'completeBackchannelRequest',
      summary: 'Approve or decline the request that a CIBA message was about',
      tag: 'Authentication',
      body: backchannelCompletion,
    },
  },
] as const;
