/** The rows of the outbox: written with their cause, taken under a lease, wiped when they are done. */
import { sql } from 'kysely';
import type { AppId, TenantId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import type { Channel } from './message.ts';

export interface NewRow {
  readonly tenantId: TenantId;
  readonly messageId: string;
  readonly appId: AppId | undefined;
  readonly channel: Channel;
  readonly recipient: string;
  readonly sealedContent: string;
  readonly isDevelopment: boolean;
  readonly validUntil: Date | undefined;
}

/** A message that this process alone may deliver until its lease ends. */
export interface Leased {
  readonly messageId: string;
  readonly sealedContent: string;
  readonly isDevelopment: boolean;
  readonly isExpired: boolean;
  /** This attempt included. */
  readonly attempts: number;
}

export interface KeptRow {
  readonly messageId: string;
  readonly channel: Channel;
  readonly recipient: string;
  readonly sealedContent: string;
  readonly status: 'waiting' | 'kept';
  readonly createdAt: Date;
}

/** Until its row is swept: what waits for ever, what went out, and what a person may want to look at. */
const KEEP_DAYS = { waiting: 7, sent: 1, dead: 7 } as const;

const daysFromNow = (days: number) => sql<Date>`now() + make_interval(days => ${days})`;
const millisecondsFromNow = (ms: number) => sql<Date>`now() + make_interval(secs => ${ms / 1000})`;

export class OutboxStore {
  readonly #db: Database;

  /** Pass a transaction to take part in it. */
  constructor(db: Database) {
    this.#db = db;
  }

  async add(row: NewRow): Promise<void> {
    await this.#db
      .insertInto('outbox')
      .values({
        tenant_id: row.tenantId,
        message_id: row.messageId,
        app_id: row.appId ?? null,
        channel: row.channel,
        recipient: row.recipient,
        sealed_content: row.sealedContent,
        is_development: row.isDevelopment,
        valid_until: row.validUntil ?? null,
        expires_at: daysFromNow(KEEP_DAYS.waiting),
      })
      .execute();
  }

  /**
   * Takes messages that are due, oldest first, for `leaseMs`. Two processes never get the same one: a row that another
   * is taking is skipped, one that was taken is not due until its lease has run out.
   * @param channels of which this process has a transport; those for the development outbox come besides
   */
  async lease(channels: readonly Channel[], limit: number, leaseMs: number): Promise<Leased[]> {
    const due = this.#db
      .selectFrom('outbox')
      .select('message_id')
      .where('status', '=', 'waiting')
      .where('due_at', '<=', sql<Date>`now()`)
      .where(({ eb, or }) =>
        or([eb('is_development', '=', true), ...channels.map((one) => eb('channel', '=', one))]),
      )
      .orderBy('due_at')
      .limit(limit)
      .forUpdate()
      .skipLocked();
    const rows = await this.#db
      .updateTable('outbox')
      .set({ attempts: sql`attempts + 1`, due_at: millisecondsFromNow(leaseMs) })
      // As an array: the rows are picked once, whatever the plan, and never more than the limit.
      .where(sql<boolean>`message_id = any(array(${due}))`)
      .returning([
        'message_id',
        'sealed_content',
        'is_development',
        'attempts',
        sql<boolean>`coalesce(valid_until <= now(), false)`.as('is_expired'),
      ])
      .execute();
    return rows.map((row) => ({
      messageId: row.message_id,
      sealedContent: row.sealed_content ?? '',
      isDevelopment: row.is_development,
      isExpired: row.is_expired,
      attempts: row.attempts,
    }));
  }

  /** It went out: the content is wiped. True whoever holds the lease by now, for it must not go out again. */
  async markSent({ messageId }: Pick<Leased, 'messageId'>): Promise<void> {
    await this.#db
      .updateTable('outbox')
      .set({
        status: 'sent',
        sealed_content: null,
        last_fault: null,
        expires_at: daysFromNow(KEEP_DAYS.sent),
      })
      .where('message_id', '=', messageId)
      .execute();
  }

  /** It stays readable, in the development outbox. */
  async markKept({ messageId }: Pick<Leased, 'messageId'>): Promise<void> {
    await this.#db
      .updateTable('outbox')
      .set({ status: 'kept' })
      .where('message_id', '=', messageId)
      .execute();
  }

  /** It is given up: the content is wiped, the reason stays. */
  async markDead(leased: Pick<Leased, 'messageId' | 'attempts'>, fault: string): Promise<void> {
    await this.#held(leased)
      .set({
        status: 'dead',
        sealed_content: null,
        last_fault: fault,
        expires_at: daysFromNow(KEEP_DAYS.dead),
      })
      .execute();
  }

  /** It is tried again later. */
  async postpone(
    leased: Pick<Leased, 'messageId' | 'attempts'>,
    fault: string,
    pauseMs: number,
  ): Promise<void> {
    await this.#held(leased)
      .set({ last_fault: fault, due_at: millisecondsFromNow(pauseMs) })
      .execute();
  }

  /** Messages of the development outbox, newest first. */
  async listKept(
    tenantId: TenantId,
    filter: { channels: readonly Channel[]; recipient: string | undefined; limit: number },
  ): Promise<KeptRow[]> {
    const { channels, recipient, limit } = filter;
    const rows = await this.#db
      .selectFrom('outbox')
      .select(['message_id', 'channel', 'recipient', 'sealed_content', 'status', 'created_at'])
      .where('tenant_id', '=', tenantId)
      .where('is_development', '=', true)
      .where(({ eb, or }) => or(channels.map((one) => eb('channel', '=', one))))
      .$if(recipient !== undefined, (query) => query.where('recipient', '=', recipient ?? ''))
      .where('status', 'in', ['waiting', 'kept'])
      .orderBy('created_at', 'desc')
      .orderBy('message_id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      messageId: row.message_id,
      channel: row.channel,
      recipient: row.recipient,
      sealedContent: row.sealed_content ?? '',
      status: row.status === 'kept' ? 'kept' : 'waiting',
      createdAt: row.created_at,
    }));
  }

  // A lease that ran out may have another holder, whose attempt counts; this one has nothing to say any more.
  #held({ messageId, attempts }: Pick<Leased, 'messageId' | 'attempts'>) {
    return this.#db
      .updateTable('outbox')
      .where('message_id', '=', messageId)
      .where('attempts', '=', attempts)
      .where('status', '=', 'waiting');
  }
}
