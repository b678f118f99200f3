/** `npm run tessera -- delete-tenant`: everything of one tenant goes, and nothing of another. */
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import pg from 'pg';
import { newId } from '../../src/base/secrets.ts';
import { openRedis } from '../../src/storage/redis.ts';
import { Browser } from '../support/browser.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { adminToken, api, clientToken, postForm } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

type Query = <T>(text: string) => Promise<T[]>;
type Counts = Readonly<Record<string, number>>;

const TENANT_TABLES = `select c.table_name as name from information_schema.columns c
  join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
  where c.column_name = 'tenant_id' and c.table_schema = 'public' and t.table_type = 'BASE TABLE'`;

/** The copy's rows refer to one another as the first tenant's do: every id gets this suffix. */
const SUFFIX = '-copy';
/** Columns that hold an id, or a name that is unique beyond the tenant. */
const isId = (column: string): boolean =>
  /^(.*_)?(id|hash|kid|jti|key)$/.test(column) && !/^(external|entity_type)/.test(column);

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly generated: string;
}

/** Parents before children, as far as one statement after the other finds out by trying. */
async function copyTenant(query: Query, tenantId: string): Promise<void> {
  const columns = await query<Column>(`select table_name as table, column_name as name, data_type as type,
    case when is_generated = 'ALWAYS' or is_identity = 'YES' then 'yes' else 'no' end as generated
    from information_schema.columns where table_schema = 'public' and table_name in (${TENANT_TABLES})`);
  const waiting = Map.groupBy(
    columns.filter(({ generated }) => generated === 'no'),
    ({ table }) => table,
  );
  while (waiting.size > 0) {
    const before = waiting.size;
    let refusal: unknown;
    for (const [table, of] of waiting) {
      const names = of.map(({ name }) => `"${name}"`).join();
      const values = of.map(({ name, type }) =>
        type === 'text' && isId(name) ? `"${name}" || '${SUFFIX}'` : `"${name}"`,
      );
      const copied = await query(
        `insert into "${table}" (${names}) select ${values.join()} from "${table}" where tenant_id = '${tenantId}'`,
      ).catch((error: unknown) => {
        refusal = error;
      });
      if (copied) waiting.delete(table);
    }
    if (waiting.size === before) throw refusal;
  }
}

async function countsOf(query: Query, tenantId: string): Promise<Counts> {
  const counts: Record<string, number> = {};
  for (const { name } of await query<{ name: string }>(TENANT_TABLES)) {
    const [row] = await query<{ n: string }>(
      `select count(*)::text as n from "${name}" where tenant_id = '${tenantId}'`,
    );
    counts[name] = Number(row?.n);
  }
  return counts;
}

const run = (app: App, ...arguments_: string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ['src/cli/main.ts', 'delete-tenant', ...arguments_],
      { env: { ...app.env } },
      (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, output: `${stdout}${stderr}` }),
    );
  });

// Both databases and both kinds of short-lived state.
const both = storages.filter(({ name }) => name !== 'postgres');

