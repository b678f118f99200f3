/** Starts Tessera on the chosen storage and furnishes it, through its own management API, with a client and people. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, expectStatus, postForm } from './http-client.ts';
import type { Storage } from './options.ts';
import { freePort, ServerProcess } from './server-process.ts';
import { basic, type ClientCredentials, discover, REDIRECT_URI, type Target } from './target.ts';
import { createTempDatabase, type TempDatabase } from './temp-database.ts';

/** One installation: its folders, its database, its identities. Survives restarts of its process. */
export interface Installation {
  readonly origin: string;
  readonly env: Readonly<Record<string, string>>;
  readonly admin: ClientCredentials;
  readonly database?: TempDatabase;
  remove(): Promise<void>;
}

const randomSecret = (): string => randomBytes(32).toString('base64url');

function redisUrl(): string {
  const url = process.env.BENCH_REDIS_URL;
  if (url) return url;
  throw new Error('BENCH_REDIS_URL must name a Redis server.');
}

/** Prepares an empty installation; nothing is started yet. */
export async function prepareInstallation(storage: Storage): Promise<Installation> {
  const redis = storage === 'postgres+redis' ? { REDIS_URL: redisUrl() } : {};
  const database = storage === 'embedded' ? undefined : await createTempDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'tessera-bench-'));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const admin = { id: 'bench-admin', secret: randomSecret() };
  return {
    origin,
    admin,
    env: {
      PORT: String(port),
      PUBLIC_URL: origin,
      LOG_LEVEL: 'warn',
      DATA_DIR: join(folder, 'data'),
      KEYS_DIR: join(folder, 'keys'),
      BOOTSTRAP_CLIENT_ID: admin.id,
      BOOTSTRAP_CLIENT_SECRET: admin.secret,
      BOOTSTRAP_ADMIN_EMAIL: 'admin@bench.example',
      BOOTSTRAP_ADMIN_PASSWORD: randomSecret(),
      ...(database && { DATABASE_URL: database.url }),
      ...redis,
    },
    ...(database && { database }),
    async remove() {
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts the installation's process and waits until it is ready. */
export const startProcess = ({ env, origin }: Installation): Promise<ServerProcess> =>
  ServerProcess.start('src/main.ts', env, `${origin}/readyz`);

async function tokenFor(origin: string, client: ClientCredentials): Promise<string> {
  const answer = await postForm(`${origin}/oidc/token`, { grant_type: 'client_credentials' }, basic(client));
  return (
    JSON.parse(expectStatus(answer, 200, 'Token for the management API').body) as { access_token: string }
  ).access_token;
}

async function create<T>(url: string, token: string, body: unknown): Promise<T> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json',
  };
  const answer = await ask(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return JSON.parse(expectStatus(answer, 201, `POST ${url}`).body) as T;
}

/** Registers an application with one confidential web client, through the management API. */
export async function createClient(
  { origin, admin }: Installation,
  name: string,
): Promise<ClientCredentials> {
  const { result } = await create<{ result: { client_id: string; client_secret: string } }>(
    `${origin}/v1/applications`,
    await tokenFor(origin, admin),
    { app_name: name, first_client: { name, redirect_uris: [REDIRECT_URI] } },
  );
  return { id: result.client_id, secret: result.client_secret };
}

export interface SamlClient {
  readonly client_id: string;
  readonly sso_url: string;
  readonly sp_entity_id: string;
  readonly x509_certificate: string;
}

/** Registers a SAML client of the application, with the application's own client token. */
export async function createSamlClient(
  { origin }: Installation,
  application: ClientCredentials,
  fields: Readonly<Record<string, unknown>>,
): Promise<SamlClient> {
  const token = await tokenFor(origin, application);
  const body = { name: 'Bench', authentication_protocol: 'saml', ...fields };
  return create(`${origin}/v1/clients`, token, body);
}

const PASSWORD = 'Bench-password-1';
const identifierOf = (worker: number): string => `bench-${worker}@bench.example`;

/** Adds one person per worker, with the application's own client token. */
export async function createPeople(
  { origin }: Installation,
  client: ClientCredentials,
  count: number,
): Promise<void> {
  const token = await tokenFor(origin, client);
  for (let worker = 0; worker < count; worker++)
    await create(`${origin}/v1/users`, token, {
      email: identifierOf(worker),
      username: `bench-${worker}`,
      credentials: { password: PASSWORD, force_replace: false },
    });
}

/** Describes a running, furnished installation as a target. */
export async function toTarget(
  name: string,
  { origin }: Installation,
  client: ClientCredentials,
  server: ServerProcess,
): Promise<Target> {
  return {
    name,
    endpoints: await discover(`${origin}/oidc`),
    client,
    reader: client,
    person: (worker) => ({ identifier: identifierOf(worker), password: PASSWORD }),
    process: server,
  };
}
