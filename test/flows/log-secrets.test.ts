/** No secret in any log line, at the most talkative level, over all flows and over what goes wrong in them. */
import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import pg from 'pg';
import { sendRaw } from '../support/bad-input.ts';
import { Browser, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, clientToken, postForm } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { SecretRecorder } from '../support/secret-recorder.ts';
import { type App, startApp } from '../support/start-app.ts';

/** Meets the strictest policy: no character three times in a row. */
const newPassword = (): string => `Aa1!${randomUUID().replace(/(.)\1/g, '$1-')}`;
const OFFLINE = { scope: 'openid email offline_access', prompt: 'consent' };
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.each(policyStorages)('the log at level trace ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let announced = 0;
  const recorder = new SecretRecorder();
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage, env: { LOG_LEVEL: 'trace' } });
    announced = app.output().length;
    recorder.start();
    for (const secret of [app.admin.password, app.management.clientSecret, app.demo?.clientSecret])
      recorder.add('announced secret', secret);
    scene = await setScene(app);
  });
  afterAll(async () => {
    recorder.stop();
    await app?.discard();
    await storage?.release();
  });
  /** Everything after the announcement of the first start. */
  const log = (): string => app.output().slice(announced);
  const expectSilence = (): void => expect(recorder.foundIn(log())).toEqual([]);
  const form = (path: string, fields: Record<string, string>, credentials?: Scene) =>
    postForm(`${app.url}/oidc/${path}`, fields, credentials);
  const posted = () => ({ client_id: scene.clientId, client_secret: scene.clientSecret });

  it('has no password, session or form cookie of a sign-in, right and wrong', async () => {
    const browser = new Browser(app);
    const { identifier, password } = scene.person;
    const page = await browser.open((await scene.rp.authorize(OFFLINE)).url);
    const wrong = await browser.submit(signInForm(page), { identifier, password: 'Wrong-password-1234' });
    expect(wrong.status).toBe(401);
    expect((await browser.submit(signInForm(wrong), { identifier, password: '' })).status).toBe(400);
    expect(
      (await browser.submit({ ...signInForm(wrong), fields: {} }, { identifier, password })).status,
    ).toBe(403);
    const arrived = await browser.submit(signInForm(wrong), { identifier, password });
    expect(arrived.url.searchParams.get('code')).toBeTruthy();
    recorder.add('callback code', arrived.url.searchParams.get('code'));
    expectSilence();
  });

  it('has no code, verifier, token or client secret of the token endpoint, whether served or refused', async () => {
    const browser = new Browser(app);
    const { identifier, password } = scene.person;
    const request = await scene.rp.authorize(OFFLINE);
    const page = await browser.open(request.url);
    const callback = (await browser.submit(signInForm(page), { identifier, password })).url;
    const code = String(callback.searchParams.get('code'));
    const exchange = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
    const wrong = { ...exchange, code_verifier: 'w'.repeat(50) };
    expect((await form('token', { ...wrong, ...posted() })).status).toBe(400);
    const good = { ...exchange, code_verifier: request.checks.pkceCodeVerifier };
    expect((await form('token', good, { ...scene, clientSecret: 'wrong-wrong-wrong' })).status).toBe(401);
    const tokens = (await form('token', { ...good, ...posted() })).body;
    const refresh = (token: string) => ({ grant_type: 'refresh_token', refresh_token: token });
    const next = (await form('token', refresh(tokens.refresh_token), scene)).body;
    expect(next.access_token).toBeTruthy();
    for (const token of [
      tokens.refresh_token,
      next.access_token,
      next.refresh_token,
      `${next.access_token}x`,
    ]) {
      await form('token/introspection', { token }, scene);
      await form('token/introspection', { token, ...posted() });
      await form('token/introspection', { token });
      await fetch(`${app.url}/oidc/me`, { headers: { authorization: `Bearer ${token}` } });
      await fetch(`${app.url}/oidc/me?access_token=${token}`);
    }
    await form('token/revocation', { token: next.access_token }, scene);
    await form('token/revocation', { token: next.refresh_token, ...posted() });
    expect((await form('token', good, scene)).status).toBe(400);
    await form('token', { grant_type: 'client_credentials' }, scene);
    await form('token', { grant_type: 'client_credentials', ...posted() });
    await browser.open(scene.rp.endSessionUrl({ id_token_hint: tokens.id_token }));
    expectSilence();
  });

  it('has no client assertion, good or bad', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    const made = await api(app, await adminToken(app)).post(`/v1/applications/${scene.appId}/clients`, {
      name: 'Signs',
      redirect_uris: [REDIRECT_URI],
      authentication_configuration: { method: 'private_key_jwt', jwks: { keys: [jwk] } },
    });
    const clientId: string = made.body.client_id;
    const statuses = [];
    for (const audience of [app.issuer, 'https://elsewhere.example.com']) {
      const client_assertion = await new SignJWT()
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(audience)
        .setJti(randomUUID())
        .setExpirationTime('1m')
        .sign(privateKey);
      const fields = { grant_type: 'client_credentials', client_id: clientId, client_assertion };
      statuses.push((await form('token', { ...fields, client_assertion_type: ASSERTION })).status);
    }
    expect(statuses).toEqual([200, 401]);
    expectSilence();
  });

  it('has no bearer token, credential, password or secret of the management API, whatever the body is like', async () => {
    const token = await adminToken(app);
    const admin = api(app, token);
    const password = newPassword();
    const user = await admin.post('/v1/users', {
      email: `${randomUUID()}@example.com`,
      credentials: { password },
    });
    const at = `/v1/users/${user.body.result.user_id}`;
    expect((await admin.put(`${at}/password`, { password: newPassword() })).status).toBe(200);
    await admin.post(`${at}/password`, { password });
    await admin.put(`${at}/password`, { password: 'too-short-1' });
    await admin.put(at, { password, credentials: { password } });
    await admin.post(`/v1/applications/${scene.appId}/clients/${scene.clientId}/secrets`);
    await clientToken(app, scene);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    for (const body of [
      `{"password": "${password}`,
      `{"password": "${password}", "x": "\\u0000"}`,
      `["${password}"]`,
    ])
      for (const method of ['POST', 'PUT'])
        expect((await fetch(`${app.url}${at}/password`, { method, headers, body })).status).toBe(400);
    await api(app, `${token}x`).get(`/v1/users?access_token=${token}`);
    const raw = `POST /v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\nTransfer-Encoding: chunked\r\n\r\nZZ${password}\r\n`;
    expect((await sendRaw(app, raw)).status).toBe(400);
    expectSilence();
  });

  // A database that fails in the middle of everything; only a server's can be broken from outside.
  if (name !== 'embedded')
    it('has no secret in the faults of a broken database either', async () => {
      const token = await adminToken(app);
      const tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
      const browser = new Browser(app);
      const page = await browser.open((await scene.rp.authorize()).url);
      const before = log().split('\n').length;
      const breaker = new pg.Client({ connectionString: storage.databaseUrl });
      await breaker.connect();
      const tables = ['grants', 'refresh_tokens', 'users', 'client_secrets', 'revoked_tokens'];
      try {
        for (const table of tables) await breaker.query(`alter table ${table} rename to ${table}_away`);
        const statuses = [];
        for (const fields of [
          { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) },
          { grant_type: 'client_credentials' },
        ])
          statuses.push((await form('token', fields, scene)).status);
        statuses.push((await form('token/introspection', { token: tokens.access_token }, scene)).status);
        statuses.push(
          (await form('token/introspection', { token: String(tokens.refresh_token) }, scene)).status,
        );
        const credentials = { password: newPassword() };
        statuses.push(
          (await api(app, token).post('/v1/users', { email: 'b@example.com', credentials })).status,
        );
        const { identifier, password } = scene.person;
        statuses.push((await browser.submit(signInForm(page), { identifier, password })).status);
        expect(statuses).toContain(500);
      } finally {
        for (const table of tables) await breaker.query(`alter table ${table}_away rename to ${table}`);
        await breaker.end();
      }
      expect(log().split('\n').length).toBeGreaterThan(before);
      expectSilence();
    });

  it('was looked at for every kind of secret', () => {
    const kinds = [...recorder.kinds()].join('\n');
    for (const kind of [
      'request password',
      'request code_verifier',
      'request code',
      'redirect code',
      'request refresh_token',
      'request token',
      'request client_secret',
      'request client_assertion',
      'request Basic secret',
      'request Bearer',
      'answer access_token',
      'answer id_token',
      'answer client_secret',
      'cookie tessera_session',
      'cookie tessera_interaction',
      'cookie tessera_form',
    ])
      expect(kinds).toContain(kind);
    expectSilence();
  });
});
