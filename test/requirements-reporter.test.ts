/** The table of requirements tells the truth about what was run. */
import { evidence, report, requirementsIn, rowsOf } from './support/requirements-reporter.js';
import { LATER } from './support/requirements-scope.js';

const test = (title: string, status: string) => ({ title, ancestorTitles: ['a flow'], status });

describe('the table of requirements', () => {
  it('reads numbers and ranges from parentheses only', () => {
    expect(requirementsIn('does a thing (R3, R5 to R7, D9) and R12, (C20) (R9 and R10)')).toEqual([
      3, 5, 6, 7, 9, 10,
    ]);
    expect(requirementsIn('a RSA thing (RS256, RFC 8707)')).toEqual([]);
  });
  it('marks a number as failing when one of its tests fails, and as a gap when none ran', () => {
    const rows = rowsOf(
      evidence([test('one ( R1, R2)', 'passed'), test('two (R2)', 'failed'), test('three (R3)', 'pending')]),
    );
    expect(rows.slice(0, 5).map(({ state }) => state)).toEqual(['shown', 'broken', 'gap', 'gap', 'later']);
    const text = report(rows, true);
    expect(text).toContain('R1    one');
    expect(text).toContain('R2    FAILS: two (R2)');
    expect(text).toMatch(/1 shown, 1 failing, \d+ for later, \d+ gaps: R3 R4/);
    expect(report(rows, false)).not.toContain('R1    one');
  });
  it('gives a reason for every number that is left for later', () => {
    expect([...LATER.values()].every((reason) => reason.length > 5)).toBe(true);
    expect([...LATER.keys()].every((number) => number >= 1 && number <= 184)).toBe(true);
  });
});
