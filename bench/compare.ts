/** Runs scenarios against two targets in interleaved rounds and sets the results side by side. */
import { type LoadShape, type Measurement, measure } from './load.ts';
import type { Scenario } from './scenarios.ts';
import { median, type Summary, summarise } from './statistics.ts';
import type { Target } from './target.ts';

export interface Comparison {
  readonly scenario: string;
  readonly subject: Summary;
  readonly baseline?: Summary;
  /** Median over the rounds of subject / baseline, in requests per second. */
  readonly ratio?: number;
  /** The same for the p50. */
  readonly p50Ratio?: number;
  readonly goal?: number;
  readonly rounds: { readonly subject: readonly Measurement[]; readonly baseline: readonly Measurement[] };
}

export interface Pair {
  readonly subject: Target;
  readonly baseline: Target;
}

const ratios = (
  subject: readonly Measurement[],
  baseline: readonly Measurement[],
  of: 'perSecond' | 'p50Ms',
): number => median(subject.map((round, index) => round[of] / (baseline[index]?.[of] ?? Number.NaN)));

function toComparison(
  scenario: Scenario,
  subject: readonly Measurement[],
  baseline: readonly Measurement[],
): Comparison {
  const compared = baseline.length > 0 && {
    baseline: summarise(baseline),
    ratio: ratios(subject, baseline, 'perSecond'),
    p50Ratio: ratios(subject, baseline, 'p50Ms'),
  };
  return {
    scenario: scenario.name,
    subject: summarise(subject),
    ...compared,
    ...(scenario.goal !== undefined && { goal: scenario.goal }),
    rounds: { subject, baseline },
  };
}

/** Every round visits every scenario; who goes first alternates, so that neither always meets the warmer machine. */
export async function compare(
  chosen: readonly Scenario[],
  { subject, baseline }: Pair,
  { rounds, ...shape }: LoadShape & { readonly rounds: number },
): Promise<Comparison[]> {
  const found = chosen.map((scenario) => ({
    scenario,
    subject: [] as Measurement[],
    baseline: [] as Measurement[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const entry of found) {
      process.stderr.write(`round ${round + 1}/${rounds} ${entry.scenario.name}\n`);
      const both = async (side: 'subject' | 'baseline'): Promise<void> => {
        if (side === 'baseline' && !entry.scenario.comparable) return;
        entry[side].push(await measure(entry.scenario, side === 'subject' ? subject : baseline, shape));
      };
      const [first, second] =
        round % 2 === 0 ? (['baseline', 'subject'] as const) : (['subject', 'baseline'] as const);
      await both(first);
      await both(second);
    }
  }
  return found.map((entry) => toComparison(entry.scenario, entry.subject, entry.baseline));
}
