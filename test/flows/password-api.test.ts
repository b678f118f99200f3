/** Signing in with a password through the authentication API (contract/authentication.md 5, 7; tokens-and-sessions.md 7). */
import { decodeJwt } from 'jose';
import { Browser } from '../support/browser.ts';
import { policyStorages } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

describe.each(policyStorages)('passwords at the authentication API ($name)', ({ options }) => {
  let app: App;
  let scene: Scene;
  let backend: Api;
  let release: () => Promise<void>;

  beforeAll(async () => {
    const storage = await options();
    release = storage.release;
    app = await startApp(storage);
    scene = await setScene(app);
    backend = api(app, await clientToken(app, scene));
  });
  afterAll(async () => {
    await app?.discard();
    await release?.();
  });

  const login = (more: Record<string, unknown> = {}) =>
    api(app).post('/v1/auth/password/login', {
      email: scene.person.identifier,
      password: scene.person.password,
      client_id: scene.clientId,
      redirect_uri: REDIRECT_URI,
      ...more,
    });

  describe('the redirect family', () => {
    it('gives a URL whose plain visit ends at the redirect URI with a code, in any browser, once', async () => {
      const { status, body } = await login();
      expect(status).toBe(200);
      const url = new URL(body.result.url);
      expect(url.pathname).toBe('/oidc/auth');
      const [page, again] = [await new Browser(app).open(url), await new Browser(app).open(url)];
      expect(page.url.href).toContain(`${REDIRECT_URI}?code=`);
      expect(again.status).toBe(400);
      const code = String(page.url.searchParams.get('code'));
      const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
      const tokens = (await postForm(`${app.url}/oidc/token`, form, scene)).body;
      const id = decodeJwt(tokens.id_token);
      expect(id).toMatchObject({ sub: scene.person.userId, amr: ['pwd'], acr: '', tid: expect.any(String) });
      expect(typeof tokens.refresh_token).toBe('string');
      expect(Math.abs(Number(id.auth_time) - Date.now() / 1000)).toBeLessThan(30);
    });

    it('signs in to the browser: the next application gets its code silently', async () => {
      const browser = new Browser(app);
      await browser.open(new URL((await login()).body.result.url));
      const page = await browser.open((await scene.rp.authorize({ prompt: 'none' })).url);
      expect(page.url.searchParams.get('code')).toBeTruthy();
    });

    it('gives a URL that is dead once the user’s sessions are ended: a thief keeps no way in', async () => {
      const { url } = (await login()).body.result;
      const ended = await backend.delete(`/v1/sessions/${scene.person.userId}`);
      expect(ended.status).toBe(200);
      const page = await new Browser(app).open(new URL(url));
      expect([page.status, page.url.searchParams.get('code')]).toEqual([400, null]);
    });

    it('ends at the redirect URI with mfa_required, and names the factors, where two are asked for (section 7)', async () => {
      const page = await new Browser(app).open(new URL((await login({ require_mfa: true })).body.result.url));
      expect(page.url.searchParams.get('error')).toBe('mfa_required');
      expect(page.url.searchParams.get('error_description')).toMatch(/^A second factor is required: email/);
    });

    it.each([
      ['a wrong password', { password: 'wrong' }, 401],
      ['an unknown user', { email: 'nobody@example.com' }, 401],
      ['a foreign redirect URI', { redirect_uri: 'https://evil.example/cb' }, 400],
      ['a resource that the client does not have', { resource: 'https://other.example' }, 400],
      ['an unknown client', { client_id: 'nobody' }, 400],
      ['two identifiers', { username: 'a' }, 400],
      ['an unknown member', { admin: true }, 400],
    ])('refuses %s', async (_what, more, status) => {
      const answer = await login(more);
      expect(answer.status).toBe(status);
      expect(answer.body).toMatchObject({ error_code: status });
    });

    it('says that an account is locked in the form of the family, with the time to wait (section 1)', async () => {
      const victim = await setScene(app);
      const attempt = (password: string) =>
        login({ email: victim.person.identifier, password, client_id: victim.clientId });
      for (let at = 0; at < 5; at++) expect((await attempt('wrong')).status).toBe(401);
      const locked = await attempt(victim.person.password);
      expect([locked.status, locked.body]).toEqual([
        403,
        { message: expect.stringContaining('Too many failed attempts'), error_code: 403 },
      ]);
      expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
    });
  });

  describe('the backend family', () => {
    const authenticate = (more: Record<string, unknown> = {}) =>
      backend.post('/v1/auth/password/authenticate', {
        username: scene.person.identifier,
        username_type: 'email',
        password: scene.person.password,
        ...more,
      });

    it('gives tokens at once, with a session, that work like any others', async () => {
      const { status, body } = await authenticate();
      expect([status, body]).toEqual([
        200,
        {
          access_token: expect.any(String),
          id_token: expect.any(String),
          refresh_token: expect.any(String),
          session_id: expect.any(String),
          token_type: 'Bearer',
          expires_in: 3600,
          scope: 'openid offline_access',
        },
      ]);
      expect(decodeJwt(body.id_token)).toMatchObject({
        sub: scene.person.userId,
        aud: scene.clientId,
        amr: ['pwd'],
        acr: '',
      });
      expect((await api(app, body.access_token).get('/v1/users/me')).status).toBe(200);
      const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
      expect((await postForm(`${app.url}/oidc/token`, form, scene)).status).toBe(200);
    });

    it('carries the claims that were asked for', async () => {
      const { body } = await authenticate({ claims: { id_token: { email: null } } });
      expect(decodeJwt(body.id_token).email).toBe(scene.person.identifier);
    });

    it('carries those of the access token in every access token of the sign-in, and in nothing else (tokens-and-sessions.md 3)', async () => {
      const admin = api(app, await adminToken(app));
      const custom_data = { plan: 'gold', secret: 'no' };
      const put = await admin.put(`/v1/users/${scene.person.userId}`, { custom_data });
      expect(put.status).toBe(200);
      const access_token = { email: null, custom_data: { fields: ['plan'] }, fname: null };
      const { body } = await authenticate({ claims: { access_token } });
      const asked = { email: scene.person.identifier, custom_data: { plan: 'gold' } };
      expect(decodeJwt(body.access_token)).toMatchObject(asked);
      expect(decodeJwt(body.access_token)).not.toHaveProperty('fname');
      expect(decodeJwt(body.id_token)).not.toHaveProperty('email');
      expect((await api(app, body.access_token).get('/v1/users/me')).status).toBe(200);
      const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
      const refreshed = (await postForm(`${app.url}/oidc/token`, form, scene)).body;
      expect(decodeJwt(refreshed.access_token)).toMatchObject(asked);
      const plain = (await authenticate({ session_id: body.session_id })).body;
      expect(decodeJwt(plain.access_token)).not.toHaveProperty('email');
    });

    it('lets no claim that is asked for stand in the place of what the access token is', async () => {
      const own = [
        'iss',
        'sub',
        'aud',
        'exp',
        'iat',
        'jti',
        'tid',
        'client_id',
        'app_id',
        'app_name',
        'roles',
      ];
      const foreign = ['cnf', 'act', 'gid', 'sid', 'rid', 'org_id', 'scope', 'ts_roles', 'ts_permissions'];
      const forged = { value: 'forged', values: ['forged'], essential: true };
      const access_token = Object.fromEntries([...own, ...foreign].map((name) => [name, forged]));
      const [with_, without] = [await authenticate({ claims: { access_token } }), await authenticate()];
      const [asked, plain] = [decodeJwt(with_.body.access_token), decodeJwt(without.body.access_token)];
      const { ts_roles, ts_permissions, ...rest } = asked;
      expect([ts_roles, ts_permissions]).toEqual([[], []]);
      expect(Object.keys(rest).sort()).toEqual(Object.keys(plain).sort());
      expect(JSON.stringify(asked)).not.toContain('forged');
      for (const name of ['iss', 'sub', 'aud', 'tid', 'client_id', 'app_id', 'app_name', 'roles', 'scope'])
        expect(asked[name]).toEqual(plain[name]);
    });

    it.each(['id_token', 'userinfo', 'access_token'])(
      'refuses malformed claims for %s by name, as the authorization endpoint does',
      async (use) => {
        for (const [request, sentence] of [
          [{ email: 'yes' }, `claims.${use}.email: must be null or an object`],
          [{ email: { fields: ['a'] } }, `claims.${use}.email: cannot have fields`],
          [{ custom_data: { fields: Array(101).fill('a') } }, 'fields that are not an array of at most 100'],
        ] as const) {
          const answer = await authenticate({ claims: { [use]: request } });
          expect([answer.status, JSON.stringify(answer.body.message)]).toEqual([
            400,
            expect.stringContaining(sentence),
          ]);
        }
      },
    );

    it.each([
      ['a wrong password', { password: 'wrong' }, 'auth_invalid_credentials'],
      ['an unknown user', { username: 'nobody@example.com' }, 'auth_invalid_credentials'],
      ['a session that is not there', { session_id: 'nobody' }, 'invalid_request'],
      ['a resource that the client does not have', { resource: 'https://other.example' }, 'invalid_request'],
    ])('refuses %s', async (_what, more, error_code) => {
      const answer = await authenticate(more);
      expect([answer.status, answer.body.error_code]).toEqual([400, error_code]);
    });

    it('is for client tokens only', async () => {
      const admin = api(app, await adminToken(app));
      for (const caller of [admin, api(app)]) {
        const answer = await caller.post('/v1/auth/password/authenticate', {});
        expect(answer.status).toBe(caller === admin ? 403 : 401);
      }
    });
  });
});
