/** Tells every node which rows changed, so that cached objects stay true (LISTEN/NOTIFY). */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { OpenDatabase } from './database.ts';

const CHANNEL = 'tessera_changes';
/** Table name of a notification that only says how far the feed has come. */
const MARK = '';
const PATIENCE_MS = 1000;

export interface Change {
  readonly table: string;
  readonly tenantId: string;
  /** Value of the column the table's trigger names, e.g. the client id for a secret. */
  readonly id: string;
}

/** `everything` follows a gap in the feed: whatever is cached may be old. */
export type Listener = (change: Change | 'everything') => void;

export class ChangeFeed {
  readonly #listeners = new Set<Listener>();
  #connected = false;
  #stop: (() => Promise<void>) | undefined;
  #db: OpenDatabase['db'] | undefined;
  readonly #awaited = new Map<string, () => void>();

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
      (payload) => this.#tell(JSON.parse(payload) as Change),
      (connected) => {
        this.#connected = connected;
        this.#tell('everything');
      },
    );
  }

  /**
   * Resolves when this process has heard of every change that was committed before the call, so that whoever made one
   * finds it obeyed here at the next request. Gives up after a second: the caches catch up by themselves.
   */
  async caughtUp(): Promise<void> {
    if (!this.#connected || !this.#db) return;
    const id = randomUUID();
    const heard = Promise.withResolvers<void>();
    const timer = setTimeout(heard.resolve, PATIENCE_MS);
    this.#awaited.set(id, heard.resolve);
    const mark = JSON.stringify({ table: MARK, tenantId: '', id } satisfies Change);
    // Notifications arrive in the order of their commits.
    await sql`select pg_notify(${CHANNEL}, ${mark})`.execute(this.#db).catch(heard.resolve);
    await heard.promise;
    clearTimeout(timer);
    this.#awaited.delete(id);
  }

  async stop(): Promise<void> {
    await this.#stop?.();
  }

  #tell(change: Change | 'everything'): void {
    if (change !== 'everything' && change.table === MARK) this.#awaited.get(change.id)?.();
    else for (const listener of this.#listeners) listener(change);
  }
}
