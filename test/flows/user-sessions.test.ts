/** Reading and ending the browser sessions of a user over the management API, at every process of a deployment. */
import { decodeJwt } from 'jose';
import { Browser, signIn, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const TWO_WEEKS_MS = 1_209_600_000;

async function silently(browser: Browser, { rp }: Pick<Scene, 'rp'>) {
  const { url } = await browser.open((await rp.authorize({ prompt: 'none' })).url);
  return url.searchParams.has('code') ? 'code' : url.searchParams.get('error');
}

describe.each(policyStorages)('browser sessions of a user ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let apps: App[] = [];
  let scene: Scene;
  let admin: Api;
  let client: Api;
  /** The embedded database lets one process in; then both are the same. */
  const node = (at: number): App => apps[at % apps.length] as App;

  beforeAll(async () => {
    storage = await options();
    apps = [await startApp(storage)];
    if (name !== 'embedded') apps.push(await startApp({ ...storage, like: node(0), port: await freePort() }));
    scene = await setScene(node(0));
    admin = api(node(0), await adminToken(node(0)));
    client = api(node(1), await clientToken(node(0), scene));
    // Through the client, so that the user belongs to its application.
    await scene.rp.signIn(node(0), scene.person);
    await admin.delete(`/v1/sessions/${scene.person.userId}`);
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) {
      await app.stop();
      await app.discard();
    }
    await storage?.release();
  });

  const path = () => `/v1/sessions/${scene.person.userId}`;
  async function signedIn(at: Scene = scene, browser = new Browser(node(0)), parameters = {}) {
    const tokens = await at.rp.signIn(node(0), scene.person, { browser, parameters });
    return { browser, tokens };
  }

  it('are listed bare, one entry for each client, and say when they began and end (tokens-and-sessions.md 6)', async () => {
    expect(await client.get(path())).toMatchObject({ status: 200, body: [] });
    const before = Date.now();
    const { browser, tokens } = await signedIn();
    const [session, ...others] = (await client.get(path())).body;
    expect(others).toEqual([]);
    expect(session).toEqual({
      user_id: scene.person.userId,
      session_id: decodeJwt(tokens.access_token).sid,
      client_id: scene.clientId,
      start_time: expect.any(Number),
      expiration_time: expect.any(Number),
    });
    expect(Math.abs(session.start_time - before)).toBeLessThan(5000);
    expect(Math.abs(session.expiration_time - session.start_time - TWO_WEEKS_MS)).toBeLessThan(5000);
    expect(
      browser.cookies
        .all()
        .map(({ header }) => header)
        .join(),
    ).not.toContain(session.session_id);

    const neighbour = await setScene(node(0));
    expect(await silently(browser, neighbour)).toBe('code');
    const ids = (answer: { body: { client_id?: string }[] }) =>
      answer.body.map((one) => one.client_id).sort();
    expect(ids(await admin.get(path()))).toEqual([scene.clientId, neighbour.clientId].sort());
    // What a user does at other applications is not told to this one.
    expect(ids(await client.get(path()))).toEqual([scene.clientId]);
    await signedIn(neighbour);
    expect(ids(await client.get(path()))).toEqual([scene.clientId]);
    expect(await admin.delete(path())).toMatchObject({ status: 200, body: { result: { deleted_count: 2 } } });
  });

  it('end with the sign-ins that were proved and have not come back yet: a thief cannot save one up', async () => {
    const thief = new Browser(node(0));
    const { action, fields } = signInForm(await thief.open((await scene.rp.authorize()).url));
    const { identifier, password } = scene.person;
    // As a browser sends it, but what comes back is put by.
    const answer = await fetch(new URL(action.pathname, node(0).url), {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: thief.cookies.headerFor(action), origin: action.origin },
      body: new URLSearchParams({ ...fields, identifier, password }),
    });
    thief.cookies.store(action, answer.headers);
    const saved = String(answer.headers.get('location'));
    expect([answer.status, saved]).toEqual([303, expect.stringContaining('/oidc/auth/')]);
    expect((await client.delete(path())).status).toBe(200);
    const page = await thief.open(saved);
    expect([page.status, page.url.searchParams.get('code')]).toEqual([400, null]);
    expect(await silently(thief, scene)).toBe('login_required');
  });

  it('end at every process, with the refresh tokens; access tokens live on (tokens-and-sessions.md 5, 6)', async () => {
    const [first, second] = [await signedIn(scene, new Browser(node(0)), OFFLINE), await signedIn()];
    const neighbour = await setScene(node(0));
    const elsewhere = await signedIn(neighbour, first.browser, OFFLINE);
    expect(await client.delete(path())).toMatchObject({
      status: 200,
      body: { result: { deleted_count: 2 } },
    });
    for (const { browser } of [first, second]) {
      expect(await silently(browser, scene)).toBe('login_required');
      expect(await silently(browser, neighbour)).toBe('login_required');
    }
    const refused = { error: 'invalid_grant' };
    await expect(scene.rp.refresh(String(first.tokens.refresh_token))).rejects.toMatchObject(refused);
    // Those at other applications are an administrator's to end.
    const { refresh_token: next } = await neighbour.rp.refresh(String(elsewhere.tokens.refresh_token));
    expect(await admin.delete(path())).toMatchObject({ status: 200, body: { result: { deleted_count: 0 } } });
    await expect(neighbour.rp.refresh(String(next))).rejects.toMatchObject(refused);
    expect((await scene.rp.introspect(first.tokens.access_token)).active).toBe(true);
    expect(await client.get(path())).toMatchObject({ status: 200, body: [] });
    expect(await client.delete(path())).toMatchObject({
      status: 200,
      body: { result: { deleted_count: 0 } },
    });
    // The user may sign in anew.
    await signedIn(scene, first.browser);
    expect((await client.get(path())).body).toHaveLength(1);
    await client.delete(path());
  });

  it('take the codes with them that wait to be redeemed', async () => {
    const request = await scene.rp.authorize(OFFLINE);
    const callback = await signIn(node(0), request.url, scene.person.identifier, scene.person.password);
    expect((await client.delete(path())).body.result.deleted_count).toBe(1);
    await expect(scene.rp.redeem(callback, request)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('stay away when a request is under way that read them before they ended', async () => {
    const { browser } = await signedIn();
    const urls = await Promise.all(Array.from({ length: 12 }, () => scene.rp.authorize({ prompt: 'none' })));
    // Each browser is the same one: they share the jar.
    const asked = urls.map(({ url }) => browser.open(url));
    const ended = client.delete(path());
    const answers = await Promise.all(asked);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 0));
    expect((await ended).status).toBe(200);
    expect((await client.get(path())).body).toEqual([]);
    expect(await silently(browser, scene)).toBe('login_required');
  });

  it('are listed no more after signing out, in a browser or with a token, and after a change of the user', async () => {
    const { browser, tokens } = await signedIn();
    const out = await browser.open(
      scene.rp.endSessionUrl({
        id_token_hint: String(tokens.id_token),
        post_logout_redirect_uri: REDIRECT_URI,
      }),
    );
    const form = out.forms[0];
    if (form) await browser.submit(form, { logout: 'yes' });
    expect((await client.get(path())).body).toEqual([]);
    const other = await signedIn();
    await api(node(0), other.tokens.access_token).post('/v1/auth/logout');
    expect((await client.get(path())).body).toEqual([]);
  });

  it('are out of reach for a client of an application that the user does not belong to, and for users (C1)', async () => {
    const stranger = await setScene(node(0));
    const theirs = api(node(0), await clientToken(node(0), stranger));
    const { browser, tokens } = await signedIn();
    for (const method of ['get', 'delete'] as const) {
      expect(await theirs[method](path())).toMatchObject({
        status: 404,
        body: { message: 'User not found' },
      });
      expect((await admin[method]('/v1/sessions/nobody')).status).toBe(404);
      expect((await api(node(0), tokens.access_token)[method](path())).status).toBe(403);
    }
    expect(await silently(browser, scene)).toBe('code');
  });

  it('need sessions:read or sessions:list to be read and sessions:delete to be ended (C32)', async () => {
    const limited = async (permissions: string[]): Promise<Api> => {
      const role = await admin.post('/v1/roles', { role_name: permissions.join(), permissions });
      const created = await admin.post(`/v1/applications/${scene.appId}/clients`, {
        name: 'Limited',
        redirect_uris: [REDIRECT_URI],
        role_ids: [role.body.result.role_id],
      });
      const { client_id: clientId, client_secret: clientSecret } = created.body;
      return api(node(0), await clientToken(node(0), { clientId, clientSecret }));
    };
    const statuses = async (caller: Api) => [
      (await caller.get(path())).status,
      (await caller.delete(path())).status,
    ];
    expect(await statuses(await limited(['sessions:read']))).toEqual([200, 403]);
    expect(await statuses(await limited(['sessions:list']))).toEqual([200, 403]);
    expect(await statuses(await limited(['sessions:delete']))).toEqual([403, 200]);
    expect(await statuses(await limited(['users:read', 'users:delete']))).toEqual([403, 403]);
  });

  it('of somebody who has not signed in come to a sign-in form', async () => {
    const { browser } = await signedIn();
    await admin.delete(path());
    signInForm(await browser.open((await scene.rp.authorize()).url));
    expect((await admin.get(path())).body).toEqual([]);
  });
});
