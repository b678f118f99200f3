/** Makes one empty, migrated embedded database for all tests: initialising PGlite costs more than the rest of a start. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..');

/** Jest's globalSetup: start-app.ts copies the folder that TEST_EMBEDDED_TEMPLATE names. */
export default async function makeTemplate() {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-template-'));
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  await promisify(execFile)(process.execPath, ['src/main.ts', 'migrate'], {
    cwd: ROOT,
    env: { ...env, DATA_DIR: join(folder, 'data'), KEYS_DIR: join(folder, 'keys'), PORT: '1' },
  });
  process.env.TEST_EMBEDDED_TEMPLATE = join(folder, 'data');
  // The servers of one run share what Node has compiled: it is a third of a start.
  process.env.TEST_COMPILE_CACHE = join(folder, 'compiled');
  globalThis.removeTemplate = () => rmSync(folder, { recursive: true, force: true });
}
