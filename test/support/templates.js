/** Makes one empty, migrated database of each kind for all tests: making one costs more than the rest of a start. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

const ROOT = join(import.meta.dirname, '..', '..');

const migrate = (env) =>
  promisify(execFile)(process.execPath, ['src/main.ts', 'migrate'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: '1', ...env },
  });

async function onServer(statement) {
  const client = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** A database that others are copied from (engines.ts); undefined without a server. */
async function makeServerTemplate(keysDir) {
  if (!process.env.TEST_DATABASE_URL) return undefined;
  const name = `tessera_template_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  const url = new URL(process.env.TEST_DATABASE_URL);
  url.pathname = `/${name}`;
  await migrate({ DATABASE_URL: url.href, KEYS_DIR: keysDir });
  process.env.TEST_DATABASE_TEMPLATE = name;
  return name;
}

/** Jest's globalSetup: start-app.ts copies the folder that TEST_EMBEDDED_TEMPLATE names. */
export default async function makeTemplates() {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-template-'));
  const keysDir = join(folder, 'keys');
  // The servers of one run share what Node has compiled: it is a third of a start.
  process.env.TEST_COMPILE_CACHE = join(folder, 'compiled');
  await migrate({ DATA_DIR: join(folder, 'data'), KEYS_DIR: keysDir });
  process.env.TEST_EMBEDDED_TEMPLATE = join(folder, 'data');
  const database = await makeServerTemplate(keysDir);
  globalThis.removeTemplates = async () => {
    rmSync(folder, { recursive: true, force: true });
    if (database) await onServer(`drop database if exists ${database} with (force)`);
  };
}
