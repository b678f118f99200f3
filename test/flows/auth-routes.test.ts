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
/** Links have the status as text, codes a word of their own (sections 3 and 4). */
const wordOf = ({ path }: Row): string =>
  path.includes('/link/')
    ? '400'
    : path.startsWith('/v1/auth/otp/')
      ? 'system_invalid_input'
      : 'invalid_request';
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

  it('needs a token unless the browser itself begins, or a secret is shown instead (authentication.md 5, 8; oidc.md 5.1)', () => {
    expect(
      named
        .filter(([, row]) => row.tokens === 'none')
        .map(([name]) => name)
        .sort(),
    ).toEqual([
      'GET /v1/auth/webauthn/cross-device/status',
      'GET /v1/verification/links/email/visit',
      'POST /v1/auth-session/attach-device',
      'POST /v1/auth-session/detach-device',
      'POST /v1/auth-session/start-restricted',
      'POST /v1/auth-session/status',
      'POST /v1/auth/password/login',
      'POST /v1/auth/password/reset',
      'POST /v1/auth/sso/saml/complete',
      'POST /v1/auth/webauthn/authenticate/start',
      'POST /v1/auth/webauthn/cross-device/attach-device',
      'POST /v1/auth/webauthn/cross-device/authenticate/init',
      'POST /v1/auth/webauthn/cross-device/authenticate/start',
      'POST /v1/auth/webauthn/cross-device/register/start',
      'POST /v1/auth/webauthn/register/start',
      'POST /v1/token',
    ]);
  });

  it.each([
    ['google', 'apple', 'facebook', 'line'].map((provider) => `/v1/auth/${provider}`),
    ['google', 'facebook', 'apple', 'tiktok'].map((provider) => `/v1/auth/social/${provider}/start`),
  ])(
    'says that there is no sign-in with other providers, in the form of the family: %s (section 9)',
    async (...paths) => {
      for (const path of paths) {
        const isBackend = path.includes('/social/');
        const answer = isBackend ? await as.client.post(path) : await as.client.get(path);
        const message = expect.stringContaining('not part of this version');
        expect([answer.status, answer.body]).toEqual([
          400,
          isBackend ? { message, error_code: 'invalid_request' } : { message: [message], error_code: 400 },
        ]);
        expect((await (isBackend ? as.user.post(path) : as.user.get(path))).status).toBe(403);
      }
    },
  );

  it.each([
    ['post', '/v1/auth/mobile-biometrics/authenticate', 'client'],
    ['post', '/v1/auth/mobile-biometrics/register', 'user'],
    ['delete', '/v1/auth/mobile-biometrics/delete', 'user'],
    ['post', '/v1/auth/totp/transaction/start', 'client'],
    ['post', '/v1/auth/totp/transaction/authenticate', 'client'],
  ] as const)(
    'says that there is no %s %s here, to its own kind of token (section 9)',
    async (method, path, kind) => {
      const answer = await as[kind][method](path);
      expect([answer.status, answer.body]).toEqual([
        400,
        { message: expect.stringContaining('not part of this version'), error_code: 'invalid_request' },
      ]);
      expect((await as[kind === 'user' ? 'client' : 'user'][method](path)).status).toBe(403);
      expect((await api(app)[method](path)).status).toBe(401);
    },
  );

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
        // The redirect family has the form of the management API (section 1), and so has the exchange (oidc.md 5.1).
        const form =
          row.toFault === undefined || row.path === '/v1/token'
            ? { message: expect.any(Array), error_code: 400 }
            : { message: expect.any(String), error_code: wordOf(row) };
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
    const [stranger, backend] = [await limitedTo('users:read'), await limitedTo('auth:execute')];
    expect((await stranger.post(path, hint)).status).toBe(403);
    expect((await backend.post(path, hint)).status).toBe(200);
    const rows = authRows.filter(({ tokens }) => tokens.includes('client' as never));
    expect(rows.length).toBeGreaterThan(10);
    for (const row of rows) {
      expect([row.path, (await call(stranger, row, {})).status]).toEqual([row.path, 403]);
      expect([row.path, (await call(backend, row, {})).status]).not.toEqual([row.path, 403]);
    }
  });
});
