/** Deployments whose database the command line works on: beside the server on Postgres, while it is down on the embedded one. */
import type { Storage, StorageOptions } from './engines.ts';
import { type App, startApp } from './start-app.ts';

export class Deployments {
  readonly #options: Storage['options'];
  readonly #opened: { app: App; storage: StorageOptions }[] = [];

  constructor(options: Storage['options']) {
    this.#options = options;
  }

  async open(): Promise<App> {
    const storage = await this.#options();
    const app = await startApp(storage);
    this.#opened.push({ app, storage });
    return app;
  }

  /** The server that goes on afterwards, at the same address, and what the work gave. */
  async offline<T>(app: App, work: () => Promise<T>): Promise<{ app: App; result: T }> {
    const storage = this.#opened.find((one) => one.app === app)?.storage;
    if (storage === undefined || storage.databaseUrl) return { app, result: await work() };
    await app.stop();
    const result = await work();
    const again = await startApp({ ...storage, like: app, port: app.port });
    this.#opened.push({ app: again, storage });
    return { app: again, result };
  }

  async discard(): Promise<void> {
    for (const { app } of this.#opened.toReversed()) await app.discard();
    for (const storage of new Set(this.#opened.map((one) => one.storage))) await storage.release();
  }
}
