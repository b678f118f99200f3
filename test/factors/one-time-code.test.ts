/** One-time codes beside what the flows show: how many guesses one code takes in all (issue 5: limits per code). */
import type { TenantId } from '../../src/base/ids.ts';
import { newId, Secret } from '../../src/base/secrets.ts';
import { OneTimeCodes } from '../../src/factors/one-time-code.ts';
import type { Item, ItemKey } from '../../src/storage/ephemeral-store.ts';
import type { GuessLimiter } from '../../src/users/guess-limiter.ts';

const MOST = 3;

/** Locks with every third failure, and the lock is over at once: as after the wait. */
function impatientLimiter(): Pick<GuessLimiter, 'guess' | 'check'> {
  let failures = 0;
  return {
    async guess(_target, verify) {
      const value = await verify();
      if (value !== undefined) return { outcome: 'right', value };
      failures++;
      return { outcome: 'wrong', ...(failures % MOST === 0 && { lockedUntil: new Date() }) };
    },
    check: async () => ({}),
  };
}

function memory() {
  const items = new Map<string, Item>();
  return {
    put: async ({ key }: ItemKey, value: Record<string, unknown>) => {
      items.set(key, { value, consumed: items.get(key)?.consumed ?? false });
    },
    get: async ({ key }: ItemKey) => items.get(key),
    remove: async ({ key }: ItemKey) => items.delete(key),
    consume: async ({ key }: ItemKey) => {
      const item = items.get(key);
      if (!item || item.consumed) return false;
      items.set(key, { ...item, consumed: true });
      return true;
    },
  };
}

describe('a one-time code', () => {
  const place = { tenantId: newId<TenantId>(), appId: newId(), purpose: 'test', subject: 'ada' } as never as {
    tenantId: TenantId;
    appId: never;
    purpose: string;
    subject: string;
  };
  const lockout = { tiers: [{ attempts: MOST, durationSeconds: 60 }], failuresExpireSeconds: 60 };
  const begin = async () => {
    const codes = new OneTimeCodes({
      ephemeral: memory(),
      limiter: impatientLimiter() as GuessLimiter,
      secret: new Secret('key'),
    });
    const issue = () => codes.issue({ ...place, length: 6, minutes: 1440, payload: {} });
    const code = await issue();
    const redeem = (text: string) => codes.redeem({ ...place, code: text, lockout });
    const wrong = async (times: number) => {
      for (let at = 0; at < times; at++)
        expect((await redeem(`${(Number(code[0]) + 1) % 10}${code.slice(1)}`)).outcome).toBe('wrong');
    };
    return { code, issue, redeem, wrong, codes };
  };

  it('is dead once guessing at it was locked: who waits for the end of the lock guesses at nothing', async () => {
    const { code, issue, redeem, wrong, codes } = await begin();
    await wrong(MOST);
    expect((await redeem(code)).outcome).toBe('expired');
    // It is still known that one was sent, and a new one is as good as any.
    expect(await codes.isKnown(place)).toBe(true);
    expect((await redeem(await issue())).outcome).toBe('right');
  });

  it('is good after fewer failures than that', async () => {
    const { code, redeem, wrong } = await begin();
    await wrong(MOST - 1);
    expect((await redeem(code)).outcome).toBe('right');
  });
});
