/** The options of `apply` and `diff`. */
import { parseArgs } from 'node:util';
import { Faults } from './faults.ts';

export interface Options {
  readonly file: string;
  readonly url?: string;
  readonly dryRun: boolean;
  readonly prune: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly secretsFile?: string;
}

const BOTH = { url: { type: 'string' }, prune: { type: 'boolean' }, json: { type: 'boolean' } } as const;
const APPLY_ONLY = {
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
  secrets: { type: 'string' },
} as const;

/** @throws Faults for an unknown option, or where not exactly one file is named */
export function readOptions(command: 'apply' | 'diff', args: readonly string[]): Options {
  const { values, positionals } = parsed(command, args);
  const [file] = positionals;
  if (file === undefined || positionals.length > 1)
    throw new Faults(
      `${command} needs the name of one file, such as: npm run tessera -- ${command} tessera.yaml`,
    );
  return {
    file,
    ...(values.url !== undefined && { url: values.url }),
    dryRun: values['dry-run'] ?? false,
    prune: values.prune ?? false,
    yes: values.yes ?? false,
    json: values.json ?? false,
    ...(values.secrets !== undefined && { secretsFile: values.secrets }),
  };
}

interface Values {
  readonly url?: string;
  readonly 'dry-run'?: boolean;
  readonly prune?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly secrets?: string;
}

function parsed(command: string, args: readonly string[]): { values: Values; positionals: string[] } {
  const options = command === 'apply' ? { ...BOTH, ...APPLY_ONLY } : BOTH;
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new Faults((error as Error).message);
  }
}
