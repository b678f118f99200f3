/** Starts Tessera as a child process, the way an operator does, on a free port with folders of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from './clock.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 15_000;

export interface StartOptions {
  /** Laid over everything else. */
  readonly env?: Readonly<Record<string, string>>;
  readonly databaseUrl?: string | undefined;
  readonly redisUrl?: string | undefined;
  readonly dataDir?: string;
  readonly keysDir?: string;
  readonly port?: number;
  /** Another process of this deployment: same storage, keys, first identities and public URL, but another port. */
  readonly like?: App;
  /** The embedded database is made by this very start, not copied from the migrated template of the test run. */
  readonly fromNothing?: boolean;
  /** Moves the time of this process (embedded database only). */
  readonly clock?: Pick<Clock, 'file'>;
}

export interface App {
  /** Where this process listens, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly issuer: string;
  readonly admin: { readonly email: string; readonly password: string };
  readonly management: { readonly clientId: string; readonly clientSecret: string };
  /** The demo client, as printed on the first start; undefined when nothing was printed. */
  readonly demo: { readonly clientId: string; readonly clientSecret: string } | undefined;
  readonly pid: number;
  readonly dataDir: string;
  readonly keysDir: string;
  /** The environment the process was given. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything written to standard output and standard error so far. */
  output(): string;
  /** Sends the signal and waits for the exit code (-1 where a signal ended the process). */
  stop(signal?: NodeJS.Signals): Promise<number>;
  kill9(): Promise<void>;
  /** Ends the process if it still runs, and removes the folders that were made for it. */
  discard(): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

interface Folders {
  readonly dataDir: string;
  readonly keysDir: string;
  remove(): void;
}

function makeFolders(options: StartOptions): Folders {
  const base = mkdtempSync(join(tmpdir(), 'tessera-test-'));
  const template = process.env.TEST_EMBEDDED_TEMPLATE;
  const isGiven = options.dataDir ?? options.like ?? options.databaseUrl ?? options.fromNothing;
  if (template !== undefined && isGiven === undefined)
    cpSync(template, join(base, 'data'), { recursive: true });
  return {
    dataDir: options.dataDir ?? options.like?.dataDir ?? join(base, 'data'),
    keysDir: options.keysDir ?? options.like?.keysDir ?? join(base, 'keys'),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
}

function firstIdentities(): Record<string, string> {
  const random = (): string => randomBytes(24).toString('base64url');
  return {
    BOOTSTRAP_ADMIN_EMAIL: `admin-${randomBytes(4).toString('hex')}@example.com`,
    BOOTSTRAP_ADMIN_PASSWORD: `Aa1!${random()}`,
    BOOTSTRAP_CLIENT_ID: `management-${randomBytes(6).toString('hex')}`,
    BOOTSTRAP_CLIENT_SECRET: random(),
  };
}

function environment(options: StartOptions, folders: Folders, port: number): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    ...(process.env.TEST_COMPILE_CACHE && { NODE_COMPILE_CACHE: process.env.TEST_COMPILE_CACHE }),
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    PUBLIC_URL: `http://localhost:${port}`,
    ...(options.like?.env ?? firstIdentities()),
    ...(options.databaseUrl !== undefined && { DATABASE_URL: options.databaseUrl }),
    ...(options.redisUrl !== undefined && { REDIS_URL: options.redisUrl }),
    PORT: String(port),
    DATA_DIR: folders.dataDir,
    KEYS_DIR: folders.keysDir,
    ...(options.clock && { TEST_CLOCK_FILE: options.clock.file }),
    ...options.env,
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<number>;
  hasExited(): boolean;
  output(): string;
}

function run(env: Record<string, string>): Running {
  const preload = env.TEST_CLOCK_FILE === undefined ? [] : ['--import', './test/support/test-clock.ts'];
  const child = spawn(process.execPath, [...preload, 'src/main.ts'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let done = false;
  const collect = (chunk: Buffer): void => {
    text += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  // 'close', not 'exit': the last lines are read by then.
  const exited = once(child, 'close').then(([code]) => {
    done = true;
    return (code as number | null) ?? -1;
  });
  return { child, exited, hasExited: () => done, output: () => text };
}

async function end(running: Running, signal: NodeJS.Signals): Promise<number> {
  running.child.kill(signal);
  const limit = new AbortController();
  const code = await Promise.race([
    running.exited,
    pause(STOP_TIMEOUT_MS, undefined, { signal: limit.signal }).catch(() => undefined),
  ]);
  limit.abort();
  if (code !== undefined) return code;
  running.child.kill('SIGKILL');
  await running.exited;
  throw new Error(`Tessera did not stop within ${STOP_TIMEOUT_MS} ms of ${signal}:\n${running.output()}`);
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) }).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status === 200;
    },
    () => false,
  );

async function waitUntilReady(url: string, running: Running): Promise<void> {
  for (const limit = Date.now() + START_TIMEOUT_MS; Date.now() < limit; await pause(50)) {
    if (running.hasExited())
      throw new Error(
        `Tessera exited with ${await running.exited} instead of starting:\n${running.output()}`,
      );
    if (await isReady(url)) return;
  }
  await end(running, 'SIGKILL');
  throw new Error(`Tessera was not ready within ${START_TIMEOUT_MS} ms:\n${running.output()}`);
}

function printedDemo(output: string): App['demo'] {
  const printed = (label: string): string | undefined =>
    new RegExp(`^ *demo client ${label}: (\\S+)$`, 'im').exec(output)?.[1];
  const [clientId, clientSecret] = [printed('id'), printed('secret')];
  return clientId !== undefined && clientSecret !== undefined ? { clientId, clientSecret } : undefined;
}

/**
 * Starts the application and waits until `/readyz` answers 200.
 * @throws Error with all output when the process exits or is not ready in time.
 */
export async function startApp(options: StartOptions = {}): Promise<App> {
  const port = options.port ?? (await freePort());
  const folders = makeFolders(options);
  const env = environment(options, folders, port);
  const running = run(env);
  const url = `http://localhost:${port}`;
  await waitUntilReady(url, running).catch((error: unknown) => {
    folders.remove();
    throw error;
  });
  const value = (name: string): string => env[name] ?? '';
  return {
    url,
    port,
    issuer: `${value('PUBLIC_URL')}/oidc`,
    admin: { email: value('BOOTSTRAP_ADMIN_EMAIL'), password: value('BOOTSTRAP_ADMIN_PASSWORD') },
    management: { clientId: value('BOOTSTRAP_CLIENT_ID'), clientSecret: value('BOOTSTRAP_CLIENT_SECRET') },
    demo: printedDemo(running.output()) ?? options.like?.demo,
    pid: running.child.pid ?? 0,
    dataDir: folders.dataDir,
    keysDir: folders.keysDir,
    env,
    output: running.output,
    stop: (signal = 'SIGTERM') => end(running, signal),
    kill9: async () => void (await end(running, 'SIGKILL')),
    discard: async () => {
      if (!running.hasExited()) await end(running, 'SIGKILL');
      folders.remove();
    },
  };
}

/** Starts the application where it should refuse to, and returns how it ended. */
export async function refusedStart(options: StartOptions = {}): Promise<{ code: number; output: string }> {
  const folders = makeFolders(options);
  const running = run(environment(options, folders, options.port ?? (await freePort())));
  const timer = setTimeout(() => running.child.kill('SIGKILL'), START_TIMEOUT_MS);
  const code = await running.exited;
  clearTimeout(timer);
  folders.remove();
  return { code, output: running.output() };
}
