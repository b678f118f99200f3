/** One server in a process of its own: started, timed until ready, its memory read, stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ask } from './http-client.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;
const ALIVE = new Set<ChildProcess>();

// A bench that is interrupted leaves no server behind.
process.on('exit', () => {
  for (const child of ALIVE) child.kill('SIGKILL');
});

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const server = createServer();
  server.once('error', reject);
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    server.close(() =>
      address && typeof address === 'object' ? resolve(address.port) : reject(new Error('No port.')),
    );
  });
  return promise;
}

export class ServerProcess {
  readonly startMs: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, startMs: number) {
    this.#child = child;
    this.startMs = startMs;
  }

  /**
   * Runs `script` with this Node and waits until `readyUrl` answers 200; `startMs` is the time from spawn to that answer.
   * @throws Error with the end of the server's output when it stops or is not ready within a minute.
   */
  static async start(
    script: string,
    env: Readonly<Record<string, string>>,
    readyUrl: string,
  ): Promise<ServerProcess> {
    const begin = performance.now();
    const child = spawn(process.execPath, [script], {
      cwd: ROOT,
      env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    ALIVE.add(child);
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-2000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('exit', () => ALIVE.delete(child));
    while (performance.now() - begin < START_LIMIT_MS) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${script} stopped while starting:\n${output}`);
      const status = await ask(readyUrl).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) return new ServerProcess(child, performance.now() - begin);
      await sleep(5);
    }
    child.kill('SIGKILL');
    throw new Error(`${script} was not ready within ${START_LIMIT_MS / 1000} s:\n${output}`);
  }

  /** Resident memory in MB, now and at its highest so far. Linux only; NaN elsewhere. */
  memory(): { readonly nowMb: number; readonly peakMb: number } {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      const read = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
      return { nowMb: read('VmRSS'), peakMb: read('VmHWM') };
    } catch {
      return { nowMb: Number.NaN, peakMb: Number.NaN };
    }
  }

  /** Asks the server to stop and waits; kills it when it does not. */
  async stop(): Promise<void> {
    if (!ALIVE.has(this.#child)) return;
    const exited = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()));
    this.#child.kill('SIGTERM');
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(limit);
  }
}
