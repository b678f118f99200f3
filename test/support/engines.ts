/** The storages that tests run over: embedded always, Postgres and Redis where the environment names them. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import pg from 'pg';

export interface StorageOptions {
  readonly databaseUrl?: string;
  readonly redisUrl?: string;
  /** Drops what was made for these options. Stop every process that uses them first. */
  release(): Promise<void>;
}

export interface Storage {
  readonly name: 'embedded' | 'postgres' | 'postgres+redis';
  /** A storage of its own without rows; on Postgres a migrated database, or one that Tessera has never seen. */
  options(state?: 'empty'): Promise<StorageOptions>;
}

const named = (variable: string): string | undefined => process.env[variable] || undefined;

/** URL of a Postgres on which databases may be created. */
export const postgresUrl = named('TEST_DATABASE_URL');
export const redisUrl = named('TEST_REDIS_URL');
/** Path of a Chromium, if there is one. */
export const chromiumPath =
  named('TEST_CHROMIUM') ?? (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined);

const program = (name: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** OpenSSL plays the OCSP responder, nginx the proxy that ends TLS. */
export const opensslPath = program('openssl');
export const nginxPath = program('nginx');
/** Readers of XML by other authors: xmlsec1 signs, verifies and decrypts, xmllint parses. */
export const xmlsecPath = program('xmlsec1');
export const xmllintPath = program('xmllint');

const installed = (path: string): string | undefined => (existsSync(path) ? path : undefined);

/** SAML service providers of other authors: apache2 with mod_auth_mellon, and the Python that Debian's pysaml2 is for. */
export const MELLON_MODULES = '/usr/lib/apache2/modules';
export const mellonPath = installed(join(MELLON_MODULES, 'mod_auth_mellon.so')) && program('apache2');
export const pysaml2Path = installed('/usr/lib/python3/dist-packages/saml2') && installed('/usr/bin/python3');

async function asAdmin(adminUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Creates a migrated database without rows, or an empty one, and returns its URL and the way to drop it. */
export async function freshDatabase(
  adminUrl: string,
  state?: 'empty',
): Promise<{ databaseUrl: string; release(): Promise<void> }> {
  const name = `tessera_test_${randomBytes(6).toString('hex')}`;
  const template = process.env.TEST_DATABASE_TEMPLATE;
  const isCopy = template !== undefined && state !== 'empty';
  await asAdmin(adminUrl, `create database ${name}${isCopy ? ` template ${template}` : ''}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return {
    databaseUrl: url.href,
    release: () => asAdmin(adminUrl, `drop database if exists ${name} with (force)`),
  };
}

const embedded: Storage = { name: 'embedded', options: async () => ({ release: async () => undefined }) };

const postgres = (adminUrl: string): Storage => ({
  name: 'postgres',
  options: (state) => freshDatabase(adminUrl, state),
});

const postgresAndRedis = (adminUrl: string, redis: string): Storage => ({
  name: 'postgres+redis',
  options: async (state) => ({ ...(await freshDatabase(adminUrl, state)), redisUrl: redis }),
});

/** Says what the environment does not offer; an error where TEST_REQUIRE_ALL=1 forbids leaving anything out. */
function reportMissing(): void {
  const missing = [
    ...(postgresUrl ? [] : ['Postgres (set TEST_DATABASE_URL)']),
    ...(redisUrl ? [] : ['Redis (set TEST_REDIS_URL)']),
    ...(chromiumPath ? [] : ['Chromium (set TEST_CHROMIUM)']),
    ...(opensslPath ? [] : ['openssl']),
    ...(nginxPath ? [] : ['nginx']),
    ...(xmlsecPath ? [] : ['xmlsec1']),
    ...(xmllintPath ? [] : ['xmllint']),
    ...(mellonPath ? [] : ['apache2 with mod_auth_mellon']),
    ...(pysaml2Path ? [] : ['pysaml2']),
  ];
  if (missing.length === 0) return;
  const sentence = `Left out, because it was not found: ${missing.join(', ')}.`;
  if (process.env.TEST_REQUIRE_ALL === '1') throw new Error(`TEST_REQUIRE_ALL=1 allows no skip. ${sentence}`);
  process.stderr.write(`${sentence}\n`);
}

reportMissing();

/** For `describe.each(storages)('... ($name)', ...)`: where the storage itself is what may go wrong. */
export const storages: readonly Storage[] = [
  embedded,
  ...(postgresUrl ? [postgres(postgresUrl)] : []),
  ...(postgresUrl && redisUrl ? [postgresAndRedis(postgresUrl, redisUrl)] : []),
];

/** Suites that need one of these; without any they are left out, and reported as skipped. */
export const describeOn = (...names: readonly Storage['name'][]) => {
  const found = storages.filter(({ name }) => names.includes(name));
  return found.length > 0 ? describe.each(found) : describe.skip.each([embedded]);
};

const both = storages.filter(({ name }) => name !== 'postgres');

/** A third of the files on the embedded database, which costs most; which files these are does not change. */
function oneOf([first, other = first]: readonly Storage[]): readonly Storage[] {
  const path = expect.getState().testPath ?? '';
  const sum = [...path.slice(path.lastIndexOf('/') + 1)].reduce(
    (total, sign) => total + sign.charCodeAt(0),
    0,
  );
  return [first, other, other].flatMap((one, at) => (one && at === sum % 3 ? [one] : []));
}

/**
 * For `describe.each(policyStorages)(...)`, where the storage is not what is shown: the embedded database, or everything
 * that a large deployment has. TEST_EVERY_STORAGE=1 runs each file on both.
 */
export const policyStorages: readonly Storage[] = process.env.TEST_EVERY_STORAGE === '1' ? both : oneOf(both);