describe.each(both)('deleting a tenant ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let tokens: { access_token: string; refresh_token?: string; id_token?: string };
  let admin_token: string;
  let tenantId: string;
  let browser: Browser;
  const isShared = name !== 'embedded';

  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin_token = await adminToken(app);
    tenantId = String(decodeJwt(admin_token).tid);
    await fillUp();
    if (!isShared) await app.stop();
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  /** Leaves a row in as many tables as possible. */
  async function fillUp(): Promise<void> {
    const admin = api(app, admin_token);
    const parameters = { scope: 'openid orders:read offline_access' };
    browser = new Browser(app);
    tokens = await scene.rp.signIn(app, scene.person, {
      browser,
      parameters: { scope: 'openid offline_access', prompt: 'consent' },
    });
    const partner = await addThirdParty(app, scene, { allowed_scopes: parameters.scope.split(' ') });
    await tokensByConsent(app, scene, partner, parameters);
    await scene.rp.revoke(await clientToken(app, scene));
    const home = `/v1/applications/${scene.appId}`;
    const role = (await admin.post(`${home}/roles`, { role_name: 'clerk' })).body.result.role_id;
    const assigned = { entity_ids: [scene.person.userId], entity_type: 'User' };
    expect((await admin.post(`${home}/roles/${role}/assignments`, assigned)).status).toBe(204);
    const group = (await admin.post(`${home}/role-groups`, { name: 'clerks' })).body.result.group_id;
    expect((await admin.post(`${home}/role-groups/${group}/roles/set`, { role_ids: [role] })).status).toBe(
      202,
    );
    const ofClients = (await admin.post('/v1/roles', { role_name: 'reader' })).body.result.role_id;
    const limited = { name: 'Limited', redirect_uris: [REDIRECT_URI], role_ids: [ofClients] };
    expect((await admin.post(`${home}/clients`, limited)).status).toBe(201);
    const made = (await admin.post('/v1/groups', { name: 'Staff' })).body.result;
    const staff = `/v1/groups/${made.group_id ?? made.id}/users`;
    expect((await admin.post(staff, { user_ids: [scene.person.userId] })).status).toBeLessThan(300);
    const organization = (await admin.post('/v1/organizations', { name: 'Org', app_ids: [scene.appId] })).body
      .result.organization_id;
    const member = { user_id: scene.person.userId, app_id: scene.appId };
    const members = `/v1/organizations/${organization}/members`;
    expect((await admin.post(members, member)).status).toBeLessThan(300);
  }

  async function withDatabase<T>(work: (query: Query) => Promise<T>): Promise<T> {
    if (!isShared) {
      const { PGlite } = await import('@electric-sql/pglite');
      const database = await PGlite.create({ dataDir: `${app.dataDir}/postgres` });
      try {
        return await work(async <R>(text: string) => (await database.query<R>(text)).rows);
      } finally {
        await database.close();
      }
    }
    const client = new pg.Client({ connectionString: storage.databaseUrl });
    await client.connect();
    try {
      return await work(async <R>(text: string) => (await client.query(text)).rows as R[]);
    } finally {
      await client.end();
    }
  }

  it('needs the id of a tenant that is there, and refuses what it does not know', async () => {
    for (const wrong of [[], ['a', 'b'], [tenantId, '--force']])
      expect(await run(app, ...wrong)).toMatchObject({ code: 1, output: expect.stringContaining('Usage') });
    const id = newId<string>();
    expect(await run(app, id, '--yes')).toMatchObject({
      code: 1,
      output: expect.stringContaining(`There is no tenant ${id}`),
    });
  });

  it('deletes nothing without --yes, and says what it would', async () => {
    const before = await withDatabase((query) => countsOf(query, tenantId));
    const { code, output } = await run(app, tenantId);
    expect(code).toBe(1);
    expect(output).toContain('Nothing was deleted');
    for (const [table, rows] of Object.entries(before))
      if (rows > 0) expect(output).toMatch(new RegExp(`^ +${rows} ${table}$`, 'm'));
    expect(await withDatabase((query) => countsOf(query, tenantId))).toEqual(before);
  });

  it('leaves the other tenant of the database as it was, and not one row of the deleted one', async () => {
    const copy = `${tenantId}${SUFFIX}`;
    const before = await withDatabase(async (query) => {
      await copyTenant(query, tenantId);
      return countsOf(query, tenantId);
    });
    const full = Object.keys(before).filter((table) => (before[table] ?? 0) > 0);
    expect(full.length).toBeGreaterThanOrEqual(21);
    expect(await withDatabase((query) => countsOf(query, copy))).toEqual(before);
    expect(await run(app, copy, '--yes')).toMatchObject({ code: 0 });
    const [gone, kept] = await withDatabase(async (query) => [
      await countsOf(query, copy),
      await countsOf(query, tenantId),
    ]);
    expect(Object.values(gone as Counts).every((rows) => rows === 0)).toBe(true);
    expect(kept).toEqual(before);
    expect(await run(app, copy, '--yes')).toMatchObject({ code: 1 });
  });

  it('stops everything that the tenant’s tokens and sessions were good for, while the server runs', async () => {
    expect((await run(app, tenantId, '--yes')).code).toBe(0);
    const left = await withDatabase((query) => countsOf(query, tenantId));
    expect(Object.values(left).every((rows) => rows === 0)).toBe(true);
    if (storage.redisUrl !== undefined) {
      const redis = openRedis(storage.redisUrl, () => undefined);
      expect(await redis.keys(`tessera:${tenantId}:*`)).toEqual([]);
      redis.disconnect();
    }
    if (!isShared) return;
    for (const token of [admin_token, tokens.access_token])
      expect((await api(app, token).get('/v1/applications')).status).toBe(401);
    await pause(500);
    const token = `${app.url}/oidc/token`;
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) };
    for (const form of [refresh, { grant_type: 'client_credentials' }])
      expect(await postForm(token, form, scene)).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
    const page = await browser.open((await scene.rp.authorize({ prompt: 'none' })).url);
    expect(page.status).toBe(400);
  });

  it('after the last one the next start is a first start again', async () => {
    await app.stop();
    const again = await startApp({ ...storage, like: app });
    try {
      expect(decodeJwt(await adminToken(again)).tid).not.toBe(tenantId);
    } finally {
      await again.stop();
      await again.discard();
    }
  });
});
