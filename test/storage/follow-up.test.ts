/** Runs that follow changes. */
import { setTimeout as pause } from 'node:timers/promises';
import { followUp } from '../../src/storage/follow-up.ts';

function scripted(outcomes: readonly ('works' | 'fails')[], waits: readonly number[] = [5, 5]) {
  const failures: unknown[] = [];
  let runs = 0;
  let atOnce = 0;
  let most = 0;
  const { due, settled } = followUp({
    work: async () => {
      const outcome = outcomes[runs] ?? 'works';
      runs += 1;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await pause(5);
      atOnce -= 1;
      if (outcome === 'fails') throw new Error('away');
    },
    waits,
    onFailure: (error) => failures.push(error),
  });
  return { due, settled, seen: () => ({ runs, most, failures: failures.length }) };
}

describe('work that follows changes', () => {
  it('runs one at a time, and once for all changes that came while it ran', async () => {
    const { due, settled, seen } = scripted([]);
    due();
    await pause(1);
    for (let change = 0; change < 50; change += 1) due();
    await settled();
    expect(seen()).toEqual({ runs: 2, most: 1, failures: 0 });
  });

  it('is tried again after a failure, without another change', async () => {
    const { due, seen } = scripted(['fails', 'fails', 'works']);
    due();
    await pause(150);
    expect(seen()).toEqual({ runs: 3, most: 1, failures: 2 });
  });

  it('gives up after the last wait and begins anew with the next change; `settled` never fails', async () => {
    const { due, settled, seen } = scripted(['fails', 'fails', 'fails', 'works']);
    due();
    await expect(settled()).resolves.toBeUndefined();
    await pause(150);
    expect(seen()).toMatchObject({ runs: 3, failures: 3 });
    due();
    await settled();
    expect(seen()).toMatchObject({ runs: 4, failures: 3 });
  });
});
