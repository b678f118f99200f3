/** What a command of the command line is, and what it is given. */
import type { Config, Environment } from '../config/config.ts';

export interface CommandContext {
  readonly config: Config;
  /** The environment of the process, for what is no matter of the server's configuration. */
  readonly environment: Environment;
  readonly arguments: readonly string[];
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
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
