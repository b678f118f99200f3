/** Two writers of one object: ETag on every read of one, If-Match on every change of it (RFC 9110 13.1.1). */
import { type StorageOptions, storages } from '../support/engines.ts';
import { everyObject, type ObjectIds, pathTo } from '../support/every-object.ts';
import { type Answer, adminToken, api, clientToken, read } from '../support/management.ts';
import { managementRows, parametersOf } from '../support/routes.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { makeSamlClient } from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';

type Row = (typeof managementRows)[number];

/** Rows that read one object and rows of the same path that change it. */
const read1 = managementRows.filter(
  (row) =>
    row.method === 'get' &&
    parametersOf(row.path).length > 0 &&
    managementRows.some(({ path, method }) => path === row.path && method === 'put'),
);
const named = read1.map((row) => [row.path, row] as const);

/** Replaced as a whole, so an empty body is none. */
const PROVIDER = '/v1/organizations/:organization_id/identity-provider';
const OIDC_PROVIDER = '/v1/organizations/:organization_id/oidc-identity-provider';

describe.each(storages.slice(0, 1))('versions of objects ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let ids: ObjectIds;
  let tokens: { admin: string; client: string };
  let provider: Record<string, unknown>;
  let oidcProvider: Record<string, unknown>;
  /** An organization has one or the other. */
  let oidcOrganization: string;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    tokens = { admin: await adminToken(app), client: await clientToken(app, scene) };
    ids = await everyObject(api(app, tokens.admin), scene);
    const { x509_certificate } = await makeSamlClient(api(app, tokens.client));
    provider = {
      entity_id: 'https://idp.example.com/metadata',
      sso_url: 'https://idp.example.com/sso',
      certificates: [x509_certificate],
    };
    await api(app, tokens.admin).put(
      PROVIDER.replace(':organization_id', ids.organization_id ?? ''),
      provider,
    );
    const made = await api(app, tokens.admin).post('/v1/organizations', {
      name: 'Signs in by OpenID Connect',
      domains: ['oidc.example.com'],
      app_ids: [scene.appId],
    });
    oidcOrganization = made.body.result.organization_id;
    oidcProvider = { issuer: 'https://idp.example.com', client_id: 'tessera', client_secret: 'its secret' };
    await api(app, tokens.admin).put(
      OIDC_PROVIDER.replace(':organization_id', oidcOrganization),
      oidcProvider,
    );
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  async function ask(method: string, row: Row, ifMatch?: string): Promise<Answer> {
    const isOwn = row.path.startsWith('/v1/clients');
    const headers: Record<string, string> = {
      authorization: `Bearer ${isOwn ? tokens.client : tokens.admin}`,
      'content-type': 'application/json',
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    };
    const whole = { [PROVIDER]: provider, [OIDC_PROVIDER]: oidcProvider }[row.path];
    const body = method === 'PUT' ? { body: JSON.stringify(whole ?? {}) } : {};
    const at = row.path === OIDC_PROVIDER ? { ...ids, organization_id: oidcOrganization } : ids;
    return read(await fetch(app.url + pathTo(row, at), { method, headers, ...body }));
  }

  it('are there to test', () => {
    expect(named.map(([path]) => path)).toEqual(
      expect.arrayContaining([
        '/v1/applications/:appId',
        '/v1/users/:user_id',
        '/v1/applications/:appId/clients/:clientId',
      ]),
    );
  });

  it.each(named)(
    '%s: a GET names the version, a PUT and a DELETE over another one are refused',
    async (_, row) => {
      const first = await ask('GET', row);
      expect([first.status, first.headers.get('etag')]).toEqual([
        200,
        expect.stringMatching(/^"[\w-]{27}"$/),
      ]);
      const tag = first.headers.get('etag') ?? '';
      for (const method of ['PUT', 'DELETE'])
        if (managementRows.some((one) => one.path === row.path && one.method === method.toLowerCase()))
          for (const stale of ['"gone"', `W/${tag}`])
            expect([method, stale, (await ask(method, row, stale)).status]).toEqual([method, stale, 412]);
      const unchanged = await ask('GET', row);
      expect([unchanged.body, unchanged.headers.get('etag')]).toEqual([first.body, tag]);
      expect((await ask('PUT', row, tag)).status).toBeLessThan(300);
      // An update without a change is a new state too: updated_at says so.
      const after = (await ask('GET', row)).headers.get('etag') ?? '';
      expect((await ask('PUT', row, after)).status).toBeLessThan(300);
    },
  );

  it('hold for the applications of an organization too, which have a path of their own', async () => {
    const rowOf = (method: string, ending: string): Row => {
      const row = managementRows.find(
        (one) =>
          one.method === method && one.path.startsWith('/v1/organizations/:') && one.path.endsWith(ending),
      );
      if (!row) throw new Error(`no row ${method} ${ending}`);
      return row;
    };
    const organization = rowOf('get', '/:organization_id');
    const before = await ask('GET', organization);
    for (const method of ['PUT', 'DELETE']) {
      const body = JSON.stringify({ app_ids: before.body.result.app_ids });
      const path = app.url + pathTo(rowOf(method.toLowerCase(), '/:organization_id/apps'), ids);
      const headers = { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' };
      const answer = await fetch(path, { method, body, headers: { ...headers, 'if-match': '"gone"' } });
      expect([method, answer.status]).toEqual([method, 412]);
    }
    expect((await ask('GET', organization)).body).toEqual(before.body);
  });
});
