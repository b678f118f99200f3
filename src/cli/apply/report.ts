/** What `apply` says when it is through: how far it came, and the secrets that are shown this once. */
import type { NewSecret, Outcome } from './execute.ts';
import { onOneLine, quoted } from './faults.ts';
import type { Step } from './plan.ts';
import { titleOf } from './plan-text.ts';

const lineOf = (step: Step): string => `${step.action} ${titleOf(step)}`;

/** For the standard error output: empty where all was done. */
export function failureText({ done, undone, reason }: Outcome): string {
  const [failed, ...rest] = undone;
  if (!failed) return '';
  const list = (heading: string, steps: readonly Step[]): string[] =>
    steps.length === 0 ? [] : [heading, ...steps.map((step) => `  ${lineOf(step)}`)];
  return [
    `tessera: ${lineOf(failed)} failed: ${reason ?? 'no reason given'}`,
    ...list('Done before:', done),
    ...list('Not done:', [failed, ...rest]),
    'Nothing is undone; run the command again to continue from here.',
    '',
  ].join('\n');
}

/** For people; empty without secrets. */
export const secretsText = (secrets: readonly NewSecret[]): string =>
  secrets.length === 0
    ? ''
    : [
        'Secrets of the new clients, shown this once:',
        ...secrets.flatMap(({ application, client, client_id, client_secret }) => [
          `  client ${quoted(client)} of application ${quoted(application)}`,
          `    client_id: ${onOneLine(client_id)}`,
          `    client_secret: ${onOneLine(client_secret)}`,
        ]),
        '',
      ].join('\n');

/** For programs: one JSON document on one line. */
export const outcomeJson = ({ done, undone, reason }: Outcome, secrets: readonly NewSecret[]): string =>
  JSON.stringify({
    done: done.map(lineOf),
    not_done: undone.map(lineOf),
    ...(reason !== undefined && { reason }),
    secrets,
  });
