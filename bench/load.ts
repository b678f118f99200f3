/** The closed-loop load generator: every worker sends its next request when the last one is answered. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario, Step } from './scenarios.ts';
import { percentile } from './statistics.ts';
import type { Target } from './target.ts';

export interface Measurement {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  readonly errors: number;
  readonly firstError?: string;
}

export interface LoadShape {
  readonly workers: number;
  readonly seconds: number;
}

interface Tally {
  readonly latencies: number[];
  errors: number;
  firstError?: string;
}

async function work(step: Step, tally: Tally, until: number): Promise<void> {
  while (performance.now() < until) {
    const begin = performance.now();
    try {
      await step();
      tally.latencies.push(performance.now() - begin);
    } catch (error) {
      tally.errors++;
      tally.firstError ??= error instanceof Error ? error.message : String(error);
      // A refused worker must not spin and take the processor from the others.
      await sleep(20);
    }
  }
}

async function drive(steps: readonly Step[], seconds: number): Promise<Measurement> {
  const tally: Tally = { latencies: [], errors: 0 };
  const begin = performance.now();
  await Promise.all(steps.map((step) => work(step, tally, begin + seconds * 1000)));
  const elapsed = (performance.now() - begin) / 1000;
  const sorted = tally.latencies.toSorted((a, b) => a - b);
  return {
    perSecond: sorted.length / elapsed,
    p50Ms: percentile(sorted, 0.5),
    p99Ms: percentile(sorted, 0.99),
    requests: sorted.length,
    errors: tally.errors,
    ...(tally.firstError !== undefined && { firstError: tally.firstError }),
  };
}

/** What is reported when a scenario cannot even begin; the other scenarios still run. */
const notPrepared = (error: unknown): Measurement => ({
  perSecond: 0,
  p50Ms: Number.NaN,
  p99Ms: Number.NaN,
  requests: 0,
  errors: 1,
  firstError: error instanceof Error ? error.message : String(error),
});

/** Prepares the workers, warms up for a third of the time (1 s at most), then measures. */
export async function measure(
  scenario: Scenario,
  target: Target,
  { workers, seconds }: LoadShape,
): Promise<Measurement> {
  const steps: Step[] = [];
  try {
    // One after the other: a burst of sign-ins would fill the password queue before anything is measured.
    for (let worker = 0; worker < workers; worker++) steps.push(await scenario.prepare(target, worker));
  } catch (error) {
    return notPrepared(error);
  }
  await drive(steps, Math.min(1, seconds / 3));
  return drive(steps, seconds);
}
