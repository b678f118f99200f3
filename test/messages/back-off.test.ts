import { MAX_ATTEMPTS, pauseAfter } from '../../src/messages/back-off.ts';

describe('the pause before another attempt', () => {
  it('doubles from one second to one hour, and half of it is random', () => {
    const longest = Array.from({ length: 14 }, (_, at) => pauseAfter(at + 1, 1) / 1000);
    expect(longest).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600]);
    expect([pauseAfter(1, 0), pauseAfter(13, 0)]).toEqual([500, 1_800_000]);
    expect(new Set(Array.from({ length: 20 }, () => pauseAfter(10))).size).toBeGreaterThan(10);
  });

  it('adds up to hours, so that a mail outlives the repair of a mail server', () => {
    const shortest = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, at) => pauseAfter(at + 1, 0));
    expect(shortest.reduce((sum, one) => sum + one) / 3_600_000).toBeGreaterThan(5);
  });
});
