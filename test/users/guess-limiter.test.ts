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

  it('begins no more checks at once than may fail, and lets the others in after a success', async () => {
    const at = target();
    let [now, most] = [0, 0];
    const slow = async (answer: string | undefined) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 30));
      now--;
      return answer;
    };
    const all = await Promise.all(Array.from({ length: 10 }, () => limiter.guess(at, () => slow('yes'))));
    expect(all.map(({ outcome }) => outcome)).toEqual(Array(10).fill('right'));
    expect(most).toBeLessThanOrEqual(5);
    const wrongs = await Promise.all(
      Array.from({ length: 10 }, () => limiter.guess(at, () => slow(undefined))),
    );
    expect(wrongs.filter(({ outcome }) => outcome === 'wrong')).toHaveLength(3);
    expect(wrongs.filter(({ outcome }) => outcome === 'locked')).toHaveLength(7);
  });

  it('takes the mark of a node that died in the middle of an attempt as a failure', async () => {
    const at = target();
    for (const _ of [1, 2, 3]) await limiter.failed(at);
    await sql`update failure_counts set pending = 1, reserved_at = now() - interval '11 seconds'`.execute(
      tenant.db,
    );
    expect(await limiter.guess(at, right)).toEqual(isLocked);
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
