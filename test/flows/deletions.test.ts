/** What was deleted leaves nothing behind that still works: no token, session, consent, code or request on its way. */
import { Browser, type Page, signIn, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken, postForm, read } from '../support/management.ts';
import type { AuthorizationRequest, RelyingParty } from '../support/relying-party.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';
import { addThirdParty, reachConsent, type ThirdParty, tokensByConsent } from '../support/third-party.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const PARTNER_SCOPES = ['openid', 'orders:read', 'offline_access'];

interface Tokens {
  readonly access_token: string;
  readonly refresh_token?: string;
}

describe.each(policyStorages)('deletions ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let apps: App[] = [];
  let admin: Api;
  /** Stays, and may introspect the tokens of every client. */
  let witness: Scene;
  /** The embedded database lets one process in; then both are the same. */
  const node = (at: number): App => apps[at % apps.length] as App;

  beforeAll(async () => {
    storage = await options();
    apps = [await startApp(storage)];
    if (name !== 'embedded') apps.push(await startApp({ ...storage, like: node(0), port: await freePort() }));
    admin = api(node(0), await adminToken(node(0)));
    witness = await setScene(node(0));
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) {
      await app.stop();
      await app.discard();
    }
    await storage?.release();
  });

  const done = async (answer: ReturnType<Api['delete']>, status = 204) =>
    expect((await answer).status).toBe(status);
  const isActive = async (token: string, at = 1): Promise<boolean> =>
    (await postForm(`${node(at).url}/oidc/token/introspection`, { token }, witness)).body.active;
  const userInfo = async (token: string, at = 1): Promise<number> =>
    (await fetch(`${node(at).url}/oidc/me`, { headers: { authorization: `Bearer ${token}` } })).status;
  const refresh = (of: Pick<Scene, 'clientId' | 'clientSecret'>, tokens: Tokens, at = 1) =>
    postForm(
      `${node(at).url}/oidc/token`,
      { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) },
      of,
    );
  const silently = async (browser: Browser, rp: RelyingParty, parameters = {}): Promise<string> => {
    const page = await browser.open((await rp.authorize({ prompt: 'none', ...parameters })).url);
    if (page.status !== 0) return String(page.status);
    return page.url.searchParams.has('code') ? 'code' : String(page.url.searchParams.get('error'));
  };
  const redeem = (of: Scene, callback: URL, { checks }: AuthorizationRequest) =>
    postForm(
      `${node(1).url}/oidc/token`,
      {
        grant_type: 'authorization_code',
        code: String(callback.searchParams.get('code')),
        redirect_uri: REDIRECT_URI,
        code_verifier: checks.pkceCodeVerifier,
      },
      of,
    );

  /** A person signed in at the scene's client, with a code, a pushed request and a sign-in on their way. */
  async function inUse(parameters: Record<string, string> = {}, client: Record<string, unknown> = {}) {
    const scene = await setScene(node(0), client);
    const browser = new Browser(node(0));
    const tokens: Tokens = await scene.rp.signIn(node(0), scene.person, {
      browser,
      parameters: { ...OFFLINE, ...parameters },
    });
    const request = await scene.rp.authorize({ ...OFFLINE, ...parameters });
    const callback = (await browser.open(request.url)).url;
    expect(callback.searchParams.has('code')).toBe(true);
    const pushed = await scene.rp.push(parameters);
    const waiting = new Browser(node(0));
    const form = signInForm(await waiting.open((await scene.rp.authorize(parameters)).url));
    const client_token = await clientToken(node(0), scene, parameters);
    expect([await isActive(tokens.access_token), await isActive(client_token)]).toEqual([true, true]);
    expect([await userInfo(tokens.access_token), await silently(browser, scene.rp, parameters)]).toEqual([
      200,
      'code',
    ]);
    const submit = (): Promise<Page> => {
      const { identifier, password } = scene.person;
      return waiting.submit(form, { identifier, password });
    };
    return { scene, browser, tokens, client_token, code: { callback, request }, pushed, submit };
  }
  type InUse = Awaited<ReturnType<typeof inUse>>;

  /** What the user's tokens were good for. */
  async function expectUserTokensEnded({ scene, tokens, code }: InUse, refusal: number): Promise<void> {
    for (const at of [0, 1]) {
      expect(await isActive(tokens.access_token, at)).toBe(false);
      expect(await userInfo(tokens.access_token, at)).toBe(401);
      expect((await refresh(scene, tokens, at)).status).toBe(refusal);
      expect((await api(node(at), tokens.access_token).get('/v1/users/me')).status).toBe(401);
    }
    expect((await redeem(scene, code.callback, code.request)).status).toBe(refusal);
  }

  /** Nothing of the client works at any process, and nothing of it fails with a fault of ours. */
  async function expectClientGone(used: InUse): Promise<void> {
    const { scene, browser, client_token } = used;
    for (const at of [0, 1]) {
      expect((await api(node(at), client_token).get('/v1/users')).status).toBe(401);
      expect(await isActive(client_token, at)).toBe(false);
      expect(
        (await postForm(`${node(at).url}/oidc/token`, { grant_type: 'client_credentials' }, scene)).body
          .error,
      ).toBe('invalid_client');
    }
    await expectUserTokensEnded(used, 401);
    expect(await silently(browser, scene.rp)).toBe('400');
    expect((await new Browser(node(0)).open(used.pushed.url)).status).toBe(400);
    expect((await used.submit()).status).toBe(400);
  }

  const pathOf = ({ scene }: Pick<InUse, 'scene'>): string => `/v1/applications/${scene.appId}`;

  it.each([
    ['an application', (used: InUse) => pathOf(used)],
    ['a client', (used: InUse) => `${pathOf(used)}/clients/${used.scene.clientId}`],
    ['all clients of an application', (used: InUse) => `${pathOf(used)}/clients`],
  ])(
    'of %s end all that its clients and their users had, on the next call, at every process',
    async (_, path) => {
      const [used, other] = [await inUse(), await inUse()];
      await done(admin.delete(path(used)));
      await expectClientGone(used);
      // Single sign-on and the neighbour go on.
      expect(await silently(used.browser, other.scene.rp)).toBe('code');
      expect([await isActive(other.tokens.access_token), await isActive(other.client_token)]).toEqual([
        true,
        true,
      ]);
      expect((await refresh(other.scene, other.tokens)).status).toBe(200);
      if (path(used) === pathOf(used)) await done(admin.delete(path(used)), 404);
    },
  );

  it('of a management application end its admin tokens on the next call, at every process', async () => {
    const made = await admin.post('/v1/management/applications', { app_name: 'Robot' });
    const { app_id: appId, client_id: clientId, client_secret: clientSecret } = made.body.result;
    const token = await clientToken(node(0), { clientId, clientSecret });
    for (const at of [0, 1]) expect((await api(node(at), token).get('/v1/applications')).status).toBe(200);
    await done(admin.delete(`/v1/management/applications/${appId}`));
    for (const at of [0, 1]) expect((await api(node(at), token).get('/v1/applications')).status).toBe(401);
  });

  it('of a resource wait until no client has it; then tokens for it end', async () => {
    const scene = await setScene(node(0));
    const resource = { resource: scene.resource.uri };
    const used = await (async () => {
      const browser = new Browser(node(0));
      const parameters = { ...OFFLINE, ...resource };
      const tokens: Tokens = await scene.rp.signIn(node(0), scene.person, { browser, parameters });
      const plain: Tokens = await scene.rp.signIn(node(0), scene.person, { browser, parameters: OFFLINE });
      return { browser, tokens, plain, client_token: await clientToken(node(0), scene, resource) };
    })();
    const path = `/v1/resources/${scene.resource.resourceId}`;
    await done(admin.delete(path), 409);
    expect([await isActive(used.tokens.access_token), await isActive(used.client_token)]).toEqual([
      true,
      true,
    ]);
    await done(admin.put(`/v1/applications/${scene.appId}/resources`, { resource_ids: [] }), 200);
    expect(await isActive(used.tokens.access_token)).toBe(true);
    await done(admin.delete(path));
    for (const at of [0, 1]) {
      for (const token of [used.tokens.access_token, used.client_token])
        expect(await isActive(token, at)).toBe(false);
      expect(await userInfo(used.tokens.access_token, at)).toBe(401);
      expect((await api(node(at), used.client_token).get('/v1/users')).status).toBe(401);
      expect((await refresh(scene, used.tokens, at)).status).toBe(400);
    }
    expect(await silently(used.browser, scene.rp, resource)).toBe('invalid_target');
    // Tokens for no resource in particular have nothing to do with it.
    expect(await isActive(used.plain.access_token)).toBe(true);
    expect((await refresh(scene, used.plain)).status).toBe(200);
    await done(admin.delete(path), 404);
  });

  it.each([
    ['of a resource are', (path: string) => admin.delete(path), 204],
    ['of its URI are', (path: string, uri: string) => admin.put(path, { uri: `${uri}/moved` }), 200],
  ])(
    '%s final: tokens for it stay dead when another resource takes the URI (R134, D9)',
    async (_, end, status) => {
      const scene = await setScene(node(0));
      const { uri, resourceId } = scene.resource;
      const resource = { resource: uri };
      const tokens: Tokens = await scene.rp.signIn(node(0), scene.person, {
        parameters: { ...OFFLINE, ...resource },
      });
      const old = [await clientToken(node(0), scene, resource), tokens.access_token];
      for (const token of old) expect(await isActive(token)).toBe(true);
      await done(admin.put(`/v1/applications/${scene.appId}/resources`, { resource_ids: [] }), 200);
      await done(end(`/v1/resources/${resourceId}`, uri), status);
      const again = {
        name: 'Again',
        uri,
        access_token_ttl: 600,
        refresh_token_ttl: 600,
        max_refresh_rotate: 600,
      };
      const { resource_id } = (await admin.post('/v1/resources', again)).body.result;
      await done(
        admin.put(`/v1/applications/${scene.appId}/resources`, { resource_ids: [resource_id] }),
        200,
      );
      for (const at of [0, 1]) {
        for (const token of old) expect(await isActive(token, at)).toBe(false);
        expect((await refresh(scene, tokens, at)).status).toBe(400);
        expect(await isActive(await clientToken(node(at), scene, resource), 1 - at)).toBe(true);
      }
    },
  );

  it('of a user end everything of the user at every application of the tenant', async () => {
    const [used, elsewhere] = [await inUse(), await setScene(node(0))];
    const { userId } = used.scene.person;
    const there: Tokens = await elsewhere.rp.signIn(node(0), used.scene.person, {
      browser: used.browser,
      parameters: OFFLINE,
    });
    await done(admin.delete(`/v1/manage/users/${userId}`));
    await expectUserTokensEnded(used, 400);
    expect(await isActive(there.access_token)).toBe(false);
    expect((await refresh(elsewhere, there)).status).toBe(400);
    for (const rp of [used.scene.rp, elsewhere.rp, witness.rp])
      expect(await silently(used.browser, rp)).toBe('login_required');
    expect((await used.submit()).status).toBe(401);
    expect((await admin.get(`/v1/sessions/${userId}`)).status).toBe(404);
    // The application goes on.
    expect(await isActive(used.client_token)).toBe(true);
    await done(admin.delete(`/v1/manage/users/${userId}`), 404);
  });

  it('of a membership end what the user had at that application; others keep their tokens', async () => {
    const [used, elsewhere] = [await inUse(), await setScene(node(0))];
    const { userId } = used.scene.person;
    const there: Tokens = await elsewhere.rp.signIn(node(0), used.scene.person, {
      browser: used.browser,
      parameters: OFFLINE,
    });
    const own = api(node(0), await clientToken(node(0), used.scene));
    const partner = await addThirdParty(node(0), used.scene, { allowed_scopes: PARTNER_SCOPES });
    const parameters = { scope: PARTNER_SCOPES.join(' ') };
    const allowed: Tokens = await tokensByConsent(node(0), used.scene, partner, parameters);
    await done(own.delete(`/v1/users/${userId}/apps`));
    await expectUserTokensEnded(used, 400);
    expect(await isActive(allowed.access_token)).toBe(false);
    expect((await own.get('/v1/consents')).body.result).toEqual([]);
    expect(await silently(used.browser, used.scene.rp)).toBe('login_required');
    expect(await isActive(there.access_token)).toBe(true);
    expect((await refresh(elsewhere, there)).status).toBe(200);
    await done(own.delete(`/v1/users/${userId}/apps`), 404);
  });

  it('of a consent end the tokens that rest on it, and the third party has to ask again', async () => {
    const scene = await setScene(node(0));
    const partner: ThirdParty = await addThirdParty(node(0), scene, { allowed_scopes: PARTNER_SCOPES });
    const parameters = { scope: PARTNER_SCOPES.join(' ') };
    const browser = new Browser(node(0));
    const tokens: Tokens = await tokensByConsent(node(0), scene, partner, parameters, browser);
    expect([await isActive(tokens.access_token), await silently(browser, partner.rp, parameters)]).toEqual([
      true,
      'code',
    ]);
    const path = `/v1/consents/clients/${partner.clientId}/users/${scene.person.userId}`;
    await done(admin.delete(path), 200);
    for (const at of [0, 1]) {
      expect(await isActive(tokens.access_token, at)).toBe(false);
      expect(await userInfo(tokens.access_token, at)).toBe(401);
      expect((await refresh(partner, tokens, at)).status).toBe(400);
    }
    expect(await silently(browser, partner.rp, parameters)).toBe('consent_required');
    const { page } = await reachConsent(node(0), scene, partner, parameters, browser);
    expect(page.url.pathname).toMatch(/^\/consent\//);
    await done(admin.delete(path), 404);
  });

  it('of a third-party client end the consents to it, also one that is being given', async () => {
    const scene = await setScene(node(0));
    const partner = await addThirdParty(node(0), scene, { allowed_scopes: PARTNER_SCOPES });
    const parameters = { scope: PARTNER_SCOPES.join(' ') };
    const tokens: Tokens = await tokensByConsent(node(0), scene, partner, parameters);
    const other = { scope: 'openid orders:read' };
    await admin.delete(`/v1/consents/clients/${partner.clientId}/users/${scene.person.userId}`);
    const { browser, page } = await reachConsent(node(0), scene, partner, other);
    await done(admin.delete(`/v1/applications/${scene.appId}/clients/${partner.clientId}`));
    expect(await isActive(tokens.access_token)).toBe(false);
    const form = page.forms[0];
    if (!form) throw new Error('no consent form');
    expect((await browser.submit(form, { decision: 'allow' })).status).toBe(400);
    expect((await admin.get(`/v1/consents?user_id=${scene.person.userId}`)).body.result).toEqual([]);
  });

  it('of a role and of its groups take it from everybody, and end the refresh tokens of those who had it', async () => {
    const used = await inUse({}, { default_user_info_claims: ['roles'] });
    const { scene, tokens } = used;
    const roles = `/v1/applications/${scene.appId}/roles`;
    const role_id = (await admin.post(roles, { role_name: 'clerk' })).body.result.role_id;
    const groups = `/v1/applications/${scene.appId}/role-groups`;
    const group_id = (await admin.post(groups, { name: 'clerks' })).body.result.group_id;
    await done(admin.post(`${groups}/${group_id}/roles/set`, { role_ids: [role_id] }), 202);
    await done(
      admin.post(`${roles}/${role_id}/assignments`, {
        entity_ids: [scene.person.userId],
        entity_type: 'User',
      }),
    );
    const rolesNow = async () => {
      const headers = { authorization: `Bearer ${tokens.access_token}` };
      return (await read(await fetch(`${node(1).url}/oidc/me`, { headers }))).body.roles;
    };
    expect(await rolesNow()).toEqual([role_id]);
    const again: Tokens = await scene.rp.signIn(node(0), scene.person, { parameters: OFFLINE });
    await done(admin.delete(`${roles}/${role_id}`), 202);
    expect(await rolesNow()).toEqual([]);
    expect((await refresh(scene, again)).status).toBe(400);
    expect((await admin.get(`${groups}/${group_id}`)).body.result.roles).toEqual([]);
    await done(admin.delete(`${groups}/${group_id}`), 202);
    for (const path of [`${groups}/${group_id}`, `${roles}/${role_id}`])
      for (const method of ['get', 'delete'] as const) await done(admin[method](path), 404);
  });

  it('of a client role take its permissions from tokens that are out, at every process', async () => {
    const made = await admin.post('/v1/roles', { role_name: 'reader', permissions: ['users:read'] });
    const kept = await admin.post('/v1/roles', { role_name: 'nobody', permissions: [] });
    const ids = [made, kept].map(({ body }) => body.result.role_id);
    const scene = await setScene(node(0), { role_ids: ids });
    const token = await clientToken(node(0), scene);
    for (const at of [0, 1]) expect((await api(node(at), token).get('/v1/users')).status).toBe(200);
    await done(admin.delete(`/v1/roles/${ids[0]}`));
    expect((await api(node(0), token).get('/v1/users')).status).toBe(403);
    const limit = Date.now() + 1000;
    while ((await api(node(1), token).get('/v1/users')).status !== 403 && Date.now() < limit);
    expect((await api(node(1), token).get('/v1/users')).status).toBe(403);
  });

  it('of a secret end what can be had with it; tokens that are out live on until they end', async () => {
    const { scene, client_token, tokens } = await inUse();
    const path = `/v1/applications/${scene.appId}/clients/${scene.clientId}/secrets`;
    const [old] = (await admin.get(path)).body;
    const clientSecret = (await admin.post(path)).body.client_secret;
    await done(admin.delete(`${path}/${old.id}`));
    const grant = { grant_type: 'client_credentials' };
    expect((await postForm(`${node(0).url}/oidc/token`, grant, scene)).status).toBe(401);
    const limit = Date.now() + 1000;
    while ((await postForm(`${node(1).url}/oidc/token`, grant, scene)).status !== 401 && Date.now() < limit);
    expect((await refresh(scene, tokens)).status).toBe(401);
    expect(await isActive(client_token)).toBe(true);
    expect((await refresh({ ...scene, clientSecret }, tokens)).status).toBe(200);
  });

  it('are not needed where a user is disabled: tokens and sessions end, and enabling again brings back no session', async () => {
    const used = await inUse();
    const path = `/v1/users/${used.scene.person.userId}`;
    await done(admin.put(path, { status: 'Disabled' }), 200);
    await expectUserTokensEnded(used, 400);
    expect(await silently(used.browser, used.scene.rp)).toBe('login_required');
    expect((await used.submit()).status).toBe(401);
    await done(admin.put(path, { status: 'Active' }), 200);
    expect(await silently(used.browser, used.scene.rp)).toBe('login_required');
    expect((await refresh(used.scene, used.tokens)).status).toBe(400);
    const { identifier, password } = used.scene.person;
    const request = await used.scene.rp.authorize();
    expect((await signIn(node(0), request.url, identifier, password)).searchParams.has('code')).toBe(true);
  });

  it('leave no fault of ours in the log', () => {
    for (const app of apps) expect(app.output()).not.toMatch(/"level":(50|"error")|the engine failed/);
  });
});
