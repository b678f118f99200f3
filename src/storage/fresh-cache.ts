/** A bounded in-process cache that the change feed keeps true on every node. */
import type { Change, ChangeFeed } from './change-feed.ts';

const MAX_AGE_MS = 30_000;
const MAX_AGE_WITHOUT_FEED_MS = 1_000;
const MAX_ENTRIES = 10_000;

interface Entry<T> {
  readonly value: Promise<T | undefined>;
  readonly loadedAt: number;
}

export class FreshCache<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #feed: Pick<ChangeFeed, 'connected' | 'subscribe'>;
  readonly #now: () => number;

  /**
   * @param isAbout tells which key a change concerns: a key, `'all'`, or undefined for none.
   */
  constructor(parts: {
    feed: Pick<ChangeFeed, 'connected' | 'subscribe'>;
    isAbout: (change: Change) => string | undefined;
    now?: () => number;
  }) {
    this.#feed = parts.feed;
    this.#now = parts.now ?? Date.now;
    parts.feed.subscribe((change) => {
      const key = change === 'everything' ? 'all' : parts.isAbout(change);
      if (key === 'all') this.#entries.clear();
      else if (key !== undefined) this.#entries.delete(key);
    });
  }

  /** The cached object, or what `load` finds. Absence is not cached, nor is a failed load. */
  get(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const found = this.#entries.get(key);
    const maxAge = this.#feed.connected ? MAX_AGE_MS : MAX_AGE_WITHOUT_FEED_MS;
    if (found && this.#now() - found.loadedAt < maxAge) return found.value;
    const entry = { value: load(), loadedAt: this.#now() };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#evict();
    const forget = (): void => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    };
    entry.value.then((value) => value === undefined && forget(), forget);
    return entry.value;
  }

  #evict(): void {
    if (this.#entries.size <= MAX_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
