/** Messages of the development outbox as the outside reads them. Ours: the published API has nothing like it. */
import { z } from 'zod';
import type { KeptMessage } from '../messages/outbox.ts';

export const outboxQuery = z.object({
  to: z.string().min(1).max(254).optional().describe('Only messages to this address or number'),
});

const kept = z.object({
  message_id: z.string(),
  channel: z.enum(['email', 'sms']),
  to: z.string(),
  subject: z.string().optional().describe('Mails only'),
  text: z.string(),
  html: z.string().optional().describe('Mails only'),
  sender_name: z.string().optional(),
  sender_id: z.string().optional().describe('Text messages only'),
  created_at: z.iso.datetime(),
  status: z.enum(['waiting', 'kept']),
});
export const outboxAnswer = z.object({
  result: z
    .array(kept)
    .describe(
      'Newest first, at most 100; empty where both channels have a transport, for what leaves is not kept',
    ),
});

export const toOuterMessage = ({
  messageId,
  message,
  status,
  createdAt,
}: KeptMessage): z.input<typeof kept> => ({
  message_id: messageId,
  channel: message.channel,
  to: message.to,
  text: message.text,
  ...(message.channel === 'email'
    ? {
        subject: message.subject,
        html: message.html,
        ...(message.senderName !== undefined && { sender_name: message.senderName }),
      }
    : { ...(message.senderId !== undefined && { sender_id: message.senderId }) }),
  created_at: createdAt.toISOString(),
  status,
});
