import type { Change, Listener } from '../../src/storage/change-feed.ts';
import { FreshCache } from '../../src/storage/fresh-cache.ts';

function setUp() {
  let listener: Listener = () => undefined;
  const feed = {
    connected: true,
    subscribe(given: Listener) {
      listener = given;
    },
  };
  const clock = { now: 0 };
  const cache = new FreshCache<number>({
    feed,
    isAbout: (change: Change) => change.id,
    now: () => clock.now,
  });
  let loads = 0;
  const read = () => cache.get('a', async () => ++loads);
  return { feed, clock, read, change: (change: Change | 'everything') => listener(change) };
}

describe('a cache kept true by the change feed', () => {
  it('loads once and again after a change of that object', async () => {
    const { read, change } = setUp();
    expect([await read(), await read()]).toEqual([1, 1]);
    change({ table: 't', tenantId: 'x', id: 'other' });
    expect(await read()).toBe(1);
    change({ table: 't', tenantId: 'x', id: 'a' });
    expect(await read()).toBe(2);
  });

  it('trusts nothing after a gap in the feed, and an entry for a second while the feed is down', async () => {
    const { read, change, feed, clock } = setUp();
    await read();
    change('everything');
    expect(await read()).toBe(2);
    feed.connected = false;
    clock.now = 999;
    expect(await read()).toBe(2);
    clock.now = 1001;
    expect(await read()).toBe(3);
  });

  it('caches neither absence nor failure', async () => {
    const { feed } = setUp();
    const cache = new FreshCache<number>({ feed, isAbout: () => undefined });
    let loads = 0;
    await cache.get('a', async () => void ++loads as undefined);
    await cache
      .get('a', async () => {
        loads++;
        throw new Error('down');
      })
      .catch(() => undefined);
    expect(await cache.get('a', async () => ++loads)).toBe(3);
  });
});
