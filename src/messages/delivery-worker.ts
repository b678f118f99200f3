/**
 * Delivers what waits in the outbox, a few messages at a time, in every process.
 *
 * A message is taken under a lease that outlives the longest attempt, so that no other process sends it meanwhile and it
 * comes back when this process is killed. Only a crash between the moment in which the mail server accepts a message and
 * the one in which the row says so can send it twice; both copies then have the same Message-ID, by which mail systems
 * recognise them.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '../base/logger.ts';
import { MAX_ATTEMPTS, pauseAfter } from './back-off.ts';
import { type Delivery, DeliveryError, type Transports } from './delivery.ts';
import { logKept } from './development-outbox.ts';
import type { Channel } from './message.ts';
import type { Leased, OutboxStore } from './outbox-store.ts';

export interface Timing {
  /** Messages on their way at once. */
  readonly concurrency: number;
  /** How often waiting messages are looked for when nobody says that there are some. */
  readonly pollMs: number;
  /** An attempt that takes longer is given up. */
  readonly attemptMs: number;
  /** Longer than an attempt and the writing of its outcome. */
  readonly leaseMs: number;
  /** How long a stop waits for attempts under way. */
  readonly graceMs: number;
}

export const TIMING: Timing = {
  concurrency: 5,
  pollMs: 1000,
  attemptMs: 60_000,
  leaseMs: 90_000,
  graceMs: 5000,
};

const MARK_ATTEMPTS = 20;
const MARK_PAUSE_MS = 1000;
const MAX_FAULT = 300;

export interface WorkerParts {
  readonly store: OutboxStore;
  readonly transports: Transports;
  readonly log: Logger;
  readonly timing: Timing;
  /** @throws where the content cannot be opened. */
  open(leased: Leased): Delivery;
}

export class DeliveryWorker {
  readonly #parts: WorkerParts;
  readonly #channels: readonly Channel[];
  readonly #underWay = new Set<Promise<void>>();
  readonly #attempts = new Set<AbortController>();
  #round: Promise<void> | undefined;
  #isWanted = false;
  #isStopped = false;
  #canRead = true;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#channels = (['email', 'sms'] as const).filter((channel) => parts.transports[channel]);
  }

  /** Looks for messages at once. */
  wake(): void {
    this.#isWanted = true;
    if (this.#isStopped) return;
    this.#round ??= this.#takeAll().finally(() => {
      this.#round = undefined;
    });
  }

  /** Takes no more messages, waits for those under way, and gives up those that take too long. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#round;
    const timer = setTimeout(() => {
      for (const attempt of this.#attempts) attempt.abort();
    }, this.#parts.timing.graceMs);
    await Promise.all(this.#underWay);
    clearTimeout(timer);
  }

  async #takeAll(): Promise<void> {
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false;
      const free = this.#parts.timing.concurrency - this.#underWay.size;
      // Every delivery wakes the worker when it ends.
      if (free <= 0) return;
      const taken = await this.#take(free);
      for (const leased of taken) this.#begin(leased);
    }
  }

  async #take(limit: number): Promise<readonly Leased[]> {
    try {
      const taken = await this.#parts.store.lease(this.#channels, limit, this.#parts.timing.leaseMs);
      this.#canRead = true;
      return taken;
    } catch (error) {
      if (this.#canRead) this.#parts.log.warn({ err: error }, 'waiting messages cannot be read');
      this.#canRead = false;
      return [];
    }
  }

  #begin(leased: Leased): void {
    const delivery = this.#deliver(leased)
      .catch((error: unknown) =>
        this.#parts.log.error(
          { err: error, message_id: leased.messageId },
          'the outcome of a message could not be written',
        ),
      )
      .finally(() => {
        this.#underWay.delete(delivery);
        this.wake();
      });
    this.#underWay.add(delivery);
  }

  async #deliver(leased: Leased): Promise<void> {
    const { store } = this.#parts;
    try {
      await this.#send(leased);
    } catch (error) {
      return this.#failed(leased, error);
    }
    await untilWritten(() => (leased.isDevelopment ? store.markKept(leased) : store.markSent(leased)));
  }

  async #send(leased: Leased): Promise<void> {
    if (leased.isExpired) throw new DeliveryError('It was no longer valid', { isPermanent: true });
    if (leased.attempts > MAX_ATTEMPTS)
      throw new DeliveryError('No attempt came to an end', { isPermanent: true });
    const { open, log } = this.#parts;
    const message = open(leased);
    if (leased.isDevelopment) return logKept(log, message);
    await this.#attempt(message);
    log.debug({ message_id: leased.messageId, attempts: leased.attempts }, 'a message was sent');
  }

  async #attempt(message: Delivery): Promise<void> {
    const { transports, timing } = this.#parts;
    const attempt = new AbortController();
    const timer = setTimeout(() => attempt.abort(), timing.attemptMs).unref();
    this.#attempts.add(attempt);
    try {
      await transports[message.channel]?.send(message, attempt.signal);
    } finally {
      clearTimeout(timer);
      this.#attempts.delete(attempt);
    }
  }

  async #failed(leased: Leased, error: unknown): Promise<void> {
    const { store, log } = this.#parts;
    const { messageId: message_id, attempts } = leased;
    const fault = (error instanceof Error ? error.message : 'unknown').slice(0, MAX_FAULT);
    const isOver = (error instanceof DeliveryError && error.isPermanent) || attempts >= MAX_ATTEMPTS;
    if (isOver) {
      await store.markDead(leased, fault);
      return log.error({ message_id, attempts, fault }, 'a message was given up');
    }
    const pauseMs = pauseAfter(attempts);
    await store.postpone(leased, fault, pauseMs);
    log.warn({ message_id, attempts, fault, retry_in_ms: pauseMs }, 'a message could not be delivered yet');
  }
}

// A message that went out must not go out again because the database was away for a moment.
async function untilWritten(write: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (attempt === MARK_ATTEMPTS) throw error;
      await pause(MARK_PAUSE_MS);
    }
  }
}
