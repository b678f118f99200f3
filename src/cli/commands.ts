/** The commands of `npm run tessera -- <command>`: one line each; every command lives in a file of its own. */
import type { Config } from '../config/config.ts';

export interface CommandContext {
  readonly config: Config;
  readonly arguments: readonly string[];
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface Command {
  readonly name: string;
  /** What follows the name, for the usage text. */
  readonly usage: string;
  /** One line, in the imperative. */
  readonly summary: string;
  /** The exit code. @throws StartError for a mistake of the person who called */
  run(context: CommandContext): Promise<number>;
}

export const COMMANDS: readonly Command[] = [];

/** The text for a person who named no command or an unknown one. */
export const usageText = (commands: readonly Command[] = COMMANDS): string =>
  [
    'Usage: npm run tessera -- <command> [options]',
    '',
    ...commands.flatMap(({ name, usage, summary }) => [`  ${name} ${usage}`.trimEnd(), `      ${summary}`]),
    '',
  ].join('\n');
