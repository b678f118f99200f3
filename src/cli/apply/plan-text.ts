/** A plan as people and programs read it; values that may be secret are not in it. */
import { onOneLine, quoted } from './faults.ts';
import type { Step } from './plan.ts';

/** Which words describe a step: what will be done, or in what the server differs. */
export type Wording = 'plan' | 'drift';

interface ShownMember {
  readonly member: string;
  readonly from?: unknown;
  readonly to: unknown;
}

const HIDDEN = '(hidden)';
const LONGEST_VALUE = 300;
const SECRET_NAME = /secret|password|passphrase|private|api_?key|credential/i;
/** RFC 7518 6.2.2, 6.3.2, 6.4: what only the owner of a key has. */
const PRIVATE_JWK = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** `client "Web" of application "Shop"`; a URI stands without quotes. */
export function titleOf({ kind, name, application }: Pick<Step, 'kind' | 'name' | 'application'>): string {
  const own = kind.key === 'uri' ? onOneLine(name) : quoted(name);
  return `${kind.noun} ${own}${application === undefined ? '' : ` of application ${quoted(application)}`}`;
}

/** One block of lines per step; the same plan gives the same text. */
export const planText = (steps: readonly Step[], wording: Wording): string =>
  steps.map((step) => [headOf(step, wording), ...memberLines(step)].join('\n')).join('\n');

function headOf(step: Step, wording: Wording): string {
  const title = titleOf(step);
  if (wording === 'plan')
    return `${{ create: '+', change: '~', delete: '-' }[step.action]} ${step.action} ${title}`;
  return {
    create: `- missing on the server: ${title}`,
    change: `~ differs on the server: ${title}`,
    delete: `+ not in the file: ${title}`,
  }[step.action];
}

function memberLines(step: Step): string[] {
  return shownMembers(step).map(({ member, from, to }) =>
    step.action === 'change'
      ? `    ${member}: ${valueText(from)} -> ${valueText(to)}`
      : `    ${member}: ${valueText(to)}`,
  );
}

/** One JSON document: `{ "changes": [{ action, kind, name, application?, members }] }`. */
export const planJson = (steps: readonly Step[]): string =>
  JSON.stringify({
    changes: steps.map((step) => ({
      action: step.action,
      kind: step.kind.noun,
      name: step.name,
      ...(step.application !== undefined && { application: step.application }),
      members: shownMembers(step),
    })),
  });

function shownMembers(step: Step): ShownMember[] {
  if (step.action === 'delete') return [];
  const members: ShownMember[] =
    step.action === 'change'
      ? [...step.changes]
      : Object.entries(step.wanted.members)
          .filter(([member]) => member !== step.kind.key)
          .map(([member, to]) => ({ member, to }));
  return members.map(({ member, from, to }) => ({
    member,
    ...(from !== undefined && { from: shownValue(member, from) }),
    to: shownValue(member, to),
  }));
}

const mayBeSecret = (value: unknown): boolean =>
  !['boolean', 'number'].includes(typeof value) && value !== null;

const shownValue = (name: string, value: unknown): unknown =>
  SECRET_NAME.test(name) && mayBeSecret(value) ? HIDDEN : withoutSecrets(value);

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const isKey = 'kty' in value;
  const entries = Object.entries(value).map(([name, inner]) => [
    name,
    isKey && PRIVATE_JWK.includes(name) ? HIDDEN : shownValue(name, inner),
  ]);
  return Object.fromEntries(entries);
}

function valueText(value: unknown): string {
  const text = value === undefined ? '(none)' : onOneLine(JSON.stringify(value));
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}… (${text.length} characters)`;
}
