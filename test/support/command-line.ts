/** Runs `npm run tessera -- ...` as a child process, the way a person or a pipeline does: no terminal, nothing to read. */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { COMMANDS } from '../../src/cli/commands.ts';
import { readConfig } from '../../src/config/config.ts';
import type { App } from './start-app.ts';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment of somebody who manages this deployment. */
export const managerOf = ({ url, management }: Pick<App, 'url' | 'management'>): Record<string, string> => ({
  PUBLIC_URL: url,
  TESSERA_CLIENT_ID: management.clientId,
  TESSERA_CLIENT_SECRET: management.clientSecret,
});

const compileCache = (): Record<string, string> =>
  process.env.TEST_COMPILE_CACHE ? { NODE_COMPILE_CACHE: process.env.TEST_COMPILE_CACHE } : {};

/** @param onStart gets the process, to send it a signal */
export async function tessera(
  args: readonly string[],
  env: Record<string, string>,
  onStart: (child: ChildProcess) => void = () => undefined,
): Promise<Ran> {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...args], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '',
      ...compileCache(),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart(child);
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    texts.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    texts.stderr += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, ...texts };
}

/** As `tessera`, without a process of its own: for what a command does, not for how it begins and ends. */
export async function tesseraHere(
  args: readonly string[],
  environment: Record<string, string>,
): Promise<Ran> {
  const [name, ...rest] = args;
  const command = COMMANDS.find((one) => one.name === name);
  if (!command) throw new Error(`there is no command ${name}`);
  const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  streams.stdin.end();
  const code = await command.run({
    config: readConfig(environment),
    environment,
    arguments: rest,
    ...streams,
  });
  const textOf = (stream: PassThrough): string => String(stream.read() ?? '');
  return { code, stdout: textOf(streams.stdout), stderr: textOf(streams.stderr) };
}

/** As `tessera`, with this standard input; `onStart` in place of it writes and ends the input itself. */
export async function tesseraReading(
  app: Pick<App, 'env'>,
  args: readonly string[],
  input: string | Buffer | ((child: ChildProcessWithoutNullStreams) => void) = '',
): Promise<Ran> {
  const child = spawn(process.execPath, ['src/cli/main.ts', ...args], {
    cwd: ROOT,
    env: { ...compileCache(), ...app.env },
  });
  const texts = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    texts.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    texts.stderr += chunk.toString();
  });
  // A command that refuses to begin does not read its input.
  child.stdin.on('error', () => undefined);
  if (typeof input === 'function') input(child);
  else child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, ...texts };
}

/** A text is a line as it is; everything else is written as JSON. */
export const jsonLines = (lines: readonly unknown[]): string =>
  lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');

export const fromJsonLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
