/** Turns the faults of a command into lines of the standard error output and exit code 1. */
import type { CommandContext } from '../command.ts';
import { Faults } from './faults.ts';

export async function reporting(
  { stderr }: Pick<CommandContext, 'stderr'>,
  work: () => Promise<number>,
): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Faults)) throw error;
    for (const fault of error.faults) stderr.write(`tessera: ${fault}\n`);
    return 1;
  }
}
