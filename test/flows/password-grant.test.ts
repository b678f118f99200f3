/** The grant type `password` at the token endpoint (contract/oidc.md 5, RFC 6749 section 4.3). */
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { fapiClient } from '../support/fapi-client.ts';
import { type Answer, type Api, adminToken, api, postForm } from '../support/management.ts';
import { addClient, type Registered } from '../support/raw-requests.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const WRONG = [400, 'invalid_grant', 'the username or the password is not right'];

describe.each(policyStorages)('the grant type password ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  let shop: Scene;

  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
    shop = await setScene(app);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const ask = (more: Record<string, string> = {}, by: Registered = shop): Promise<Answer> =>
    postForm(
      `${app.url}/oidc/token`,
      {
        grant_type: 'password',
        username: shop.person.identifier,
        username_type: 'email',
        password: shop.person.password,
        ...more,
      },
      by,
    );
  const brief = ({ status, body }: Answer) => [status, body.error, body.error_description];
  const person = async (more: Record<string, unknown> = {}) => {
    const tag = Math.random().toString(36).slice(2, 10);
    const made = { email: `grant-${tag}@example.com`, password: `Aa1!grant-${tag}-pass` };
    const answer = await admin.post('/v1/users', {
      email: made.email,
      credentials: { password: made.password, force_replace: false, ...more },
    });
    expect(answer.status).toBe(201);
    return { ...made, userId: String(answer.body.result.user_id) };
  };

  it('stands in the discovery document', async () => {
    const { body } = await api(app).get('/oidc/.well-known/openid-configuration');
    expect(body.grant_types_supported).toContain('password');
  });

  it('answers an access token of the user, and neither an ID token nor a refresh token that is not asked for', async () => {
    const { status, body, headers } = await ask();
    expect([status, body]).toEqual([
      200,
      { access_token: expect.any(String), expires_in: 3600, scope: 'openid', token_type: 'Bearer' },
    ]);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(decodeJwt(body.access_token)).toMatchObject({
      sub: shop.person.userId,
      client_id: shop.clientId,
      app_id: shop.appId,
      scope: 'openid',
    });
    expect((await api(app, body.access_token).get('/v1/users/me')).status).toBe(200);
  });

  it('answers a refresh token for offline_access; amr says pwd', async () => {
    const { body } = await ask({ scope: 'openid email offline_access' });
    expect(body.scope).toBe('openid email offline_access');
    const form = { grant_type: 'refresh_token', refresh_token: body.refresh_token };
    const refreshed = await postForm(`${app.url}/oidc/token`, form, shop);
    expect(refreshed.status).toBe(200);
    expect(decodeJwt(refreshed.body.id_token)).toMatchObject({ amr: ['pwd'], acr: '', aud: shop.clientId });
    const other = await setScene(app);
    const stolen = { grant_type: 'refresh_token', refresh_token: refreshed.body.refresh_token };
    expect((await postForm(`${app.url}/oidc/token`, stolen, other)).body.error).toBe('invalid_grant');
  });

  it('takes a username by default, an email and a phone number as said, and not one for the other', async () => {
    const username = `ada-${Date.now()}`;
    await admin.put(`/v1/applications/${shop.appId}`, { allow_public_signup: true });
    const backend = api(
      app,
      (await postForm(`${app.url}/oidc/token`, { grant_type: 'client_credentials' }, shop)).body.access_token,
    );
    const password = 'Meadow-lantern-42';
    expect((await backend.post('/v1/auth/password/register', { username, password })).status).toBe(200);
    const form = { grant_type: 'password', username, password };
    expect((await postForm(`${app.url}/oidc/token`, form, shop)).status).toBe(200);
    expect(brief(await ask({ username, password }))).toEqual(WRONG);
    expect(brief(await ask({ username_type: 'username' }))).toEqual(WRONG);
    expect((await ask({ username_type: 'nickname' })).body.error).toBe('invalid_request');
    // A username belongs to one application.
    expect(brief(await postForm(`${app.url}/oidc/token`, form, await setScene(app)))).toEqual(WRONG);
  });

  it.each([
    ['no username', { username: '' }],
    ['no password', { password: '' }],
  ])('refuses a request with %s', async (_what, more) => {
    expect((await ask(more)).body.error).toBe('invalid_request');
  });

  it('says the same of a wrong password, an unknown and a disabled user', async () => {
    const gone = await person();
    await admin.put(`/v1/users/${gone.userId}`, { status: 'Disabled' });
    for (const more of [
      { password: 'wrong' },
      { username: 'nobody@example.com' },
      { username: 'a\0b' },
      { username: 'x'.repeat(5000) },
      { username: gone.email, password: gone.password },
    ])
      expect(brief(await ask(more))).toEqual(WRONG);
  });

  it('counts as a guess like everywhere: locked here is locked there, in the words of a wrong password', async () => {
    const { email, password } = await person();
    for (let at = 0; at < 5; at++)
      expect(brief(await ask({ username: email, password: `no-${at}` }))).toEqual(WRONG);
    expect(brief(await ask({ username: email, password }))).toEqual(WRONG);
    const body = { grant_type: 'client_credentials' };
    const token = (await postForm(`${app.url}/oidc/token`, body, shop)).body.access_token;
    const elsewhere = await api(app, token).post('/v1/auth/password/authenticate', {
      username: email,
      username_type: 'email',
      password,
    });
    expect(elsewhere).toMatchObject({ status: 403, body: { error_code: 'auth_locked' } });
  });

  it('refuses a temporary password with a sentence', async () => {
    const { email, password } = await person({ force_replace: true });
    expect(brief(await ask({ username: email, password }))).toEqual([
      400,
      'invalid_grant',
      'the password is temporary and must be changed',
    ]);
  });

  it('refuses an application that asks for two factors, before it looks at the password', async () => {
    const strict = await setScene(app);
    const set = await admin.put(`/v1/applications/${strict.appId}`, { hosted_login: { mfa: 'required' } });
    expect(set.status).toBe(200);
    expect((await ask({}, strict)).body.error).toBe('mfa_required');
    expect((await ask({ password: 'wrong' }, strict)).body.error).toBe('mfa_required');
  });

  it('is open to nobody but confidential clients of first parties: not to FAPI, third-party, management and public clients', async () => {
    const party = await addClient(app, shop.appId, { is_third_party: true });
    const open = await addClient(app, shop.appId, { pkce: 'enforcePkceInsteadOfClientCredentials' });
    const { identifier: username, password } = shop.person;
    const form = { username, password, username_type: 'email' };
    const answers = [
      await ask({}, party),
      await ask({}, app.management),
      await postForm(`${app.url}/oidc/token`, { ...form, grant_type: 'password', client_id: open.clientId }),
    ];
    for (const answer of answers) expect(brief(answer).slice(0, 2)).toEqual([400, 'unauthorized_client']);
    const { rp, DPoP } = await fapiClient(app, shop.appId);
    const asked = oidc.genericGrantRequest(rp.config, 'password', form, { DPoP });
    await expect(asked).rejects.toMatchObject({ error: 'unauthorized_client' });
  });

  it('needs the client’s own secret', async () => {
    const answer = await ask({}, { clientId: shop.clientId, clientSecret: 'guessed' });
    expect(brief(answer).slice(0, 2)).toEqual([401, 'invalid_client']);
  });
});
