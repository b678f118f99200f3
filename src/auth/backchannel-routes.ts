/** The row with which a page tells how the user decided on a CIBA request (contract/oidc.md 14). */
import type { UserCaller } from '../base/caller.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { type CompletionParts, completeBackchannel } from './backchannel-completion.ts';
import { backchannelCompletion } from './backchannel-schema.ts';

export const backchannelRoutes = (parts: CompletionParts): Row[] => [
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
    handle: (ctx, caller: UserCaller) => completeBackchannel(parts, caller, bodyOf(ctx)),
  },
];
