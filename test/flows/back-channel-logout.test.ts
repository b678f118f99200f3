/** Clients hear that a session has ended (OpenID Connect Back-Channel Logout 1.0; contract/oidc.md 11, tokens-and-sessions.md 5). */
import { setTimeout as pause } from 'node:timers/promises';
import {
  compactDecrypt,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWTVerifyResult,
  jwtVerify,
} from 'jose';
import { Browser, signIn } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { LogoutReceiver } from '../support/logout-receiver.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const EVENT = 'http://schemas.openid.net/event/backchannel-logout';

describe.each(policyStorages)('back-channel logout ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let receiver: LogoutReceiver;
  let scene: Scene;
  let admin: Api;
  let client: Api;

  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    receiver = await LogoutReceiver.listen();
    scene = await setScene(app, {
      backchannel_logout_uri: receiver.uri,
      backchannel_logout_session_required: true,
    });
    admin = api(app, await adminToken(app));
    client = api(app, await clientToken(app, scene));
  });
  afterAll(async () => {
    await receiver?.close();
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  /** As a client checks a logout token (section 2.6). */
  const verify = (token: string, at: Scene = scene): Promise<JWTVerifyResult> =>
    jwtVerify(token, createRemoteJWKSet(new URL(`${app.issuer}/jwks`)), {
      issuer: app.issuer,
      audience: at.clientId,
      typ: 'logout+jwt',
      requiredClaims: ['iat', 'exp', 'jti', 'events'],
    });
  async function signedIn(parameters: Record<string, string> = {}, at: Scene = scene) {
    const browser = new Browser(app);
    const tokens = await at.rp.signIn(app, scene.person, { browser, parameters });
    return { browser, tokens, sid: tokens.claims()?.sid };
  }
  async function signOut(browser: Browser): Promise<void> {
    const [form] = (await browser.open(scene.rp.endSessionUrl({}))).forms;
    if (!form) throw new Error('no sign-out form');
    await browser.submit(form, { logout: 'yes' });
  }
  const isAlive = async (browser: Browser): Promise<boolean> =>
    (await browser.open((await scene.rp.authorize({ prompt: 'none' })).url)).url.searchParams.has('code');

  it('is announced in discovery (section 2.1, Front-Channel Logout 3)', async () => {
    const { body } = await api(app).get('/oidc/.well-known/openid-configuration');
    expect(body).toMatchObject({
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
    });
  });

  it('sends a signed logout token with sub, sid and event, without nonce, when the user signs out (2.4, 2.5)', async () => {
    const { browser, sid } = await signedIn();
    expect(typeof sid).toBe('string');
    const coming = receiver.next('a logout token');
    await signOut(browser);
    const { token, contentType } = await coming;
    expect(contentType).toBe('application/x-www-form-urlencoded');
    const { payload, protectedHeader } = await verify(token);
    expect(payload).toMatchObject({ sub: scene.person.userId, sid, events: { [EVENT]: {} } });
    expect(payload).not.toHaveProperty('nonce');
    expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(120);
    expect(protectedHeader.typ).toBe('logout+jwt');
    await pause(300);
    expect(receiver.received.filter((one) => decodeJwt(one.token).sid === sid)).toHaveLength(1);
  });

  it('revokes no token: browser sign-out leaves access and refresh tokens as they are (tokens-and-sessions.md 5)', async () => {
    const { browser, tokens } = await signedIn(OFFLINE);
    const coming = receiver.next('a logout token');
    await signOut(browser);
    await coming;
    expect((await scene.rp.introspect(tokens.access_token)).active).toBe(true);
    expect(typeof (await scene.rp.refresh(String(tokens.refresh_token))).access_token).toBe('string');
  });

  it('ends all of the user’s sessions in the tenant at sign-out, and tells of each (oidc.md 11)', async () => {
    const [here, elsewhere] = [await signedIn(), await signedIn()];
    const before = receiver.received.length;
    await signOut(here.browser);
    const told = [await receiver.next('one', before), await receiver.next('the other', before + 1)];
    expect(told.map(({ token }) => decodeJwt(token).sid).sort()).toEqual([here.sid, elsewhere.sid].sort());
    expect(await isAlive(elsewhere.browser)).toBe(false);
  });

  describe.each([
    [
      'POST /v1/auth/logout',
      (tokens: { access_token: string }) => api(app, tokens.access_token).post('/v1/auth/logout'),
    ],
    ['DELETE /v1/sessions/{user_id}', () => client.delete(`/v1/sessions/${scene.person.userId}`)],
    [
      'a user who is disabled',
      async () => {
        await admin.put(`/v1/users/${scene.person.userId}`, { status: 'Disabled' });
        await admin.put(`/v1/users/${scene.person.userId}`, { status: 'Active' });
      },
    ],
  ])('by %s', (_way, end) => {
    it('is told to the client once', async () => {
      const { browser, tokens, sid } = await signedIn();
      const coming = receiver.next('a logout token');
      await end(tokens);
      expect((await verify((await coming).token)).payload.sid).toBe(sid);
      expect(await isAlive(browser)).toBe(false);
    });
  });

  it('is told when the user is deleted, and when somebody else signs in to the same browser', async () => {
    const other = await setScene(app);
    const { browser, sid } = await signedIn();
    const coming = receiver.next('a logout token');
    const again = await scene.rp.authorize({ prompt: 'login' });
    await signIn(app, again.url, other.person.identifier, other.person.password, browser);
    expect(decodeJwt((await coming).token).sid).toBe(sid);
    const last = receiver.next('a logout token');
    expect((await admin.delete(`/v1/manage/users/${other.person.userId}`)).status).toBeLessThan(300);
    expect(decodeJwt((await last).token).sub).toBe(other.person.userId);
  });

  it('names no session to a client that did not ask for it (2.2), and nothing at all to one without address', async () => {
    const plain = await setScene(app, { backchannel_logout_uri: receiver.uri });
    const silent = await setScene(app);
    const { browser, sid } = await signedIn({}, plain);
    expect(sid).toBeUndefined();
    await silent.rp.signIn(app, scene.person, { browser });
    const before = receiver.received.length;
    await signOut(browser);
    const { payload } = await verify((await receiver.next('a logout token', before)).token, plain);
    expect(payload).toMatchObject({ sub: scene.person.userId });
    expect(payload).not.toHaveProperty('sid');
    await pause(300);
    expect(receiver.received).toHaveLength(before + 1);
  });

  it('signs with the application’s own key where it is in use, as ID tokens are', async () => {
    const own = await setScene(app, {
      backchannel_logout_uri: receiver.uri,
      backchannel_logout_session_required: true,
    });
    const by = api(app, await clientToken(app, own));
    expect((await by.post('/v1/applications/signing-keys', { name: 'Own' })).status).toBe(201);
    await admin.put(`/v1/applications/${own.appId}`, { signing_key_enabled: true });
    const { browser, tokens } = await signedIn({}, own);
    const coming = receiver.next('a logout token');
    await signOut(browser);
    const { protectedHeader } = await verify((await coming).token, own);
    const ofIdToken = decodeProtectedHeader(String(tokens.id_token)).kid;
    expect(protectedHeader.kid).toBe(ofIdToken);
    const tenants = await clientToken(app, scene);
    expect(protectedHeader.kid).not.toBe(decodeProtectedHeader(tenants).kid);
  });

  it('encrypts the token to a client whose ID tokens are encrypted (2.4, C28)', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RSA-OAEP-256', { extractable: true });
    const key = { ...(await exportJWK(publicKey)), use: 'enc', alg: 'RSA-OAEP-256', kid: 'enc-1' };
    const sealed = await setScene(app, {
      backchannel_logout_uri: receiver.uri,
      id_token_encryption: { enabled: true, jwks: { keys: [key] } },
    });
    const browser = new Browser(app);
    const { url } = await sealed.rp.authorize();
    await signIn(app, url, scene.person.identifier, scene.person.password, browser);
    const coming = receiver.next('a logout token');
    await signOut(browser);
    const { plaintext } = await compactDecrypt((await coming).token, privateKey);
    const { payload } = await verify(new TextDecoder().decode(plaintext), sealed);
    expect(payload.sub).toBe(scene.person.userId);
  });

  it('is tried again while the client is out of order, and not after a refusal or a redirect', async () => {
    const { browser, sid } = await signedIn();
    const before = receiver.received.length;
    receiver.status = 503;
    await signOut(browser);
    await receiver.next('the first attempt', before);
    receiver.status = 204;
    const second = await receiver.next('the second attempt', before + 1);
    expect((await verify(second.token)).payload.sid).toBe(sid);
    for (const [at, status] of [400, 302].entries()) {
      receiver.status = status;
      await signOut((await signedIn()).browser);
      await receiver.next('the refused one', before + 2 + at);
    }
    await pause(1500);
    expect(receiver.received).toHaveLength(before + 4);
    receiver.status = 200;
  });

  it('survives a restart: what a client could not take is told by the next process', async () => {
    const port = await freePort();
    const late = await setScene(app, {
      backchannel_logout_uri: `http://localhost:${port}/bye`,
      backchannel_logout_session_required: true,
    });
    const { browser, sid } = await signedIn({}, late);
    await signOut(browser);
    await app.stop();
    const back = await LogoutReceiver.listen(port);
    const coming = back.next('the logout token', 0);
    app = await startApp({ ...storage, like: app, port: app.port });
    expect((await verify((await coming).token, late)).payload.sid).toBe(sid);
    await back.close();
    admin = api(app, await adminToken(app));
    client = api(app, await clientToken(app, scene));
  });

  it.each([
    ['plain http', 'http://shop.example.com/bye', 'must use https'],
    ['a fragment', 'https://shop.example.com/bye#x', 'must not have a fragment'],
    ['a custom scheme', 'com.example.shop://bye', 'must use https'],
    ['credentials', 'https://user:pw@shop.example.com/bye', 'must not have a user name or password'],
  ])('refuses an address with %s, and shows the accepted one (2.2)', async (_what, uri, sentence) => {
    const path = `/v1/applications/${scene.appId}/clients/${scene.clientId}`;
    const refused = await admin.put(path, { backchannel_logout_uri: uri });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain(`backchannel_logout_uri ${sentence}`);
    expect((await admin.get(path)).body).toMatchObject({
      backchannel_logout_uri: receiver.uri,
      backchannel_logout_session_required: true,
      frontchannel_logout_uri: '',
    });
  });
});

