/** What every route of the management API has in common, walked from the table the server is built from. */
import { type StorageOptions, storages } from '../support/engines.ts';
import { goodBodyOf } from '../support/good-bodies.ts';
import { type Answer, type Api, adminToken, api, clientToken } from '../support/management.ts';
import { answerFaults, checked, operationOf } from '../support/openapi.ts';
import { errorOf, filled, managementRows, parametersOf } from '../support/routes.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

type Row = (typeof managementRows)[number];
type Kind = Row['tokens'][number];

/** Queries without which a route does not look for the object. */
const QUERIES: Readonly<Record<string, (scene: Scene) => string>> = {
  'delete /v1/manage/consents/clients/:clientId/users/:userId': ({ appId }) => `?app_id=${appId}`,
};
const BODILESS = /\/secrets$/;

const named = managementRows.map((row) => [`${row.method.toUpperCase()} ${row.path}`, row] as const);
const withParameters = named.filter(([, row]) => parametersOf(row.path).length > 0);
const withBody = named.filter(
  ([, row]) => (row.method === 'post' || row.method === 'put') && !BODILESS.test(row.path),
);

const call = (caller: Api, row: Row, path: string, body?: unknown): Promise<Answer> =>
  row.method === 'get' ? caller.get(path) : caller[row.method](path, body);
const unknownPath = (row: Row): string => filled(row.path, () => 'nobody');

describe.each(storages.slice(0, 1))('every route of the management API ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let as: Record<Kind, Api>;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    const tokens = await scene.rp.signIn(app, scene.person);
    as = {
      admin: checked(api(app, await adminToken(app))),
      client: checked(api(app, await clientToken(app, scene))),
      user: checked(api(app, tokens.access_token)),
    };
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });
  const allowed = (row: Row): Api => as[row.tokens.includes('client') ? 'client' : (row.tokens[0] ?? 'user')];

  it('knows at least the routes of the first slice', () => {
    expect(managementRows.length).toBeGreaterThanOrEqual(45);
  });

  it.each(named)(
    '%s answers 401 `Invalid token` without a good token, with and without /cis (C1, D1)',
    async (_, row) => {
      const good = await clientToken(app, scene);
      const [head, body, signature = ''] = good.split('.');
      for (const token of [
        undefined,
        'garbage',
        `${good}x`,
        `${head}.${body}.${signature.slice(0, -6)}AAAAAA`,
      ])
        for (const prefix of ['', '/cis']) {
          const path = prefix + unknownPath(row);
          const answer = await call(api(app, token), row, path);
          expect([answer.status, answer.body]).toEqual([401, errorOf(row, 401, 'Invalid token')]);
          expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
          expect(['unpublished', []]).toContainEqual(answerFaults(row.method.toUpperCase(), path, answer));
        }
    },
  );

  it.each(named)('%s answers 403 to every other kind of token (R163, C1)', async (_, row) => {
    const others = (['admin', 'client', 'user'] as const).filter((kind) => !row.tokens.includes(kind));
    for (const kind of others) {
      const answer = await call(as[kind], row, unknownPath(row), {});
      expect([kind, answer.status, answer.body]).toEqual([kind, 403, errorOf(row, 403, expect.any(String))]);
    }
    expect(others).not.toHaveLength(3);
  });

  it.each(withParameters)('%s answers 404 for what is not there (C1)', async (_, row) => {
    const query = QUERIES[`${row.method} ${row.path}`]?.(scene) ?? '';
    const body = goodBodyOf(row) ?? (row.method === 'put' ? {} : undefined);
    for (const value of ['nobody', 'n%2Fobody', '%00', '%F0%9F%8E%88', 'n'.repeat(400)]) {
      const answer = await call(allowed(row), row, filled(row.path, () => value) + query, body);
      expect([value, answer.status, answer.body]).toEqual([
        value,
        404,
        errorOf(row, 404, expect.any(String), expect.anything()),
      ]);
    }
  });

  it.each(withBody)(
    '%s answers 400 for a body with an unknown field, and says which (C2)',
    async (_, row) => {
      const answer = await call(allowed(row), row, unknownPath(row), { no_such_field: 1 });
      expect(answer.status).toBe(400);
      expect(JSON.stringify(answer.body.message ?? answer.body.detail)).toContain(
        'no_such_field is not a known field',
      );
    },
  );

  it('serves every published operation that these routes name', () => {
    const first = ['createApp', 'getAllApps', 'getAppsList', 'getAppById', 'updateApp', 'deleteApp'];
    const clients = ['createAppClient', 'getAppClients', 'deleteAppClients', 'getAppClientById'];
    const changes = [
      'updateAppClient',
      'deleteAppClient',
      'updateAppClientResources',
      'updateResourcesInApp',
    ];
    const users = [
      'createUser',
      'getUsers',
      'getUsersCount',
      'getUserById',
      'updateUser',
      'removeUserFromApp',
    ];
    const organizations = [
      'createOrganization',
      'getAllOrganizations',
      'getOrganizationByName',
      'getOrganization',
      'updateOrganization',
      'deleteOrganization',
      'createManagedOrganization',
      'addAppsToOrganization',
      'removeAppsFromOrganization',
      'uploadLogo',
      'getAssignedRoleGroups',
      'setAssignedRoleGroups',
      'getAssignedRolesAndGroups',
      'setAssignedRolesAndGroups',
      'getUserGroups',
    ];
    const served = managementRows.map(
      (row) =>
        operationOf(
          row.method,
          filled(row.path, () => 'x'),
        )?.operation.operationId,
    );
    expect(served).toEqual(
      expect.arrayContaining([
        ...first,
        ...clients,
        ...changes,
        ...users,
        ...organizations,
        'deleteTenantUser',
      ]),
    );
  });
});
