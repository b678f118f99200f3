/** Reads what a server without transports would have sent: its development outbox. */
import { adminToken, api } from './management.ts';
import type { App } from './start-app.ts';

export interface SeenMessage {
  readonly channel: 'email' | 'sms';
  readonly to: string;
  readonly subject?: string;
  readonly text: string;
}

/** The messages to this recipient, the newest first. */
export async function messagesTo(app: App, to: string): Promise<readonly SeenMessage[]> {
  const answer = await api(app, await adminToken(app)).get(`/v1/outbox?to=${encodeURIComponent(to)}`);
  if (answer.status !== 200) throw new Error(`no outbox: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.result;
}

async function newest(app: App, to: string): Promise<SeenMessage> {
  const [message] = await messagesTo(app, to);
  if (!message) throw new Error(`nothing was sent to ${to}`);
  return message;
}

/** The code in the newest message. */
export async function codeTo(app: App, to: string): Promise<string> {
  const { text } = await newest(app, to);
  const [code] = /(?<!\d)\d{4,8}(?!\d)/.exec(text) ?? [];
  if (code === undefined) throw new Error(`no code in: ${text}`);
  return code;
}

/** The link in the newest message. */
export async function linkTo(app: App, to: string): Promise<URL> {
  const { text } = await newest(app, to);
  const [link] = /https?:\/\/\S+/.exec(text) ?? [];
  if (link === undefined) throw new Error(`no link in: ${text}`);
  return new URL(link);
}
