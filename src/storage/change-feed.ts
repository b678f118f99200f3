/** Tells every node which rows changed, so that cached objects stay true (LISTEN/NOTIFY). */
import type { OpenDatabase } from './database.ts';

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

  /** False while notifications may be missed; caches then trust an entry for a second only. */
  get connected(): boolean {
    return this.#connected;
  }

  subscribe(listener: Listener): void {
    this.#listeners.add(listener);
  }

  async start(database: Pick<OpenDatabase, 'listen'>): Promise<void> {
    this.#stop = await database.listen(
      'tessera_changes',
      (payload) => this.#tell(JSON.parse(payload) as Change),
      (connected) => {
        this.#connected = connected;
        this.#tell('everything');
      },
    );
  }

  async stop(): Promise<void> {
    await this.#stop?.();
  }

  #tell(change: Change | 'everything'): void {
    for (const listener of this.#listeners) listener(change);
  }
}
