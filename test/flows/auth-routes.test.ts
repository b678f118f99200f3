/** What every route of the authentication API has in common, walked from the table the server is built from. */
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { authRows, filled } from '../support/routes.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

type Row = (typeof authRows)[number];
type Kind = 'admin' | 'client' | 'user';

const named = authRows.map((row) => [`${row.method.toUpperCase()} ${row.path}`, row] as const);
const guarded = named.filter(([, row]) => row.tokens !== 'none');
const withBody = named.filter(([, row]) => row.operation?.body !== undefined);
const pathOf = (row: Row): string => filled(row.path, () => 'nobody');
const call = (by: Api, row: Row, body?: unknown) =>
  row.method === 'get' ? by.get(pathOf(row)) : by[row.method](pathOf(row), body);

describe.each(policyStorages)('every route of the authentication API ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  let as: Record<Kind, Api>;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
    as = {
      admin,
      client: api(app, await clientToken(app, scene)),
      user: api(app, (await scene.rp.signIn(app, scene.person)).access_token),
    };
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });
  const allowed = (row: Row): Api => (row.tokens === 'none' ? api(app) : as[row.tokens[0] ?? 'user']);

  it('needs a token unless the browser itself begins, or a secret of ours stands in its place (authentication.md 5, 8, 9)', () => {
    expect(
      named
        .filter(([, row]) => row.tokens === 'none')
        .map(([name]) => name)
        .sort(),
    ).toEqual([
      'GET /v1/verification/links/email/visit',
      'POST /v1/auth/password/login',
      'POST /v1/auth/password/reset',
      'POST /v1/auth/webauthn/authenticate/start',
      'POST /v1/auth/webauthn/register/start',
    ]);
  });

  it.each(guarded)('%s answers 401 without a good token, with and without /cis (C1, D1)', async (_, row) => {
    for (const token of [undefined, 'garbage'])
      for (const prefix of ['', '/cis']) {
        const answer = await api(app, token)[row.method](prefix + pathOf(row));
        expect([answer.status, answer.body]).toEqual([401, { message: 'Invalid token', error_code: 401 }]);
      }
  });

  it.each(guarded)('%s answers 403 to every other kind of token (C1)', async (_, row) => {
    const others = (['admin', 'client', 'user'] as const).filter(
      (kind) => !(row.tokens as readonly string[]).includes(kind),
    );
    expect(others.length).toBeGreaterThan(0);
    for (const kind of others) {
      const answer = await call(as[kind], row, {});
      expect([kind, answer.status, answer.body.error_code]).toEqual([kind, 403, 403]);
    }
  });

  it.each(withBody)(
    '%s names an unknown member, and says what is wrong in words; in a list for the redirect family (authentication.md 1, C2)',
    async (_, row) => {
      const bad = [
        { surprise: 1 },
        { client_id: 7, code: {}, webauthn_encoded_result: 5, webauthn_identifier: [] },
      ];
      for (const body of bad) {
        const answer = await call(allowed(row), row, body);
        // The redirect family has the form of the management API (section 1).
        const form =
          row.toFault === undefined
            ? { message: expect.any(Array), error_code: 400 }
            : { message: expect.any(String), error_code: 'invalid_request' };
        expect([answer.status, answer.body]).toEqual([400, form]);
      }
      expect(String((await call(allowed(row), row, { surprise: 1 })).body.message)).toContain(
        'surprise is not a known field',
      );
    },
  );

  it.each(named)('%s answers 405 to another method', async (_, row) => {
    const answer = await fetch(app.url + pathOf(row), { method: 'PATCH' });
    expect(answer.status).toBe(405);
  });

  it('lets a client with roles in with `auth:execute`, and not without (C32)', async () => {
    const limitedTo = async (permission: string): Promise<Api> => {
      const role = await admin.post('/v1/roles', { role_name: permission, permissions: [permission] });
      const client = await admin.post(`/v1/applications/${scene.appId}/clients`, {
        name: 'Backend',
        redirect_uris: ['https://rp.example.com/callback'],
        role_ids: [role.body.result.role_id],
      });
      expect(client.status).toBe(201);
      const { client_id: clientId, client_secret: clientSecret } = client.body;
      return api(app, await clientToken(app, { clientId, clientSecret }));
    };
    const hint = { webauthn_identifier: 'ada', redirect_uri: 'https://rp.example.com/callback' };
    const path = '/v1/auth/webauthn/external/register/hosted/hint';
    expect((await (await limitedTo('users:read')).post(path, hint)).status).toBe(403);
    expect((await (await limitedTo('auth:execute')).post(path, hint)).status).toBe(200);
  });
});
