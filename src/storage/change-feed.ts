/** Tells every node which rows changed, so that cached objects stay true (LISTEN/NOTIFY). */
import { sql } from 'kysely';
import { newId } from '../base/secrets.ts';
import type { Database, OpenDatabase } from './database.ts';

const CHANNEL = 'tessera_changes';
const CATCH_UP_MS = 500;

export interface Change {
  readonly table: string;
  readonly tenantId: string;
  /** Value of the column the table's trigger names, e.g. the client id for a secret. */
  readonly id: string;
}

/** `everything` follows a gap in the feed: whatever is cached may be old. */
/** Sent by `caughtUp`; tells nothing about rows. */
interface Mark {
  readonly mark: string;
}

export type Listener = (change: Change | 'everything') => void;

export class ChangeFeed {
  readonly #listeners = new Set<Listener>();
  #connected = false;
  #stop: (() => Promise<void>) | undefined;
  #db: Database | undefined;
  readonly #marks = new Map<string, () => void>();

  /** False while notifications may be missed; caches then trust an entry for a second only. */
  get connected(): boolean {
    return this.#connected;
  }

  subscribe(listener: Listener): void {
    this.#listeners.add(listener);
  }

  async start(database: Pick<OpenDatabase, 'listen' | 'db'>): Promise<void> {
    this.#db = database.db;
    this.#stop = await database.listen(
      CHANNEL,
      (payload) => this.#hear(JSON.parse(payload) as Change | Mark),
      (connected) => {
        this.#connected = connected;
        this.#tell('everything');
      },
    );
  }

  async stop(): Promise<void> {
    await this.#stop?.();
  }

  /**
   * Resolves when this node has heard of every change that was committed before the call, so that it obeys what it
   * answered. Notifications arrive in the order of commits: a mark that comes back has all of them before it.
   * Gives up after half a second; other nodes obey within a second anyway.
   */
  async caughtUp(): Promise<void> {
    const db = this.#db;
    if (!db || !this.#connected) return;
    const mark = newId();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CATCH_UP_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#marks.set(mark, done);
      sql`select pg_notify(${CHANNEL}, ${JSON.stringify({ mark })})`.execute(db).catch(done);
    });
    this.#marks.delete(mark);
  }

  #hear(message: Change | Mark): void {
    if ('mark' in message) this.#marks.get(message.mark)?.();
    else this.#tell(message);
  }

  #tell(change: Change | 'everything'): void {
    for (const listener of this.#listeners) listener(change);
  }
}
