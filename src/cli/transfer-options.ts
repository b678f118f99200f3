/** The options of `export` and `import`, read and checked. */
import { parseArgs } from 'node:util';
import { StartError } from '../base/start-error.ts';

export interface ImportOptions {
  readonly dryRun: boolean;
  /** Lines before this one are skipped. */
  readonly resumeFrom: number;
  /** File for the lines that were refused. */
  readonly refused: string | undefined;
}

export type ExportPart = 'all' | 'users' | 'configuration';

/** @throws StartError */
export function importOptions(given: readonly string[]): ImportOptions {
  const options = {
    'dry-run': { type: 'boolean', default: false },
    'resume-from': { type: 'string', default: '1' },
    refused: { type: 'string' },
  } as const;
  const { values } = read(() => parseArgs({ args: [...given], options, strict: true }));
  const resumeFrom = Number(values['resume-from']);
  if (!Number.isSafeInteger(resumeFrom) || resumeFrom < 1)
    throw new StartError('--resume-from takes the number of a line, 1 for the first.');
  return { dryRun: values['dry-run'], resumeFrom, refused: values.refused };
}

/** @throws StartError */
export function exportOptions(given: readonly string[]): ExportPart {
  const options = { only: { type: 'string', default: 'all' } } as const;
  const { values } = read(() => parseArgs({ args: [...given], options, strict: true }));
  if (values.only === 'all' || values.only === 'users' || values.only === 'configuration') return values.only;
  throw new StartError('--only takes users or configuration.');
}

function read<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new StartError((error as Error).message);
  }
}
