/** What a row says that it answers is what it answers: no member more, none less (contract/management-api.md 0). */
import type { Row } from '../../src/http/route.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { everyObject, type ObjectIds, pathTo } from '../support/every-object.ts';
import { goodBodyOf } from '../support/good-bodies.ts';
import { type Answer, adminToken, api, clientToken } from '../support/management.ts';
import { managementRows } from '../support/routes.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const TAGS = [
  'Applications',
  'Client secrets',
  'Login preferences',
  'Management applications',
  'Resources',
  'Token signing keys',
];
const BODIES: Readonly<Record<string, unknown>> = {
  'post /v1/applications/signing-keys': { name: 'Key' },
  'post /v1/management/applications': { app_name: 'Pipelines' },
  'post /v1/resources': {
    name: 'New',
    uri: 'https://new.example.com',
    access_token_ttl: 1,
    refresh_token_ttl: 1,
    max_refresh_rotate: 1,
  },
};
const rows = managementRows.filter(
  ({ path, operation }) =>
    operation?.answer !== undefined && TAGS.includes(operation.tag) && !path.endsWith('/upload'),
);

describe.each(storages.slice(0, 1))('answers of the management API ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let ids: ObjectIds;
  let tokens: { admin: string; client: string };
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    tokens = { admin: await adminToken(app), client: await clientToken(app, scene) };
    ids = await everyObject(api(app, tokens.admin), scene);
    const own = api(app, tokens.client);
    const key = await own.post('/v1/applications/signing-keys', { name: 'Mine' });
    const management = await api(app, tokens.admin).post('/v1/management/applications', { app_name: 'Mine' });
    const second = await own.post('/v1/clients', { name: 'Second', redirect_uris: [] });
    ids = {
      ...ids,
      '/v1/clients clientId': second.body.client_id,
      '/v1/applications/signing-keys id': key.body.id,
      '/v1/management/applications appId': management.body.result.app_id,
    };
    await own.put(`/v1/applications/${scene.appId}`, { custom_domain: 'login.example.com' });
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  function ask(row: Row): Promise<Answer> {
    const isOwn = /^\/v1\/(clients|applications\/signing-keys)/.test(row.path);
    const by = api(app, isOwn ? tokens.client : tokens.admin);
    const body = BODIES[`${row.method} ${row.path}`] ?? goodBodyOf(row) ?? {};
    const query = row.operation?.query ? `?resourceUri=${encodeURIComponent(scene.resource.uri)}` : '';
    return row.method === 'get' ? by.get(pathTo(row, ids) + query) : by[row.method](pathTo(row, ids), body);
  }

  it('are described for applications, resources, secrets and keys', () => {
    expect(rows.length).toBeGreaterThan(20);
  });

  it.each(rows.map((row) => [row.method, row.path, row] as const))('%s %s', async (_method, _path, row) => {
    const answer = await ask(row);
    expect([answer.status, answer.status < 300 ? '' : answer.body]).toEqual([row.status, '']);
    expect(row.operation?.answer?.parse(answer.body)).toEqual(answer.body);
  });
});
