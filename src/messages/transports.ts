/** Builds the transports of the channels that are configured. */
import type { MessagesConfig } from '../config/messages.ts';
import type { Transports } from './delivery.ts';
import { MailTransport } from './mail-transport.ts';
import { SmsGateway } from './sms-gateway.ts';

export const transportsOf = ({ mail, sms }: MessagesConfig): Transports => ({
  ...(mail && { email: new MailTransport({ server: mail, from: mail.from }) }),
  ...(sms && { sms: new SmsGateway(sms) }),
});
