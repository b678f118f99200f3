import { sql } from 'kysely';
import { Secret } from '../../src/base/secrets.ts';
import { GuessLimiter, type Target } from '../../src/users/guess-limiter.ts';
import { type EmbeddedTenant, embeddedTenant } from '../support/embedded-tenant.ts';

describe('limiter of guesses', () => {
  let tenant: EmbeddedTenant;
  let limiter: GuessLimiter;
  beforeAll(async () => {
    tenant = await embeddedTenant();
    limiter = new GuessLimiter({ db: tenant.db, secret: new Secret('k'), perAddress: 4 });
  });
  afterAll(() => tenant.close());

  let serial = 0;
  const target = (more: Partial<Target> = {}): Target => ({
    tenantId: tenant.tenantId,
    key: `otp:${serial++}`,
    lockout: { tiers: [{ attempts: 3, durationSeconds: 60 }], failuresExpireSeconds: 60 },
    ...more,
  });
  const wrong = async () => undefined;
  const right = async () => 'yes';
  const isLocked = expect.objectContaining({ outcome: 'locked', until: expect.any(Date) });

  it('verifies no more than the attempts of the tier, and says which one was the last', async () => {
    const at = target();
    const outcomes = [];
    for (let n = 0; n < 3; n++) outcomes.push(await limiter.guess(at, wrong));
    expect(outcomes).toEqual([
      { outcome: 'wrong' },
      { outcome: 'wrong' },
      { outcome: 'wrong', lockedUntil: expect.any(Date) },
    ]);
    let asked = 0;
    const ask = async () => `asked ${++asked}`;
    expect(await limiter.guess(at, ask)).toEqual(isLocked);
    expect(asked).toBe(0);
    expect(await limiter.check(at)).toEqual({ lockedUntil: expect.any(Date) });
  });

  it('keeps counts apart by key, and begins anew after a success and where it is told to', async () => {
    const [one, other] = [target(), target()];
    for (const _ of [1, 2, 3]) await limiter.failed(one);
    expect(await limiter.guess(other, right)).toEqual({ outcome: 'right', value: 'yes' });
    await limiter.succeeded(one);
    expect(await limiter.check(one)).toEqual({});
    for (const attempt of [wrong, wrong, right, wrong, wrong, right])
      expect((await limiter.guess(one, attempt)).outcome).toBe(attempt === right ? 'right' : 'wrong');
  });

  it('does not count an attempt that could not be checked', async () => {
    const at = target({ ip: '192.0.2.1' });
    for (let n = 0; n < 9; n++)
      await expect(limiter.guess(at, () => Promise.reject(new Error('busy')))).rejects.toThrow('busy');
    expect(await limiter.guess(at, right)).toEqual({ outcome: 'right', value: 'yes' });
  });

  /** Another node: nothing in common but the database. */
  const node = () => new GuessLimiter({ db: tenant.db, secret: new Secret('k'), perAddress: 4 });
  const slowly = <T>(answer: T, ms = 30) => new Promise<T>((resolve) => setTimeout(resolve, ms, answer));
  const faultOf = (error: { status: number; retryAfterSeconds: number }) => error;
  const outcomesOf = (guesses: Promise<{ outcome: string }>[]): Promise<string[]> =>
    Promise.all(
      guesses.map((guess) =>
        guess.then(
          ({ outcome }) => outcome,
          ({ status }: { status: number }) => String(status),
        ),
      ),
    );

  it('begins no more checks at once than may fail, over all nodes, and locks none of many right ones', async () => {
    const at = target();
    const nodes = [limiter, node()];
    let [now, most] = [0, 0];
    const slow = async (answer: string | undefined) => {
      most = Math.max(most, ++now);
      await slowly(undefined);
      now--;
      return answer;
    };
    const thirty = (answer: string | undefined) =>
      Array.from({ length: 30 }, (_, n) => (nodes[n % 2] as GuessLimiter).guess(at, () => slow(answer)));
    expect(await outcomesOf(thirty('yes'))).toEqual(Array(30).fill('right'));
    expect(most).toBeLessThanOrEqual(3);
    const outcomes = await outcomesOf(thirty(undefined));
    expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'locked')).toHaveLength(27);
  });

  it('does not take an attempt that is being checked for a failure, however long that takes', async () => {
    const at = target();
    const slow = [1, 2, 3].map(() => limiter.guess(at, () => slowly('yes', 600)));
    await slowly(undefined, 50);
    expect(await limiter.check(at)).toEqual({});
    // Longer ago than the lock of an earlier design believed in.
    await sql`update failure_counts set reserved_at = reserved_at - interval '11 seconds'`.execute(tenant.db);
    expect((await limiter.guess(at, right)).outcome).toBe('right');
    expect(await outcomesOf(slow)).toEqual(Array(3).fill('right'));
  });

  it('keeps the places of others when one succeeds: a success lets in one more, not as many as may fail', async () => {
    const at = target();
    const first = limiter.guess(at, () => slowly('yes'));
    const others = [1, 2].map(() => limiter.guess(at, () => slowly(undefined, 300)));
    await first;
    let begun = 0;
    const more = [1, 2, 3].map(() =>
      limiter.guess(at, () => {
        begun++;
        return slowly(undefined, 300);
      }),
    );
    await slowly(undefined, 100);
    expect(begun).toBe(1);
    expect((await outcomesOf([...others, ...more])).sort()).toEqual([
      ...['locked', 'locked', 'wrong', 'wrong', 'wrong'],
    ]);
  });

  it('answers 503 with a time to come back where a crowd waits, and has no verdict on them', async () => {
    const at = target();
    const { promise, resolve } = Promise.withResolvers<string>();
    const all = Array.from({ length: 100 }, () => limiter.guess(at, () => promise));
    const refusals = await Promise.all(all.slice(70).map((guess) => guess.catch(faultOf)));
    expect(refusals).toEqual(Array(30).fill(expect.objectContaining({ status: 503, retryAfterSeconds: 1 })));
    resolve('yes');
    const outcomes = await outcomesOf(all);
    expect(outcomes.filter((outcome) => outcome !== 'right' && outcome !== '503')).toEqual([]);
    expect(outcomes.filter((outcome) => outcome === 'right')).toHaveLength(67);
  });

  it('takes the mark of a node that died in the middle of an attempt as a place, and forgets it after its lease', async () => {
    const at = target();
    for (const _ of [1, 2]) await limiter.failed(at);
    // Nobody got an answer to the two that are still marked.
    await sql`update failure_counts set pending = 2 where failures = 2`.execute(tenant.db);
    let begun = false;
    const guess = limiter.guess(at, async () => {
      begun = true;
      return 'yes';
    });
    await slowly(undefined, 300);
    expect(begun).toBe(false);
    await sql`update failure_counts set reserved_at = now() - interval '41 seconds'`.execute(tenant.db);
    expect(await guess).toEqual({ outcome: 'right', value: 'yes' });
  });

  it('counts an address over all keys; a success there takes back its own attempt only', async () => {
    const from = (ip: string) => target({ ip });
    for (const attempt of [wrong, wrong, wrong, right, right, wrong])
      expect((await limiter.guess(from('192.0.2.9'), attempt)).outcome).toBe(
        attempt === right ? 'right' : 'wrong',
      );
    expect(await limiter.guess(from('192.0.2.9'), right)).toEqual(isLocked);
    expect((await limiter.guess(from('192.0.2.10'), right)).outcome).toBe('right');
    const open = new GuessLimiter({ db: tenant.db, secret: new Secret('k'), perAddress: 0 });
    expect((await open.guess(from('192.0.2.9'), right)).outcome).toBe('right');
  });
});
