/** Takes messages together with their cause, sealed, and has them delivered (delivery-worker.ts). */
import type { TenantId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import { newId } from '../base/secrets.ts';
import type { Database } from '../storage/database.ts';
import type { Delivery, Transports } from './delivery.ts';
import { DeliveryWorker, TIMING, type Timing } from './delivery-worker.ts';
import type { Channel, Messages, OutgoingMail, OutgoingMessage, OutgoingText } from './message.ts';
import { assertSendable } from './message-rules.ts';
import { OutboxStore } from './outbox-store.ts';

/** Seals text for one context (keys/sealer.ts): what opens it must name the same. */
interface Sealing {
  seal(text: string, context: string): string;
  open(sealed: string, context: string): string;
}

export interface OutboxParts {
  readonly db: Database;
  readonly sealer: Sealing;
  readonly transports: Transports;
  readonly log: Logger;
  readonly timing?: Timing;
}

/** A message of the development outbox. */
export interface KeptMessage {
  readonly messageId: string;
  readonly message: OutgoingMessage;
  readonly status: 'waiting' | 'kept';
  readonly createdAt: Date;
}

const CHANNELS: readonly Channel[] = ['email', 'sms'];
const LIST_LIMIT = 100;

const contextOf = (messageId: string): string => `outbox ${messageId}`;

export class Outbox implements Messages {
  readonly #parts: OutboxParts;
  readonly #worker: DeliveryWorker;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    const { db, transports, log, timing = TIMING } = parts;
    this.#worker = new DeliveryWorker({
      store: new OutboxStore(db),
      transports,
      log,
      timing,
      open: ({ messageId, sealedContent }) => ({ ...this.#open(messageId, sealedContent), messageId }),
    });
  }

  async enqueue(db: Database, message: OutgoingMail | OutgoingText): Promise<void> {
    assertSendable(message);
    const messageId = newId();
    const { tenantId, appId, channel, to, expiresAt } = message;
    await new OutboxStore(db).add({
      tenantId,
      messageId,
      appId,
      channel,
      recipient: to,
      sealedContent: this.#parts.sealer.seal(JSON.stringify(message), contextOf(messageId)),
      isDevelopment: this.#parts.transports[channel] === undefined,
      validUntil: expiresAt,
    });
  }

  flushed(): void {
    this.#worker.wake();
  }

  /** Delivers from now on. @returns the stop function. */
  start(): () => Promise<void> {
    const kept = this.#keptChannels();
    if (kept.length > 0)
      this.#parts.log.warn(
        { channels: kept },
        'messages of these channels are not sent but logged and kept for reading; set SMTP_URL and SMS_WEBHOOK_URL',
      );
    const timer = setInterval(() => this.#worker.wake(), (this.#parts.timing ?? TIMING).pollMs);
    timer.unref();
    this.#worker.wake();
    return async () => {
      clearInterval(timer);
      await this.#worker.stop();
      for (const channel of CHANNELS) this.#parts.transports[channel]?.close();
    };
  }

  /** The newest messages that no transport took, at most 100. Nothing of a channel that leads outside is readable here. */
  async listKept(tenantId: TenantId, to: string | undefined): Promise<KeptMessage[]> {
    const rows = await new OutboxStore(this.#parts.db).listKept(tenantId, {
      channels: this.#keptChannels(),
      recipient: to,
      limit: LIST_LIMIT,
    });
    return rows.map(({ messageId, sealedContent, status, createdAt }) => ({
      messageId,
      message: this.#open(messageId, sealedContent),
      status,
      createdAt,
    }));
  }

  #keptChannels(): Channel[] {
    return CHANNELS.filter((channel) => this.#parts.transports[channel] === undefined);
  }

  #open(messageId: string, sealedContent: string): OutgoingMessage & Pick<Delivery, 'channel'> {
    return JSON.parse(this.#parts.sealer.open(sealedContent, contextOf(messageId))) as OutgoingMessage;
  }
}