describe('back-channel logout of a server that is not local', () => {
  let app: App;
  let receiver: LogoutReceiver;
  afterEach(async () => {
    await receiver?.close();
    await app?.discard();
  });

  it.each([
    ['is not led into the operator’s own network', '', 0],
    ['reaches a private host that the operator has named', 'localhost', 1],
  ])('%s', async (_what, hosts, count) => {
    receiver = await LogoutReceiver.listen();
    app = await startApp({
      env: { PUBLIC_URL: 'https://id.example.com', ...(hosts && { ALLOWED_INTERNAL_HOSTS: hosts }) },
    });
    const admin = api(app, await adminToken(app));
    const made = await admin.post('/v1/applications', {
      app_name: 'Shop',
      client_display_name: 'Shop',
      first_client: { name: 'Web', redirect_uris: [REDIRECT_URI], backchannel_logout_uri: receiver.uri },
    });
    const person = { email: 'ada@example.com', password: 'Correct-horse-9-battery' };
    const credentials = { password: person.password, force_replace: false };
    const user = await admin.post('/v1/users', { email: person.email, credentials });
    const ticket = await api(app).post('/v1/auth/password/login', {
      ...person,
      client_id: made.body.result.client_id,
      redirect_uri: REDIRECT_URI,
    });
    await new Browser(app).open(new URL(ticket.body.result.url));
    const ended = await admin.delete(`/v1/sessions/${user.body.result.user_id}`);
    expect(ended.body.result.deleted_count).toBe(1);
    await pause(1500);
    expect(receiver.received).toHaveLength(count);
    if (count === 0) expect(app.output()).toContain('a client could not be told of a logout yet');
  });
});
