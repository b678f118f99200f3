/** A server, a folder of files, and the command line that applies the ones to the other. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { managerOf, type Ran, tessera, type tesseraHere } from './command-line.ts';
import type { StorageOptions } from './engines.ts';
import { type Interference, interferingProxy } from './interfering-proxy.ts';
import { type Api, adminToken, api } from './management.ts';
import { type App, startApp } from './start-app.ts';

export const EXAMPLE = join(import.meta.dirname, '..', '..', 'docs', 'examples', 'tessera.yaml');

export const unique = (word: string): string => `${word} ${randomBytes(4).toString('hex')}`;

/** The content of a file for an application of its own, so that tests do not meet. */
export const small = (name: string, client: Record<string, unknown> = {}) => ({
  tessera: 1,
  applications: [
    {
      app_name: name,
      clients: [{ name: 'Web', redirect_uris: ['https://a.example.com/cb'], ...client }],
    },
  ],
});

export interface ApplyScene {
  readonly app: App;
  readonly admin: Api;
  readonly folder: string;
  /** Environment of somebody who may apply. */
  readonly manager: Record<string, string>;
  /** The path of a new file with this content. */
  file(content: unknown, ending?: string): string;
  run(...args: string[]): Promise<Ran>;
  /** As `run`, with somebody between the command and the server. */
  through(interfere: Interference, ...args: string[]): Promise<Ran & { calls: readonly string[] }>;
  appNamed(name: string): Promise<Record<string, string> | undefined>;
  clientsOf(name: string): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}

export async function applyScene(
  storage: Pick<StorageOptions, 'databaseUrl' | 'redisUrl'> = {},
  command: typeof tessera | typeof tesseraHere = tessera,
): Promise<ApplyScene> {
  const app = await startApp(storage);
  const admin = api(app, await adminToken(app));
  const folder = mkdtempSync(join(tmpdir(), 'tessera-apply-'));
  const manager = managerOf(app);
  const appNamed: ApplyScene['appNamed'] = async (name) => {
    const { body } = await admin.get('/v1/applications');
    return body.result.find((one: { app_name: string }) => one.app_name === name);
  };
  return {
    app,
    admin,
    folder,
    manager,
    appNamed,
    file: (content, ending = 'yaml') => {
      const path = join(folder, `${randomBytes(6).toString('hex')}.${ending}`);
      writeFileSync(path, typeof content === 'string' ? content : stringify(content));
      return path;
    },
    run: (...args) => command(args, manager),
    through: async (interfere, ...args) => {
      const proxy = await interferingProxy(app.url, interfere);
      const ran = await tessera([...args, '--url', proxy.url], manager);
      await proxy.close();
      return { ...ran, calls: proxy.calls };
    },
    clientsOf: async (name) =>
      (await admin.get(`/v1/applications/${(await appNamed(name))?.app_id}/clients`)).body,
    end: async () => {
      rmSync(folder, { recursive: true, force: true });
      await app.discard();
    },
  };
}
