/** The passkey operations of the API (contract/authentication.md 8), with a real Chromium for the browser's half. */
import type { Browser } from 'playwright-core';
import { newPerson } from '../support/account.ts';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { PasskeyBrowser } from '../support/passkey-browser.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const at = (path: string): string => `/v1/auth/webauthn/${path}`;
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describeWithChromium.each(policyStorages)('the API of passkeys ($name)', ({ options }) => {
  let storage: StorageOptions;
  let chromium: Browser;
  let page: PasskeyBrowser;
  let app: App;
  let scene: Scene;
  let other: Scene;
  let admin: Api;
  const anybody = (): Api => api(app);
  beforeAll(async () => {
    storage = await options();
    chromium = await launchChromium();
    page = await PasskeyBrowser.open(chromium);
    app = await startApp(storage);
    [scene, other] = [await setScene(app), await setScene(app)];
    admin = api(app, await adminToken(app));
    for (const { appId } of [scene, other]) await allowPasskeys(appId);
  });
  afterAll(async () => {
    await page?.close();
    await chromium?.close();
    await app?.discard();
    await storage?.release();
  });
  beforeEach(() => page.takeNewAuthenticator());

  const allowPasskeys = async (appId: string): Promise<void> => {
    const webauthn_api = { rpId: 'localhost', rpWebOrigins: [page.origin] };
    expect((await admin.put(`/loginPreferences/${appId}/authMethods`, { webauthn_api })).status).toBe(200);
    await admin.put(`/v1/applications/${appId}`, { hosted_login: { passkey_offer: false } });
  };
  const tokens = (parameters: Record<string, string> = {}) =>
    scene.rp.signIn(app, scene.person, { parameters });
  /** Whoever has a passkey adds another one after showing one: a token for somebody who has none yet. */
  const somebodyNew = async (tag: string): Promise<Api> =>
    api(app, (await scene.rp.signIn(app, await newPerson(app, tag))).access_token);
  const asClient = async (owner = scene): Promise<Api> => api(app, await clientToken(app, owner));

  /** The first half and the browser's part. */
  async function created(username: string, clientId = scene.clientId) {
    const started = await anybody().post(at('register/start'), { client_id: clientId, username });
    expect(started.status).toBe(200);
    const { webauthn_session_id, credential_creation_options } = started.body;
    return { webauthn_session_id, ...(await page.create(credential_creation_options)) };
  }

  /** Signed in with the passkey that the browser has. */
  async function shown(): Promise<Api> {
    const started = await anybody().post(at('authenticate/start'), { client_id: scene.clientId });
    const { webauthn_session_id, credential_request_options } = started.body;
    const result = { webauthn_session_id, ...(await page.get(credential_request_options)) };
    const { status, body } = await (await asClient()).post(at('authenticate'), {
      webauthn_encoded_result: encoded(result),
    });
    expect(status).toBe(200);
    return api(app, body.access_token);
  }

  it('adds another passkey for whoever has shown one (issue 5)', async () => {
    const me = await somebodyNew('another');
    const first = { webauthn_encoded_result: encoded(await created('first')) };
    expect((await me.post(at('register'), first)).status).toBe(200);
    const strong = await shown();
    await page.takeNewAuthenticator();
    const second = { webauthn_encoded_result: encoded(await created('second')) };
    expect((await me.post(at('register'), second)).body.error_code).toBe('mfa_required');
    expect((await strong.post(at('register'), second)).status).toBe(200);
  });

  it('registers a passkey of the user whose token it is, and claims tell of it (tokens-and-sessions.md 3)', async () => {
    const me = api(app, (await tokens()).access_token);
    const result = await created('My laptop');
    const answer = await me.post(at('register'), { webauthn_encoded_result: encoded(result) });
    expect([answer.status, answer.body]).toEqual([
      200,
      {
        webauthn_session_id: result.webauthn_session_id,
        user_id: scene.person.userId,
        webauthn_username: 'My laptop',
        credential_id: result.id,
        authenticator_attachment: 'platform',
        aaguid: expect.stringMatching(/^[\da-f-]{36}$/),
      },
    ]);
    const weak = await me.post(at('register'), { webauthn_encoded_result: encoded(result) });
    expect([weak.status, weak.body.error_code]).toEqual([403, 'mfa_required']);
    const again = await (await shown()).post(at('register'), { webauthn_encoded_result: encoded(result) });
    expect([again.status, again.body.error_code]).toEqual([400, 'invalid_request']);
    const claims = JSON.stringify({ id_token: { webauthn: null, webauthn_username: null } });
    expect((await tokens({ claims })).claims()).toMatchObject({
      webauthn: { credentials: [{ credential_id: result.id, username: 'My laptop', synced: false }] },
      webauthn_username: 'My laptop',
    });
  });

  it('takes the result as an object too, and with the credential as a member', async () => {
    const { webauthn_session_id, ...credential } = await created('object');
    const whole = { webauthn_encoded_result: { webauthn_session_id, credential } };
    expect((await (await somebodyNew('whole')).post(at('register'), whole)).status).toBe(200);
    const flat = { webauthn_encoded_result: await page.takeNewAuthenticator().then(() => created('flat')) };
    expect((await (await somebodyNew('flat')).post(at('register'), flat)).status).toBe(200);
  });

  it('refuses a result of another application’s client, of another user’s name, and of no session', async () => {
    const me = await somebodyNew('refused');
    const foreign = await created('x', other.clientId);
    const ofOther = await created(other.person.identifier);
    const invented = { ...(await created('x')), webauthn_session_id: 'nobody' };
    for (const result of [foreign, ofOther, invented]) {
      const answer = await me.post(at('register'), { webauthn_encoded_result: encoded(result) });
      expect([answer.status, answer.body.error_code]).toEqual([400, 'invalid_request']);
    }
  });

  it('says the same at both starts for a user with passkeys, one without, and nobody (enumeration)', async () => {
    const shape = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (key, member) =>
          ['challenge', 'id', 'name', 'displayName', 'webauthn_session_id'].includes(key)
            ? String(member).length * Number(key === 'challenge' || key === 'webauthn_session_id')
            : member,
        ),
      );
    for (const path of ['authenticate/start', 'register/start']) {
      const bodies = [scene.person.identifier, other.person.identifier, 'nobody@example.com'].map(
        async (username) => {
          const answer = await anybody().post(at(path), { client_id: scene.clientId, username });
          expect(answer.status).toBe(200);
          return shape(answer.body);
        },
      );
      const [known, without, nobody] = await Promise.all(bodies);
      expect(without).toEqual(known);
      expect(nobody).toEqual(known);
    }
    const { body } = await anybody().post(at('authenticate/start'), {
      client_id: scene.clientId,
      username: scene.person.identifier,
    });
    expect(body.credential_request_options.allowCredentials ?? []).toEqual([]);
  });

  it('knows the client of a start, the bounds of its timeout, and whether its application uses passkeys', async () => {
    for (const path of ['authenticate/start', 'register/start']) {
      const start = (more: object) =>
        anybody().post(at(path), { client_id: scene.clientId, username: 'x', ...more });
      const unknown = await start({ client_id: 'nobody' });
      expect([unknown.status, unknown.body.error_code]).toEqual([404, 'client_not_found']);
      for (const timeout of [29, 601, 30.5])
        expect((await start({ timeout })).body.error_code).toBe('invalid_request');
      const good = (await start({ timeout: 30 })).body;
      expect((good.credential_request_options ?? good.credential_creation_options).timeout).toBe(30_000);
    }
    const bare = await setScene(app);
    const missing = await anybody().post(at('authenticate/start'), { client_id: bare.clientId });
    expect([missing.status, missing.body.error_code]).toEqual([403, 'auth_login_preferences_missing']);
  });

  describe('for a user whom the application knows by its own id', () => {
    const register = async (external_user_id: string, more: object = {}, by = scene) =>
      (await asClient(by)).post(at('external/register'), {
        webauthn_encoded_result: encoded(await created(`ext ${external_user_id}`, by.clientId)),
        external_user_id,
        ...more,
      });
    const signUp = async (allow_public_signup: boolean): Promise<void> =>
      void expect((await admin.put(`/v1/applications/${scene.appId}`, { allow_public_signup })).status).toBe(
        200,
      );

    it('creates the user only where people may sign up, and with contact data (authentication.md 1)', async () => {
      await signUp(false);
      const refused = await register('7', { email: 'seven@example.com' });
      expect([refused.status, refused.body.error_code]).toEqual([403, 'public_signup_not_allowed']);
      await signUp(true);
      expect((await register('7')).body.error_code).toBe('invalid_request');
      await page.takeNewAuthenticator();
      const made = await register('7', { email: 'Seven@example.com' });
      expect([made.status, made.body]).toMatchObject([200, { external_user_id: '7', is_user_created: true }]);
      const user = await (await asClient()).get(`/v1/users/${made.body.user_id}`);
      expect(user.body.result).toMatchObject({
        external_user_id: '7',
        email: { value: 'seven@example.com' },
      });
      await page.takeNewAuthenticator();
      await signUp(false);
      const again = { user_id: made.body.user_id, external_user_id: '7', is_user_created: false };
      expect((await register('7')).body).toMatchObject(again);
    });

    it('takes no session of another application', async () => {
      await signUp(true);
      const result = await created('y', other.clientId);
      const answer = await (await asClient()).post(at('external/register'), {
        webauthn_encoded_result: encoded(result),
        external_user_id: '8',
        email: 'eight@example.com',
      });
      expect([answer.status, answer.body.error_code]).toEqual([400, 'invalid_request']);
      const users = await admin.get('/v1/users/email?identifier=eight@example.com');
      expect(users.status).toBe(404);
    });
  });

  it('gives a hint for the hosted page only for a redirect URI of the client', async () => {
    const hint = async (redirect_uri: string) =>
      (await asClient()).post(at('external/register/hosted/hint'), {
        webauthn_identifier: 'ada',
        redirect_uri,
      });
    const good = await hint(REDIRECT_URI);
    expect([good.status, good.body]).toEqual([200, { register_webauthn_cred_token: expect.any(String) }]);
    expect(good.body.register_webauthn_cred_token).toMatch(/^[\w-]{43}$/);
    const evil = await hint('https://evil.example.com/');
    expect([evil.status, evil.body.error_code]).toEqual([400, 'invalid_request']);
  });
});
