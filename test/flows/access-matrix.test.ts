/** Who may call what: every row of the management API against the contract's table, with every token, permission and owner. */
import { randomBytes } from 'node:crypto';
import { accessTable, OURS } from '../contracts/access-table.ts';
import { databaseFingerprint } from '../support/database-fingerprint.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { everyObject, type ObjectIds, pathTo } from '../support/every-object.ts';
import { foreignTenant } from '../support/foreign-tenant.ts';
import { goodBodyOf } from '../support/good-bodies.ts';
import { type Answer, type Api, adminToken, api, clientToken } from '../support/management.ts';
import { managementRows, parametersOf } from '../support/routes.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

type Row = (typeof managementRows)[number];
const keyOf = (row: Row): string => `${row.method.toUpperCase()} ${row.path.replace(/:\w+/g, '{}')}`;
const named = managementRows.map((row) => [keyOf(row), row] as const);
const letters: Readonly<Record<string, string>> = { client: 'C', admin: 'A', user: 'U' };

describe('the table of the management API', () => {
  it.each(named)('%s has the tokens and permissions of the contract (D15, C32)', (key, row) => {
    const access = accessTable.get(key);
    // What is ours has no line in the contract, and must not have one by accident.
    expect(access !== undefined).toBe(!OURS.has(key));
    if (access === undefined) return;
    const kinds = row.tokens.map((kind) => letters[kind]);
    expect(new Set(kinds)).toEqual(
      new Set(access.tokens.replace('O', row.tokens.includes('user') ? 'U' : '')),
    );
    expect([...row.permissions].sort()).toEqual([...access.permissions].sort());
  });

  it('has a row for every line of the contract', () => {
    const served = new Set(named.map(([key]) => key));
    expect([...accessTable.keys()].filter((key) => !served.has(key))).toEqual([]);
  });
});

const call = (by: Api, row: Row, path: string): Promise<Answer> =>
  row.method === 'post' || row.method === 'put'
    ? by[row.method](path, goodBodyOf(row) ?? {})
    : row.method === 'delete'
      ? by.delete(path, goodBodyOf(row))
      : by.get(path);

const ofClients = named.filter(([, row]) => row.tokens.includes('client') && row.permissions.length > 0);

describe('permissions of a client with roles', () => {
  let app: App;
  let scene: Scene;
  let admin: Api;
  beforeAll(async () => {
    app = await startApp();
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
  });
  afterAll(() => app?.discard());

  /** A token of a new client of the scene's application that holds exactly these permissions. */
  async function limitedTo(permissions: readonly string[]): Promise<Api> {
    const role = await admin.post('/v1/roles', {
      role_name: `role ${randomBytes(4).toString('hex')}`,
      permissions: permissions.map((word) => word.replace('[appId]', scene.appId)),
    });
    const made = await admin.post(`/v1/applications/${scene.appId}/clients`, {
      name: 'Limited',
      redirect_uris: [],
      role_ids: [role.body.result.role_id],
    });
    expect([role.status, made.status]).toEqual([201, 201]);
    return api(
      app,
      await clientToken(app, { clientId: made.body.client_id, clientSecret: made.body.client_secret }),
    );
  }

  it('are refused with 403 on every row whose list has none of theirs (D15)', async () => {
    // Every word of the vocabulary that no row but webhooks knows is of no use here.
    const useless = await limitedTo(['auth:execute', '[appId]:execute']);
    const nothing = await limitedTo([]);
    for (const by of [useless, nothing])
      for (const [key, row] of ofClients) {
        const answer = await call(by, row, pathTo(row, { appId: scene.appId }));
        expect([key, answer.status, answer.body.message ?? answer.body.detail]).toEqual([
          key,
          403,
          expect.stringContaining(row.permissions.find((word) => !word.startsWith('[')) ?? ''),
        ]);
      }
  });

  it('each word of a list opens its rows and no row whose list lacks it (D15)', async () => {
    const words = new Set(ofClients.flatMap(([, row]) => row.permissions));
    for (const word of words) {
      const by = await limitedTo([word]);
      for (const [key, row] of ofClients) {
        if (row.method !== 'get' || parametersOf(row.path).some((name) => name !== 'appId')) continue;
        const answer = await call(by, row, pathTo(row, { appId: scene.appId }));
        expect([word, key, answer.status === 403]).toEqual([word, key, !row.permissions.includes(word)]);
      }
    }
  });

  it('the [appId] form opens one’s own application only (D15)', async () => {
    const other = await setScene(app);
    const by = await limitedTo(['[appId]:read']);
    const own = await by.get(`/v1/applications/${scene.appId}`);
    const foreign = await by.get(`/v1/applications/${other.appId}`);
    expect([own.status, foreign.status]).toEqual([200, 403]);
  });
});

const storage = storages.find(({ name }) => name === 'postgres') ?? storages[0];
if (!storage) throw new Error('there is always the embedded storage');
const TENANT_LEVEL = /^\/v1\/(resources|roles|serviceprovider|sso-service|groups)\b/;

describe(`objects out of reach (${storage.name})`, () => {
  let options: StorageOptions;
  let app: App;
  let scene: Scene;
  let ids: ObjectIds;
  beforeAll(async () => {
    options = await storage.options();
    app = await startApp(options);
    scene = await setScene(app);
    const other = await setScene(app);
    ids = await everyObject(api(app, await adminToken(app)), other);
  });
  afterAll(async () => {
    await app?.discard();
    await options?.release();
  });
  const objects = named.filter(([, row]) => parametersOf(row.path).length > 0);
  const ofApplications = objects.filter(
    ([, row]) => row.tokens.includes('client') && !TENANT_LEVEL.test(row.path),
  );

  it.each(ofApplications)('%s answers 404 for another application’s object (C1, C26)', async (_, row) => {
    const by = api(app, await clientToken(app, scene));
    const answer = await call(by, row, pathTo(row, ids));
    const { message, error_code: code, detail, status } = answer.body;
    // SCIM has an error form of its own (RFC 7644 3.12).
    expect([answer.status, message ?? detail, code ?? status]).toEqual([
      404,
      expect.any(String),
      expect.anything(),
    ]);
  });

  // The embedded database belongs to the running process: rows of another tenant cannot be put there.

  if (storage.name === 'postgres')
    it('every row answers 404 for another tenant’s object, lists show none of them, and nothing changes (design 10)', async () => {
      const url = options.databaseUrl ?? '';
      const admin = api(app, await adminToken(app));
      await foreignTenant(url, { keep: app.management.clientId });
      const fingerprint = await databaseFingerprint(url);
      const before = await fingerprint.take();
      try {
        for (const [key, row] of objects.filter(([, one]) => one.tokens.includes('admin'))) {
          const query = row.path.startsWith('/v1/manage/consents') ? `?app_id=${ids.appId}` : '';
          const answer = await call(admin, row, pathTo(row, ids) + query);
          expect([key, answer.status]).toEqual([key, 404]);
        }
        const values = Object.values(ids);
        for (const [key, row] of named.filter(
          ([, one]) => one.method === 'get' && one.tokens.includes('admin'),
        )) {
          const answer = await call(admin, row, pathTo(row, {}));
          const text = JSON.stringify(answer.body ?? '');
          expect([key, values.filter((value) => value !== '' && text.includes(value))]).toEqual([key, []]);
        }
        expect(await fingerprint.take()).toEqual(before);
      } finally {
        await fingerprint.close();
      }
    });
});
