/** Prints which test shows which requirement, from the numbers in the titles, so that a gap is visible. */
import { LAST, LATER } from './requirements-scope.js';

/** A unit test names the rule it is about; only the running server shows it. */
const OVER_HTTP = /[\\/]test[\\/](flows|browser|contracts)[\\/]/;
const GROUP = /\(([^()]*\bR\d+[^()]*)\)/g;
const MENTION = /\bR(\d+)(?: to R(\d+))?/g;

const range = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

/** The requirements that a title names in parentheses, like `(R33, R34 to R36)`. */
export const requirementsIn = (title) => [
  ...new Set(
    [...title.matchAll(GROUP)].flatMap(([, inside]) =>
      [...inside.matchAll(MENTION)].flatMap(([, first, last]) => range(Number(first), Number(last ?? first))),
    ),
  ),
];

/** Titles by requirement: `{ shown: Set, broken: Set }`. A skipped test shows nothing. */
export function evidence(tests) {
  const found = new Map();
  for (const { title, ancestorTitles, status } of tests)
    for (const number of requirementsIn([...ancestorTitles, title].join(' '))) {
      const entry = found.get(number) ?? { shown: new Set(), broken: new Set() };
      if (status === 'passed') entry.shown.add(title);
      if (status === 'failed') entry.broken.add(title);
      found.set(number, entry);
    }
  return found;
}

/** One row per requirement: `{ number, state, text }`, state being shown, broken, later or gap. */
export const rowsOf = (found) =>
  range(1, LAST).map((number) => {
    const { shown = new Set(), broken = new Set() } = found.get(number) ?? {};
    if (broken.size > 0) return { number, state: 'broken', text: `FAILS: ${[...broken].join(' | ')}` };
    if (shown.size > 0) return { number, state: 'shown', text: [...shown].join(' | ') };
    if (LATER.has(number)) return { number, state: 'later', text: `later: ${LATER.get(number)}` };
    return { number, state: 'gap', text: 'GAP' };
  });

const count = (rows, state) => rows.filter((row) => row.state === state).length;
const line = ({ number, text }) => `${`R${number}`.padEnd(5)} ${text}`;

/** The whole table for a full run, else the counts. */
export function report(rows, isFull) {
  const gaps = rows.filter(({ state }) => state === 'gap').map(({ number }) => `R${number}`);
  const broken = rows.filter(({ state }) => state === 'broken');
  return [
    '',
    ...(isFull ? ['Requirements and the tests that show them', ...rows.map(line)] : broken.map(line)),
    `Requirements: ${count(rows, 'shown')} shown, ${broken.length} failing, ${count(rows, 'later')} for later, ${gaps.length} gaps${isFull && gaps.length > 0 ? `: ${gaps.join(' ')}` : ''}${isFull ? '' : ' (a part of the tests was run)'}`,
    '',
  ].join('\n');
}

/** Jest reporter. `REQUIREMENTS=all` asks for the table whatever was run. */
export default class RequirementsReporter {
  #globalConfig;
  constructor(globalConfig) {
    this.#globalConfig = globalConfig;
  }

  onRunComplete(_contexts, { testResults }) {
    const { testPathPatterns, testNamePattern, onlyChanged } = this.#globalConfig;
    const isPart = testPathPatterns?.patterns?.length > 0 || Boolean(testNamePattern) || onlyChanged;
    const overHttp = testResults.filter(({ testFilePath }) => OVER_HTTP.test(testFilePath));
    const isFull = process.env.REQUIREMENTS === 'all' || (!isPart && overHttp.length > 0);
    const found = evidence(overHttp.flatMap((file) => file.testResults));
    if (!isFull && found.size === 0) return;
    process.stderr.write(report(rowsOf(found), isFull));
  }
}
