/** Entry of the command line: reads the configuration, finds the command, ends with its exit code. */
import { ConfigError, readConfig } from '../config/config.ts';
import { COMMANDS, usageText } from './commands.ts';

function fail(error: unknown): never {
  const faults =
    error instanceof ConfigError ? error.faults : [error instanceof Error ? error.message : String(error)];
  for (const fault of faults) process.stderr.write(`tessera: ${fault}\n`);
  process.exit(1);
}

async function main(): Promise<number> {
  const [name, ...rest] = process.argv.slice(2);
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) {
    process.stderr.write(usageText());
    return name === undefined || name === '--help' || name === 'help' ? 0 : 1;
  }
  const { env: environment, stdin, stdout, stderr } = process;
  const config = readConfig(environment);
  return command.run({ config, environment, arguments: rest, stdin, stdout, stderr });
}

/** A pipe takes what its reader has room for: without this, the end of a long export is lost when the process ends. */
const written = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    stream.write('', () => resolve());
  });

main().then(async (code) => {
  await Promise.all([written(process.stdout), written(process.stderr)]);
  process.exit(code);
}, fail);
