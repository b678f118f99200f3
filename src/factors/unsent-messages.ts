/** Does the work of a message that nobody gets, so that the time of an answer does not tell strangers from users. */
import type { AuditLog } from '../audit/audit-log.ts';
import type { Messages, OutgoingMessage } from '../messages/message.ts';
import type { Database } from '../storage/database.ts';

/** Addresses that can be written to and belong to nobody (RFC 2606). */
export const NOBODY = { email: 'nobody@example.invalid', sms: '+10000000000' } as const;

class Undone extends Error {}

export class UnsentMessages implements Messages {
  readonly #parts: { readonly db: Database; readonly messages: Messages; readonly audit: AuditLog };
  constructor(parts: { db: Database; messages: Messages; audit: AuditLog }) {
    this.#parts = parts;
  }

  /** Writes the message and takes it back; what stays is a line in the audit trail, and the time of one commit. */
  async enqueue(_db: Database, message: OutgoingMessage): Promise<void> {
    const { db, messages, audit } = this.#parts;
    await db
      .transaction()
      .execute(async (transaction) => {
        await messages.enqueue(transaction, message);
        throw new Undone();
      })
      .catch((error: unknown) => {
        if (!(error instanceof Undone)) throw error;
      });
    await audit.record(db, {
      tenantId: message.tenantId,
      type: 'user.message_not_sent',
      actor: { kind: 'system', id: 'sign-in' },
      subject: 'unknown',
      details: { appId: message.appId, channel: message.channel },
    });
  }

  flushed(): void {
    // As if one had left: the worker looks, and finds nothing.
    this.#parts.messages.flushed();
  }
}
