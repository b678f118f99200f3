/** Prints comparisons and single facts as aligned text. */
import type { Comparison } from './compare.ts';

const number = (value: number | undefined, digits = 1): string =>
  value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);

/** Columns as wide as their widest cell; the first one left, the others right aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return rows.map(line).join('\n');
}

function verdict({ ratio, goal }: Comparison): string {
  if (ratio === undefined || goal === undefined) return '-';
  return ratio >= goal ? `met (${goal})` : `MISSED (${goal})`;
}

const cells = (row: Comparison): string[] => [
  row.scenario,
  number(row.subject.perSecond, 0),
  number(row.subject.p50Ms),
  number(row.subject.p99Ms),
  number(row.baseline?.perSecond, 0),
  number(row.baseline?.p50Ms),
  number(row.baseline?.p99Ms),
  number(row.ratio, 2),
  verdict(row),
  String(row.subject.errors + (row.baseline?.errors ?? 0)),
];

/** One line per scenario, then the first error of every scenario that had one. */
export function comparisonTable(rows: readonly Comparison[], subject: string, baseline: string): string {
  const heads = (name: string): string[] => [`${name}/s`, 'p50 ms', 'p99 ms'];
  const head = ['scenario', ...heads(subject), ...heads(baseline), 'ratio', 'goal', 'errors'];
  const errors = rows.flatMap(({ scenario, subject: left, baseline: right }) =>
    [left.firstError, right?.firstError]
      .filter((text) => text !== undefined)
      .map((text) => `${scenario}: ${text}`),
  );
  return [table([head, ...rows.map(cells)]), ...errors].join('\n');
}
