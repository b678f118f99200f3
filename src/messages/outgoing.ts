/** What the parts that send something need of the outbox, and a stand-in that only logs. */
import type { AppId, TenantId } from '../base/ids.ts';
import type { Logger } from '../base/logger.ts';
import type { Database } from '../storage/database.ts';

export interface OutgoingMessage {
  readonly channel: 'email' | 'sms';
  readonly tenantId: TenantId;
  readonly appId: AppId;
  /** E-mail address or phone number. */
  readonly to: string;
  /** Of an e-mail. */
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
}

export interface Messages {
  /** Sends when the transaction of `db` has ended well. */
  enqueue(db: Database, message: OutgoingMessage): Promise<void>;
}

/** Stands for the outbox until there is one: a developer reads the message in the log. */
export const loggedMessages = (log: Logger): Messages => ({
  async enqueue(_db, { channel, to, subject, text }) {
    log.info({ channel, to, subject, text }, 'message');
  },
});
