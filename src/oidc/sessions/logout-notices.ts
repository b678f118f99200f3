/** Tells clients that a session has ended: notices wait in the database until the client has taken them, at most an hour. */
import type { Logger } from '../../base/logger.ts';
import { pauseAfter } from '../../messages/back-off.ts';
import type { LeasedNotice, LogoutNotice, LogoutNoticeStore } from './logout-notice-store.ts';

/** Another attempt would be answered the same. */
export class NoticeRefused extends Error {}

export interface LogoutNoticeParts {
  readonly store: LogoutNoticeStore;
  readonly log: Logger;
  /** @throws NoticeRefused, or another Error where the client may be reached later */
  deliver(notice: LogoutNotice): Promise<void>;
}

/** Notices on their way at once. */
const CONCURRENCY = 8;
const POLL_MS = 1000;
/** Longer than an attempt, which is given up after 3 seconds. */
const LEASE_MS = 15_000;
/** Longer than ending a session takes; as late a client may hear of an end during which a process died. */
const HOLD_MS = 10_000;
const LONGEST_PAUSE_MS = 300_000;

export class LogoutNotices {
  readonly #parts: LogoutNoticeParts;
  readonly #underWay = new Set<Promise<void>>();
  #round: Promise<void> | undefined;
  #isWanted = false;
  #isRunning = false;
  #canRead = true;

  constructor(parts: LogoutNoticeParts) {
    this.#parts = parts;
  }

  /** Returns when the notices are stored; they are delivered after that, by whatever process comes first. */
  async add(notices: readonly LogoutNotice[]): Promise<void> {
    if ((await this.#parts.store.add(notices)) > 0) this.#wake();
  }

  /**
   * Ends sessions with `end`, of which these notices tell. They are stored before that, so that a process which dies in
   * between loses none, and held back until it is done: a client that asks again at once must not find the session.
   */
  async telling<T>(notices: readonly LogoutNotice[], end: () => Promise<T>): Promise<T> {
    const { store, log } = this.#parts;
    const added = await store.add(notices, HOLD_MS);
    const result = await end();
    if (notices.length === 0) return result;
    // The end has happened, and they will be due without this, too.
    await store
      .release(notices)
      .catch((error: unknown) => log.warn({ err: error }, 'logout notices are late'));
    if (added > 0) this.#wake();
    return result;
  }

  /** Delivers from now on. @returns the stop function, which waits for what is under way. */
  start(): () => Promise<void> {
    this.#isRunning = true;
    const timer = setInterval(() => this.#wake(), POLL_MS);
    timer.unref();
    this.#wake();
    return async () => {
      clearInterval(timer);
      this.#isRunning = false;
      await this.#round;
      await Promise.all(this.#underWay);
    };
  }

  #wake(): void {
    this.#isWanted = true;
    if (!this.#isRunning) return;
    this.#round ??= this.#takeAll().finally(() => {
      this.#round = undefined;
    });
  }

  async #takeAll(): Promise<void> {
    while (this.#isWanted && this.#isRunning) {
      this.#isWanted = false;
      const free = CONCURRENCY - this.#underWay.size;
      // Every delivery wakes this again when it ends.
      if (free <= 0) return;
      for (const notice of await this.#take(free)) this.#begin(notice);
    }
  }

  async #take(limit: number): Promise<readonly LeasedNotice[]> {
    try {
      const taken = await this.#parts.store.lease(limit, LEASE_MS);
      this.#canRead = true;
      return taken;
    } catch (error) {
      if (this.#canRead) this.#parts.log.warn({ err: error }, 'waiting logout notices cannot be read');
      this.#canRead = false;
      return [];
    }
  }

  #begin(notice: LeasedNotice): void {
    const delivery = this.#deliver(notice)
      // The lease brings the notice back.
      .catch((error: unknown) =>
        this.#parts.log.warn({ err: error }, 'the outcome of a logout notice was lost'),
      )
      .finally(() => {
        this.#underWay.delete(delivery);
        this.#wake();
      });
    this.#underWay.add(delivery);
  }

  async #deliver(notice: LeasedNotice): Promise<void> {
    const { store, log } = this.#parts;
    const { clientId: client_id, attempts } = notice;
    try {
      await this.#parts.deliver(notice);
    } catch (error) {
      const isOver = error instanceof NoticeRefused;
      const pauseMs = Math.min(pauseAfter(attempts), LONGEST_PAUSE_MS);
      const goesOn = !isOver && (await store.postpone(notice, pauseMs));
      const line = { client_id, attempts, fault: (error as Error).message.slice(0, 300) };
      log.warn(
        line,
        goesOn ? 'a client could not be told of a logout yet' : 'a client is not told of a logout',
      );
      if (!isOver) return;
    }
    await store.remove(notice);
  }
}
