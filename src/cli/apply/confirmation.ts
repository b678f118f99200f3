/** Asks the person at the terminal before anything is changed. */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { CommandContext } from '../command.ts';
import { Faults } from './faults.ts';
import type { Step } from './plan.ts';

/** True for a yes. @throws Faults where something would be deleted, nobody can be asked and nobody said yes before */
export async function isConfirmed(
  { stdin, stderr }: Pick<CommandContext, 'stdin' | 'stderr'>,
  steps: readonly Step[],
): Promise<boolean> {
  const deletions = steps.filter(({ action }) => action === 'delete').length;
  if (!stdin.isTTY) {
    if (deletions === 0) return true;
    throw new Faults(
      `This plan deletes ${deletions === 1 ? 'one object' : `${deletions} objects`} and there is no terminal to ask at; pass --yes to allow it.`,
    );
  }
  const lines = createInterface({ input: stdin, output: stderr });
  // A terminal that is closed answers nothing, which is no yes.
  const closed = once(lines, 'close').then(() => '');
  const answer = await Promise.race([lines.question('Apply this plan? Only "yes" is a yes: '), closed]);
  lines.close();
  return answer.trim() === 'yes';
}
