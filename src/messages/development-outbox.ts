/** Where a message ends whose channel has no transport: one line in the log, and readable through the management API. */
import type { Logger } from '../base/logger.ts';
import type { Delivery } from './delivery.ts';

const MAX_TEXT = 2000;
const LINK = /https?:\/\/\S+/;

/** The one place where the content of a message is logged; the code or link in it is what the developer waits for. */
export function logKept(log: Logger, message: Delivery): void {
  const [link] = LINK.exec(message.text) ?? [];
  log.info(
    {
      message_id: message.messageId,
      channel: message.channel,
      to: message.to,
      ...(message.channel === 'email' && { subject: message.subject }),
      ...(link !== undefined && { link }),
      text: message.text.slice(0, MAX_TEXT),
    },
    'A message was kept in the development outbox',
  );
}
