/** The commands of `npm run tessera -- <command>`: one line each; every command lives in a file of its own. */
import { APPLY } from './apply-command.ts';
import type { Command } from './command.ts';
import { DELETE_TENANT } from './delete-tenant.ts';
import { DIFF } from './diff-command.ts';
import { EXPORT } from './export-command.ts';
import { IMPORT } from './import-command.ts';

export const COMMANDS: readonly Command[] = [APPLY, DIFF, EXPORT, IMPORT, DELETE_TENANT];

/** The text for a person who named no command or an unknown one. */
export const usageText = (commands: readonly Command[] = COMMANDS): string =>
  [
    'Usage: npm run tessera -- <command> [options]',
    '',
    ...commands.flatMap(({ name, usage, summary }) => [`  ${name} ${usage}`.trimEnd(), `      ${summary}`]),
    '',
  ].join('\n');
