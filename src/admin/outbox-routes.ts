/** The row that shows the development outbox: what would have been sent, were there a mail server or SMS gateway. */

import type { Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { Outbox } from '../messages/outbox.ts';
import { outboxAnswer, outboxQuery, toOuterMessage } from './outbox-schema.ts';

export const outboxRoutes = (outbox: Pick<Outbox, 'listKept'>): Row[] => [
  {
    method: 'get',
    path: '/v1/outbox',
    tokens: ['admin'],
    permissions: [],
    status: 200,
    operation: {
      id: 'getOutbox',
      summary: 'List messages that were kept because no mail server or SMS gateway is configured',
      tag: 'Messages',
      query: outboxQuery,
      answer: outboxAnswer,
    },
    handle: async (ctx, caller) => {
      const { to } = validate(outboxQuery, { ...ctx.query });
      return { result: (await outbox.listKept(caller.tenantId, to)).map(toOuterMessage) };
    },
  },
];
