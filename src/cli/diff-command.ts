/** `diff`: says in what the server differs from a file, and changes nothing. */
import { readOptions } from './apply/options.ts';
import { planJson, planText } from './apply/plan-text.ts';
import { prepare } from './apply/prepare.ts';
import { reporting } from './apply/reporting.ts';
import type { Command } from './command.ts';

const DRIFT = 2;

export const DIFF: Command = {
  name: 'diff',
  usage: '<file.yaml> [--url origin] [--prune] [--json]',
  summary:
    'Report what a running Tessera has otherwise than a file says; exit code 2 where there is something',
  run: (context) =>
    reporting(context, async () => {
      const options = readOptions('diff', context.arguments);
      const { steps } = await prepare(context, options);
      if (options.json) context.stdout.write(`${planJson(steps)}\n`);
      else if (steps.length === 0) context.stdout.write('No drift: the server matches the file.\n');
      else context.stdout.write(`${planText(steps, 'drift')}\n`);
      return steps.length === 0 ? 0 : DRIFT;
    }),
};
