/** What carries a message of one channel, and how it says that it could not. */
import type { Channel, OutgoingMessage } from './message.ts';

/** A message with the id under which it is known for ever: the same at every attempt. */
export type Delivery<Message extends OutgoingMessage = OutgoingMessage> = Message & {
  readonly messageId: string;
};

export interface Transport<Message extends OutgoingMessage = OutgoingMessage> {
  /**
   * Resolves when the next system has taken the message over.
   * @param signal gives up; the message may then have been taken over or not
   * @throws DeliveryError
   */
  send(message: Delivery<Message>, signal: AbortSignal): Promise<void>;
  /** Ends idle connections. */
  close(): void;
}

/** The channels that lead outside; a channel without a transport ends in the development outbox. */
export type Transports = Partial<Record<Channel, Transport>>;

export class DeliveryError extends Error {
  /** Another attempt would fail too. */
  readonly isPermanent: boolean;

  /** `fault` is kept beside the message and logged: it must not repeat the content. */
  constructor(
    fault: string,
    { isPermanent = false, cause }: { isPermanent?: boolean; cause?: unknown } = {},
  ) {
    super(fault, { cause });
    this.name = 'DeliveryError';
    this.isPermanent = isPermanent;
  }
}
