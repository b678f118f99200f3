/** `apply`: makes the server match a file, after it has printed the plan. */
import { isConfirmed } from './apply/confirmation.ts';
import { execute } from './apply/execute.ts';
import type { MadePlan } from './apply/make-plan.ts';
import type { Management } from './apply/management-client.ts';
import { type Options, readOptions } from './apply/options.ts';
import { planJson, planText } from './apply/plan-text.ts';
import { prepare } from './apply/prepare.ts';
import { failureText, outcomeJson, secretsText } from './apply/report.ts';
import { reporting } from './apply/reporting.ts';
import { secretsInFile, secretsInMemory } from './apply/secrets-output.ts';
import type { Command, CommandContext } from './command.ts';

const DIFFERENT = 2;

export const APPLY: Command = {
  name: 'apply',
  usage: '<file.yaml> [--url origin] [--dry-run] [--prune] [--yes] [--json] [--secrets file]',
  summary:
    'Make a running Tessera match a file (credentials of a management application: TESSERA_CLIENT_ID, TESSERA_CLIENT_SECRET)',
  run: (context) =>
    reporting(context, async () => {
      const options = readOptions('apply', context.arguments);
      const prepared = await prepare(context, options);
      const { steps } = prepared;
      showPlan(context, options, prepared);
      if (steps.length === 0) return 0;
      if (options.dryRun) return DIFFERENT;
      if (!options.yes && !(await isConfirmed(context, steps))) {
        context.stderr.write('Nothing was changed.\n');
        return 1;
      }
      return carryOut(context, options, prepared);
    }),
};

function showPlan({ stdout }: CommandContext, { json }: Options, { steps }: MadePlan): void {
  if (json) stdout.write(`${planJson(steps)}\n`);
  else if (steps.length === 0) stdout.write('Nothing to do: the server matches the file.\n');
  else stdout.write(`${planText(steps, 'plan')}\n`);
}

async function carryOut(
  { stdout, stderr }: CommandContext,
  { json, secretsFile }: Options,
  { api, inventory, steps }: MadePlan & { api: Management },
): Promise<number> {
  const makesClients = steps.some(({ action, kind }) => action === 'create' && kind.section === 'clients');
  const secrets = makesClients && secretsFile !== undefined ? secretsInFile(secretsFile) : secretsInMemory();
  const stop = new AbortController();
  // Not in the middle of a call: the answer may hold a secret that is shown only once.
  process.once('SIGINT', () => stop.abort());
  const outcome = await execute(steps, {
    api,
    names: inventory.names,
    interrupted: stop.signal,
    onSecret: secrets.add,
  });
  const shown = secrets.close();
  const { done, undone } = outcome;
  if (json) stdout.write(`${outcomeJson(outcome, shown)}\n`);
  else stdout.write(`${secretsText(shown)}Done: ${done.length} of ${steps.length}.\n`);
  stderr.write(failureText(outcome));
  return undone.length === 0 ? 0 : 1;
}
