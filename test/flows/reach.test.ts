/** How far a token reaches: a client's, a management application's, and a user's. */
import { decodeJwt } from 'jose';
import pg from 'pg';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };

describe.each(policyStorages)('the reach of tokens ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let other: Scene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    other = await setScene(app);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const asClient = async (owner = scene): Promise<Api> => api(app, await clientToken(app, owner));
  const asAdmin = async (): Promise<Api> => api(app, await adminToken(app));
  const asUser = async (owner = scene, browser = new Browser(app)): Promise<Api> =>
    api(app, (await owner.rp.signIn(app, owner.person, { browser })).access_token);
  const clients = (owner: Scene) => `/v1/applications/${owner.appId}/clients`;
  const status = ({ status: code }: Answer): number => code;
  const body = { name: 'Made', redirect_uris: ['https://made.example.com/cb'] };

  /** Every operation on the clients below this path, each on a client of its own. */
  async function everyOperation(by: Api, base: string): Promise<number[]> {
    const made = await by.post(base, body);
    const at = `${base}/${made.body?.client_id ?? 'none'}`;
    const generated = await by.post(`${at}/secrets`);
    return [
      made,
      generated,
      await by.get(base),
      await by.get(at),
      await by.put(at, { name: 'Renamed' }),
      await by.put(`${at}/resources`, { resource_ids: [] }),
      await by.get(`${at}/secrets`),
      await by.delete(`${at}/secrets/${generated.body?.id ?? 'none'}`),
      await by.delete(at),
    ].map(status);
  }
  const ALL_WORK = [201, 201, 200, 200, 200, 200, 200, 204, 204];

  describe('of a client', () => {
    it('has the client as sub and client_id (R100, R144, R151)', async () => {
      expect(decodeJwt(await clientToken(app, scene))).toMatchObject({
        sub: scene.clientId,
        client_id: scene.clientId,
        app_id: scene.appId,
      });
    });

    it('covers the clients of its own application through the application-level API (R1, R156)', async () => {
      const own = await asClient();
      expect(await everyOperation(own, clients(scene))).toEqual(ALL_WORK);
      expect(await everyOperation(own, clients(other))).toEqual(ALL_WORK.map(() => 404));
      expect(status(await own.get(`${clients(other)}/${other.clientId}`))).toBe(404);
      expect(status(await own.get(`${clients(scene)}/${other.clientId}`))).toBe(404);
      expect(status(await own.delete(clients(other)))).toBe(404);
    });

    it('covers the same through the client API, for the token’s own application (R3)', async () => {
      const own = await asClient();
      expect(await everyOperation(own, '/v1/clients')).toEqual(ALL_WORK);
      const made = await own.post('/v1/clients', body);
      expect(made.body.app_id).toBe(scene.appId);
      const list = (await own.get('/v1/clients')).body as { app_id: string; client_id: string }[];
      expect(new Set(list.map((client) => client.app_id))).toEqual(new Set([scene.appId]));
      expect(list.map((client) => client.client_id)).toEqual(
        expect.arrayContaining([scene.clientId, made.body.client_id]),
      );
      for (const answer of [
        await own.get(`/v1/clients/${other.clientId}`),
        await own.put(`/v1/clients/${other.clientId}`, { name: 'Mine' }),
        await own.delete(`/v1/clients/${other.clientId}`),
        await own.post(`/v1/clients/${other.clientId}/secrets`),
      ])
        expect(status(answer)).toBe(404);
      await own.delete(`/v1/clients/${made.body.client_id}`);
    });

    it('covers its application and the users associated with it, and no others (R156, R157)', async () => {
      const own = await asClient();
      const { result } = (await own.get('/v1/users')).body as { result: { user_id: string }[] };
      const ids = result.map((user) => user.user_id);
      // The person was made by the management application: the sign-in is what associates them.
      await asUser();
      expect(ids).not.toContain(other.person.userId);
      const after = (await own.get('/v1/users')).body.result as { user_id: string }[];
      expect(after.map((user) => user.user_id)).toEqual([scene.person.userId]);
      expect(status(await own.get(`/v1/users/${scene.person.userId}`))).toBe(200);
      const email = encodeURIComponent(other.person.identifier);
      for (const path of [`/v1/users/${other.person.userId}`, `/v1/users/email/${email}`])
        expect(status(await own.get(path))).toBe(404);
      expect(status(await own.put(`/v1/users/${other.person.userId}`, { language: 'de' }))).toBe(404);
      expect(status(await own.get(`/v1/applications/${other.appId}`))).toBe(404);
      expect(((await own.get('/v1/applications')).body.result as unknown[]).length).toBe(1);
    });
  });

  describe('of a management application', () => {
    it('covers the clients of every application, and in the client API its own alone (R2, R4, R158)', async () => {
      const admin = await asAdmin();
      for (const owner of [scene, other])
        expect(await everyOperation(admin, clients(owner))).toEqual(ALL_WORK);
      const own = (await admin.get('/v1/clients')).body as { client_id: string }[];
      expect(own.map((client) => client.client_id)).toEqual([app.management.clientId]);
      expect(status(await admin.get(`/v1/clients/${scene.clientId}`))).toBe(404);
      expect(status(await admin.put(`/v1/clients/${scene.clientId}`, { name: 'x' }))).toBe(404);
    });

    it('covers the users and applications of the whole tenant (R158)', async () => {
      const admin = await asAdmin();
      for (const owner of [scene, other]) {
        expect(status(await admin.get(`/v1/applications/${owner.appId}`))).toBe(200);
        expect(status(await admin.get(`/v1/users/${owner.person.userId}`))).toBe(200);
      }
      expect(decodeJwt(await adminToken(app))).toMatchObject({ roles: ['Admin'] });
    });
  });

  describe('of a user', () => {
    it('has the user as sub and the client of the sign-in as client_id (R151, R153)', async () => {
      const tokens = await scene.rp.signIn(app, scene.person);
      expect(decodeJwt(tokens.access_token)).toMatchObject({
        sub: scene.person.userId,
        client_id: scene.clientId,
        app_id: scene.appId,
      });
    });

    it('ends at management APIs, which a client token opens (R163)', async () => {
      const [user, client] = [await asUser(), await asClient()];
      const paths = [
        '/v1/applications',
        `/v1/applications/${scene.appId}`,
        clients(scene),
        '/v1/clients',
        `/v1/clients/${scene.clientId}`,
        `/v1/clients/${scene.clientId}/secrets`,
        '/v1/resources',
        '/v1/users',
        `/v1/users/${scene.person.userId}`,
      ];
      for (const path of paths) {
        expect([path, status(await user.get(path))]).toEqual([path, 403]);
        expect([path, status(await client.get(path))]).toEqual([path, 200]);
      }
      for (const path of [clients(scene), '/v1/clients', '/v1/resources', '/v1/users'])
        expect([path, status(await user.post(path, body))]).toEqual([path, 403]);
    });

    it('is of no use to another client, not for a token, a revocation or a session (R153, R155)', async () => {
      const browser = new Browser(app);
      const tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE, browser });
      const [access, refresh] = [tokens.access_token, String(tokens.refresh_token)];
      const attempt = (form: Record<string, string>) => postForm(`${app.issuer}/token`, form, other);
      for (const token of [access, refresh]) {
        const answer = await attempt({ grant_type: 'refresh_token', refresh_token: token });
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
        expect(
          (
            await attempt({
              grant_type: 'authorization_code',
              code: token,
              redirect_uri: other.rp.redirectUri,
            })
          ).body,
        ).toMatchObject({ error: 'invalid_grant' });
        for (const grant_type of [
          'urn:ietf:params:oauth:grant-type:jwt-bearer',
          'urn:ietf:params:oauth:grant-type:token-exchange',
        ])
          expect((await attempt({ grant_type, assertion: token, subject_token: token })).body.error).toBe(
            'unsupported_grant_type',
          );
        const revoked = await postForm(`${app.issuer}/token/revocation`, { token }, other);
        expect([revoked.status, revoked.body?.error]).not.toEqual([200, undefined]);
      }
      expect((await scene.rp.introspect(access)).active).toBe(true);
      expect((await scene.rp.introspect(refresh)).active).toBe(true);
      // With the token alone, in whatever place, a new browser gets no session at the other application.
      for (const parameters of [
        { id_token_hint: access },
        { access_token: access },
        { login_hint: access },
      ]) {
        const url = (await other.rp.authorize({ prompt: 'none', ...parameters })).url;
        const answer = await fetch(url, {
          redirect: 'manual',
          headers: { authorization: `Bearer ${access}`, cookie: `tessera_session=${access}` },
        });
        expect(answer.headers.get('location') ?? '').not.toMatch(/[?&]code=/);
      }
      expect(status(await api(app, access).get(`/v1/applications/${other.appId}`))).toBe(403);
    });

    it('is refused at the self-service routes when it is a client’s, an administrator’s, or none (R152, C1)', async () => {
      for (const by of [await asClient(), await asAdmin()]) {
        expect(await by.get('/v1/users/me')).toMatchObject({ status: 403, body: { error_code: 403 } });
        expect(status(await by.put('/v1/users/me', { language: 'de' }))).toBe(403);
        expect(status(await by.post('/v1/auth/logout'))).toBe(403);
        expect(status(await by.post('/v1/users/me/password-credentials', { password: 'x' }))).toBe(403);
      }
      for (const path of ['/v1/users/me', '/cis/v1/users/me'])
        expect(await api(app).get(path)).toMatchObject({
          status: 401,
          body: { message: 'Invalid token', error_code: 401 },
        });
      expect(status(await api(app, 'x.y.z').post('/v1/auth/logout'))).toBe(401);
    });

    it('lets users read and change their own profile, and only that (R152, R154, C25)', async () => {
      const me = await asUser();
      expect((await me.get('/v1/users/me')).body.result).toMatchObject({
        user_id: scene.person.userId,
        email: { value: scene.person.identifier },
      });
      const profile = {
        name: { first_name: 'Ada', last_name: 'Lovelace' },
        address: { city: 'London', type: 'Home' },
        birthday: '1815-12-10',
        language: 'en',
        picture: 'https://example.com/ada.png',
      };
      expect(await me.put('/v1/users/me', profile)).toMatchObject({ status: 200, body: { result: profile } });
      const partly = await me.put('/v1/users/me', { name: { first_name: 'Augusta' } });
      expect(partly.body.result).toMatchObject({ ...profile, name: { first_name: 'Augusta' } });
      expect(partly.body.result.name).toEqual({ first_name: 'Augusta' });
      for (const [field, value] of Object.entries({
        email: 'mallory@example.com',
        phone_number: '+14155550100',
        username: 'mallory',
        status: 'Active',
        custom_data: { admin: true },
        custom_app_data: {},
        external_user_id: 'x',
        external_account_id: 'x',
        secondary_emails: [],
        user_id: other.person.userId,
        roles: ['Admin'],
      }))
        expect(await me.put('/v1/users/me', { [field]: value })).toMatchObject({
          status: 400,
          body: { message: [`${field} is not a known field`], error_code: 400 },
        });
      const elsewhere = await me.put(`/v1/users/me?user_id=${other.person.userId}`, { language: 'fr' });
      expect(elsewhere.body.result.user_id).toBe(scene.person.userId);
      const admin = await asAdmin();
      const theirs = await admin.get(`/v1/users/${other.person.userId}`);
      expect(theirs.body.result.language).toBeUndefined();
      expect((await admin.get(`/v1/users/${scene.person.userId}`)).body.result.language).toBe('fr');
    });

    it('keeps every field of many changes at once (R154)', async () => {
      const me = await asUser();
      const changes = [
        { language: 'pt' },
        { picture: 'https://example.com/p.png' },
        { birthday: '2000-01-01' },
        { address: { city: 'Porto' } },
        { name: { first_name: 'Inês' } },
      ];
      const answers = await Promise.all(changes.map((change) => me.put('/v1/users/me', change)));
      expect(answers.map(status)).toEqual(changes.map(() => 200));
      expect((await me.get('/v1/users/me')).body.result).toMatchObject(Object.assign({}, ...changes));
    });

    it('opens no profile where a third-party client holds it (R97, C25)', async () => {
      const party = await addThirdParty(app, scene);
      const tokens = await tokensByConsent(app, scene, party, { scope: 'openid' });
      const me = api(app, tokens.access_token);
      for (const answer of [
        await me.get('/v1/users/me'),
        await me.put('/v1/users/me', { language: 'de' }),
        await me.post('/v1/users/me/password-credentials', { password: 'Long-enough-1!' }),
        // Nor does it sign the user out of every application.
        await me.post('/v1/auth/logout'),
      ])
        expect(answer).toMatchObject({
          status: 403,
          body: { message: expect.stringContaining('third-party') },
        });
    });

    it('sets no second password for a user who has one', async () => {
      const me = await asUser();
      const path = '/v1/users/me/password-credentials';
      expect(await me.post(path, { password: 'Another-good-1!' })).toMatchObject({ status: 403 });
      expect(await me.post(path, { password: 'weak' })).toMatchObject({
        status: 400,
        body: { error_code: 'auth_password_weak', message: expect.any(String) },
      });
      expect(await me.post(path, {})).toMatchObject({
        status: 400,
        body: { error_code: 'system_invalid_input', message: 'password is required' },
      });
      expect((await scene.rp.signIn(app, scene.person)).access_token).toEqual(expect.any(String));
    });

    // A user without a password cannot sign in yet but with one; the row is changed behind the server's back.
    const itOnPostgres = name === 'embedded' ? () => undefined : it;
    itOnPostgres('lets a user without a password set the first one, once (R154)', async () => {
      const third = await setScene(app);
      const me = await asUser(third);
      const database = new pg.Client({ connectionString: String(storage.databaseUrl) });
      await database.connect();
      await database
        .query('update users set password_hash = null where user_id = $1', [third.person.userId])
        .finally(() => database.end());
      const passwords = ['First-choice-1!', 'Other-choice-2!'];
      const path = '/v1/users/me/password-credentials';
      const answers = await Promise.all(passwords.map((password) => me.post(path, { password })));
      expect(answers.map(status).sort()).toEqual([200, 403]);
      const password = String(passwords[answers.findIndex((answer) => answer.status === 200)]);
      expect(answers.find((answer) => answer.status === 200)?.body).toEqual({
        result: { message: expect.any(String) },
      });
      const tokens = await third.rp.signIn(app, { ...third.person, password });
      expect(tokens.claims()?.sub).toBe(third.person.userId);
    });
  });

  describe('at sign-out (contract/oidc.md 11, D16)', () => {
    const silently = async (browser: Browser, at = scene) =>
      (await browser.open((await at.rp.authorize({ prompt: 'none' })).url)).url.searchParams.get('error');

    it('ends the browser session that the token came from, and no other, and revokes no token (R183)', async () => {
      const [left, right] = [new Browser(app), new Browser(app)];
      const tokens = await scene.rp.signIn(app, scene.person, { browser: left, parameters: OFFLINE });
      await asUser(scene, right);
      expect(await silently(left, other)).toBeNull();
      const me = api(app, tokens.access_token);
      const done = await me.post('/v1/auth/logout');
      expect(done).toMatchObject({ status: 200, body: { result: { sessions_count: 1 }, sessions_count: 1 } });
      expect(await silently(left)).toBe('login_required');
      expect(await silently(left, other)).toBe('login_required');
      expect(await silently(right)).toBeNull();
      expect((await scene.rp.introspect(tokens.access_token)).active).toBe(true);
      expect((await me.post('/cis/v1/auth/logout')).body).toEqual({
        result: { sessions_count: 0 },
        sessions_count: 0,
      });
      const next = await scene.rp.refresh(String(tokens.refresh_token));
      expect((await scene.rp.introspect(next.access_token)).active).toBe(true);
    });

    it('ends it with a refreshed token and after later sign-ins of the same browser too (R183)', async () => {
      const browser = new Browser(app);
      const tokens = await scene.rp.signIn(app, scene.person, { browser, parameters: OFFLINE });
      await scene.rp.signIn(app, scene.person, { browser });
      const next = await scene.rp.refresh(String(tokens.refresh_token));
      expect((await api(app, next.access_token).post('/v1/auth/logout')).body.sessions_count).toBe(1);
      expect(await silently(browser)).toBe('login_required');
    });

    it('leaves alone the session that somebody else has begun in that browser (R153)', async () => {
      const browser = new Browser(app);
      const before = await scene.rp.signIn(app, scene.person, { browser });
      await api(app, before.access_token).post('/v1/auth/logout');
      await other.rp.signIn(app, other.person, { browser });
      expect((await api(app, before.access_token).post('/v1/auth/logout')).body.sessions_count).toBe(0);
      expect(await silently(browser, other)).toBeNull();
    });
  });
});
