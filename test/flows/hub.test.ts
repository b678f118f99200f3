/** The Authentication Hub signs people in for the other applications (contract/authentication.md 10, oidc.md 3.5, C18). */
import { decodeJwt } from 'jose';
import { Browser, signIn, signInForm } from '../support/browser.ts';
import { policyStorages } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { makeSamlClient, ServiceProvider } from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';

const CENTRALIZED = 'urn:transmit:centralized';
const HUB_PAGE = 'https://hub.example.com/login?theme=dark';
const AT_HUB = { acr_values: CENTRALIZED };

describe.each(policyStorages)('the Authentication Hub ($name)', ({ options }) => {
  let app: App;
  let hub: Scene;
  let shop: Scene;
  let admin: Api;
  let hubApi: Api;
  let callback: string;
  let release: () => Promise<void>;

  beforeAll(async () => {
    const storage = await options();
    release = storage.release;
    app = await startApp(storage);
    callback = `${app.url}/auth/centralized/callback`;
    admin = api(app, await adminToken(app));
    hub = await setScene(app, { redirect_uris: [REDIRECT_URI, callback] });
    shop = await setScene(app);
    hubApi = api(app, await clientToken(app, hub));
  });
  afterAll(async () => {
    await app?.discard();
    await release?.();
  });

  /** The browser of somebody who was sent to the hub by an application. */
  async function atHub(
    parameters: Record<string, string> = {},
    at: Scene = shop,
    browser = new Browser(app),
  ) {
    const request = await at.rp.authorize({ ...AT_HUB, ...parameters });
    const { url } = await browser.open(request.url);
    expect(url.href).toMatch(/^https:\/\/hub\.example\.com\/login\?theme=dark&src_interaction=/);
    return { browser, request, uid: String(url.searchParams.get('src_interaction')) };
  }
  /** The hub signs in as its own client, which gets its answer at `redirect_uri`. */
  async function hubSignsIn(browser: Browser, redirect_uri = callback, person = hub.person): Promise<URL> {
    const { url } = await hub.rp.authorize({ redirect_uri });
    return signIn(app, url, person.identifier, person.password, browser);
  }
  const answer = (query: Record<string, string>) => `${callback}?${new URLSearchParams(query)}`;
  const codeOf = (url: URL): string => String(url.searchParams.get('code'));
  async function backend() {
    const { body } = await hubApi.post('/v1/auth/password/authenticate', {
      username: hub.person.identifier,
      username_type: 'email',
      password: hub.person.password,
    });
    return { token: String(body.access_token), sessionId: String(body.session_id) };
  }

  it('is asked for in vain where the tenant has none: invalid_request', async () => {
    const { url } = await new Browser(app).open((await shop.rp.authorize(AT_HUB)).url);
    expect(url.searchParams.get('error')).toBe('invalid_request');
    expect(url.searchParams.get('error_description')).toContain('no application is the hub');
    const made = await admin.put(`/v1/applications/${hub.appId}`, {
      authenticator_preferences: { is_centralized: true, login_uri: HUB_PAGE },
    });
    expect(made.status).toBe(200);
  });

  it('gets the browser with src_interaction, and its code ends at the first application with that one’s own code', async () => {
    const { browser, request } = await atHub();
    const back = await hubSignsIn(browser);
    expect(back.origin + back.pathname).toBe(REDIRECT_URI);
    const claims = (await shop.rp.redeem(back, request)).claims();
    expect(claims).toMatchObject({ aud: shop.clientId, sub: hub.person.userId, acr: CENTRALIZED });
    expect(claims?.amr).toEqual(['pwd']);
    const second = await setScene(app);
    const silent = await second.rp.authorize(AT_HUB);
    const { url } = await browser.open(silent.url);
    expect((await second.rp.redeem(url, silent)).claims()).toMatchObject({
      sub: hub.person.userId,
      acr: CENTRALIZED,
    });
    const none = await browser.open((await second.rp.authorize({ ...AT_HUB, prompt: 'none' })).url);
    expect(none.url.searchParams.get('code')).toBeTruthy();
  });

  it('is asked although there is a session, where that did not come through the hub', async () => {
    const browser = new Browser(app);
    await shop.rp.signIn(app, hub.person, { browser });
    const none = await browser.open((await shop.rp.authorize({ ...AT_HUB, prompt: 'none' })).url);
    expect(none.url.searchParams.get('error')).toBe('login_required');
    const { request } = await atHub({}, shop, browser);
    // Silently at the hub: its first application of this session.
    const { url } = await browser.open((await hub.rp.authorize({ redirect_uri: callback })).url);
    expect((await shop.rp.redeem(url, request)).claims()).toMatchObject({ acr: CENTRALIZED });
  });

  it('may forward its code itself, and src_interaction picks among several open sign-ins', async () => {
    const first = await atHub();
    const second = await atHub({}, shop, first.browser);
    const code = codeOf(await hubSignsIn(first.browser, REDIRECT_URI));
    const { url } = await first.browser.open(answer({ code, src_interaction: first.uid }));
    expect(url.searchParams.get('state')).toBe(first.request.checks.expectedState);
    const next = codeOf((await first.browser.open((await hub.rp.authorize()).url)).url);
    const after = await first.browser.open(answer({ code: next }));
    expect(after.url.searchParams.get('state')).toBe(second.request.checks.expectedState);
  });

  it('may sign in somebody else than the session’s user: the outer sign-in goes on as that person', async () => {
    const browser = new Browser(app);
    await shop.rp.signIn(app, shop.person, { browser });
    const { request } = await atHub({}, shop, browser);
    const login = await hub.rp.authorize({ redirect_uri: callback, prompt: 'login' });
    const { identifier, password } = hub.person;
    const back = await signIn(app, login.url, identifier, password, browser);
    expect((await shop.rp.redeem(back, request)).claims()?.sub).toBe(hub.person.userId);
  });

  it('answers from its back end with the user’s token: 200 { result }, good once and in that browser only (C18)', async () => {
    const { browser, request, uid } = await atHub();
    const { token, sessionId } = await backend();
    const answered = await api(app, token).post('/auth/centralized/callback', {
      src_interaction: uid,
      session_id: sessionId,
    });
    expect(answered).toMatchObject({ status: 200, body: { result: expect.any(String) } });
    const { result } = answered.body;
    expect((await new Browser(app).open(result)).status).toBe(400);
    const { url } = await browser.open(result);
    const claims = (await shop.rp.redeem(url, request)).claims();
    expect(claims).toMatchObject({ sub: hub.person.userId, acr: CENTRALIZED, amr: ['pwd'] });
    expect((await browser.open(result)).status).toBe(400);
  });

  it('takes from the back end the session of the token only, of the hub only, for an open interaction only', async () => {
    const { uid } = await atHub();
    const [{ token, sessionId }, other] = [await backend(), await backend()];
    const post = (by: string, session_id: string, src_interaction = uid) =>
      api(app, by).post('/auth/centralized/callback', { src_interaction, session_id });
    expect((await post(token, other.sessionId)).status).toBe(400);
    expect((await post(token, 'nothing')).status).toBe(400);
    expect((await post(token, sessionId, 'A'.repeat(43))).status).toBe(400);
    const stranger = await shop.rp.signIn(app, shop.person);
    expect((await post(stranger.access_token, sessionId)).status).toBe(403);
    expect((await post(await clientToken(app, hub), sessionId)).status).toBe(403);
    expect((await api(app).post('/auth/centralized/callback', {})).status).toBe(401);
    // A token of the hub's browser session, which is over.
    const browser = new Browser(app);
    const { access_token } = await hub.rp.signIn(app, hub.person, { browser });
    const { sid } = decodeJwt<{ sid: string }>(access_token);
    expect((await post(access_token, sid)).status).toBe(200);
    await api(app, access_token).post('/v1/auth/logout');
    expect((await post(access_token, sid)).status).toBe(400);
  });

  it('leaves the second factor to the application that asks for two (section 2)', async () => {
    const strict = await setScene(app);
    const set = await admin.put(`/v1/applications/${strict.appId}`, { hosted_login: { mfa: 'required' } });
    expect(set.status).toBe(200);
    const { browser } = await atHub({}, strict);
    const code = codeOf(await hubSignsIn(browser, REDIRECT_URI));
    expect((await browser.open(answer({ code }))).url.pathname).toMatch(/^\/second-factor\//);
  });

  it('passes an error on as access_denied, and nothing of its text', async () => {
    const { browser } = await atHub();
    const page = await browser.open(answer({ error: 'login_failed', error_description: '<b>x' }));
    expect(page.url.origin + page.url.pathname).toBe(REDIRECT_URI);
    expect(page.url.searchParams.get('error')).toBe('access_denied');
    expect(page.url.searchParams.get('error_description')).toBe(
      'The Authentication Hub did not sign the user in: login_failed',
    );
  });

  describe('refuses, and leaves the sign-in open for the honest answer,', () => {
    it('a code of another client, one that was used, and one that nobody gave', async () => {
      const { browser, request } = await atHub();
      await shop.rp.signIn(app, hub.person, { browser });
      const ofShop = codeOf((await browser.open((await shop.rp.authorize()).url)).url);
      const code = codeOf((await browser.open((await hub.rp.authorize()).url)).url);
      const used = codeOf((await browser.open((await hub.rp.authorize()).url)).url);
      const first = await atHub({}, shop, browser);
      await browser.open(answer({ code: used, src_interaction: first.uid }));
      for (const bad of [ofShop, used, 'nothing']) {
        const page = await browser.open(answer({ code: bad }));
        expect([page.status, page.url.pathname]).toEqual([400, '/auth/centralized/callback']);
      }
      const { url } = await browser.open(answer({ code }));
      expect((await shop.rp.redeem(url, request)).claims()?.sub).toBe(hub.person.userId);
    });

    it('a code that another browser got: nobody is signed in as the attacker (login CSRF)', async () => {
      const attacker = new Browser(app);
      const code = codeOf(await hubSignsIn(attacker, REDIRECT_URI, shop.person));
      const { browser } = await atHub();
      expect((await browser.open(answer({ code }))).status).toBe(400);
      await hubSignsIn(browser, REDIRECT_URI);
      expect((await browser.open(answer({ code }))).status).toBe(400);
    });

    it('a browser that began nothing, with or without src_interaction', async () => {
      const { uid } = await atHub();
      const victim = new Browser(app);
      const code = codeOf(await hubSignsIn(victim, REDIRECT_URI));
      for (const more of [{}, { src_interaction: uid }])
        expect((await victim.open(answer({ code, ...more }))).status).toBe(400);
      expect((await victim.open(answer({ error: 'x', src_interaction: uid }))).status).toBe(400);
      expect((await victim.open(`/hub/${uid}`)).status).toBe(400);
      expect((await victim.open(`/hub/${uid}/answer?answer=x`)).status).toBe(400);
    });

    it('a cookie that is not ours: it is signed, and out of reach for script', async () => {
      const { browser, uid } = await atHub();
      const [cookie] = browser.cookies.all().filter(({ name }) => name === 'tessera_hub');
      expect(cookie?.header).toMatch(/httponly/i);
      expect(cookie?.header).toMatch(/samesite=lax/i);
      const forger = new Browser(app);
      const code = codeOf(await hubSignsIn(forger, REDIRECT_URI));
      forger.cookies.store(new URL(app.url), new Headers({ 'set-cookie': `tessera_hub=${uid}; path=/` }));
      expect((await forger.open(answer({ code }))).status).toBe(400);
    });

    it('an error that any other page can send the browser here with; the hub’s page, and who names the interaction, ends it', async () => {
      const { browser, request, uid } = await atHub();
      const sentBy = async (headers: Record<string, string>, more: Record<string, string> = {}) => {
        const cookie = String(browser.cookies.headerFor(new URL(callback)));
        const url = answer({ error: 'login_failed', ...more });
        const { status } = await fetch(url, { redirect: 'manual', headers: { cookie, ...headers } });
        return status;
      };
      for (const site of ['cross-site', 'same-site'])
        for (const referer of ['', 'https://evil.example/', 'https://hub.example.com.evil.example/', 'x'])
          expect(await sentBy({ 'sec-fetch-site': site, referer })).toBe(400);
      expect(await sentBy({ origin: 'https://evil.example' })).toBe(400);
      // Each of these is taken at the interaction's own address, to which nobody goes here.
      const byHub = { 'sec-fetch-site': 'cross-site', referer: 'https://hub.example.com/' };
      expect(await sentBy(byHub)).toBe(303);
      expect(await sentBy({ 'sec-fetch-site': 'cross-site' }, { src_interaction: uid })).toBe(303);
      expect((await shop.rp.redeem(await hubSignsIn(browser), request)).claims()?.sub).toBe(
        hub.person.userId,
      );
    });

    it('a sign-in that was not sent to the hub, at its addresses and from its back end', async () => {
      const browser = new Browser(app);
      for (const at of [shop, hub]) {
        const page = await browser.open((await at.rp.authorize({ prompt: 'login' })).url);
        const uid = page.url.pathname.split('/')[2] ?? '';
        // Sent by hand: a browser keeps the cookie of the interaction for the page that it belongs to.
        const cookie = String(browser.cookies.headerFor(page.url));
        const moved = await fetch(`${app.url}/hub/${uid}`, { redirect: 'manual', headers: { cookie } });
        expect([page.status, moved.status]).toEqual([200, 400]);
        const { token, sessionId } = await backend();
        const body = { src_interaction: uid, session_id: sessionId };
        expect((await api(app, token).post('/auth/centralized/callback', body)).status).toBe(400);
      }
    });

    it('a code of a SAML client of the hub’s application, which is an answer to the SAML face alone', async () => {
      const sp = new ServiceProvider(await makeSamlClient(hubApi));
      const { browser, request } = await atHub();
      await hub.rp.signIn(app, hub.person, { browser });
      const code = codeOf(await browser.upTo(await sp.redirect(), '/saml/signed-in'));
      expect(code).toMatch(/^[\w-]{20,}$/);
      expect((await browser.open(answer({ code }))).status).toBe(400);
      const own = codeOf((await browser.open((await hub.rp.authorize()).url)).url);
      const { url } = await browser.open(answer({ code: own }));
      expect((await shop.rp.redeem(url, request)).claims()?.sub).toBe(hub.person.userId);
    });

    it('an interaction that this browser did not begin, named beside its own cookie', async () => {
      const [mine, theirs] = [await atHub(), await atHub()];
      const code = codeOf(await hubSignsIn(mine.browser, REDIRECT_URI));
      expect((await mine.browser.open(answer({ code, src_interaction: theirs.uid }))).status).toBe(400);
    });
  });

  it('has to authenticate the user anew where the application asks for it (oidc.md 3.3)', async () => {
    const browser = new Browser(app);
    await hub.rp.signIn(app, hub.person, { browser });
    await new Promise((done) => setTimeout(done, 1100));
    await atHub({ prompt: 'login' }, shop, browser);
    const lazy = await browser.open((await hub.rp.authorize({ redirect_uri: callback })).url);
    expect(lazy.url.searchParams.get('error')).toBe('access_denied');
    const { request } = await atHub({ prompt: 'login' }, shop, browser);
    const login = await hub.rp.authorize({ redirect_uri: callback, prompt: 'login' });
    const back = await signIn(app, login.url, hub.person.identifier, hub.person.password, browser);
    expect((await shop.rp.redeem(back, request)).claims()?.acr).toBe(CENTRALIZED);
  });

  it('makes its new user a member of the asking application with createNewUser and public sign-up, and not without', async () => {
    const [open, closed] = [await setScene(app), await setScene(app)];
    await admin.put(`/v1/applications/${open.appId}`, { allow_public_signup: true });
    const person = { identifier: `new-${open.appId}@example.com`, password: 'Correct-horse-9-battery' };
    const user = await hubApi.post('/v1/users', {
      email: person.identifier,
      credentials: { password: person.password, force_replace: false },
    });
    const userId = String(user.body.result.user_id);
    const knows = async (at: Scene): Promise<number> =>
      (await api(app, await clientToken(app, at)).get(`/v1/users/${userId}`)).status;
    for (const [at, createNewUser, status] of [
      [open, 'false', 404],
      [closed, 'true', 404],
      [open, 'true', 200],
    ] as const) {
      const { browser, request } = await atHub({ createNewUser }, at);
      const back = await hubSignsIn(browser, callback, { ...person, userId });
      expect((await at.rp.redeem(back, request)).claims()?.sub).toBe(userId);
      expect(await knows(at)).toBe(status);
    }
  });

  it('is no hub for itself: its own clients sign in on the hosted page', async () => {
    const request = await hub.rp.authorize(AT_HUB);
    const browser = new Browser(app);
    const page = await browser.open(request.url);
    const { identifier, password } = hub.person;
    const after = await browser.submit(signInForm(page), { identifier, password });
    expect((await hub.rp.redeem(after.url, request)).claims()?.acr).toBe('');
  });

  describe('loginType, deprecated (oidc.md 3.1),', () => {
    it('centralized leads to the hub, in a pushed request too', async () => {
      const { url } = await new Browser(app).open(
        (await shop.rp.authorize({ loginType: 'centralized' })).url,
      );
      expect(url.host).toBe('hub.example.com');
      const pushed = await new Browser(app).open((await shop.rp.push({ loginType: 'centralized' })).url);
      expect(pushed.url.host).toBe('hub.example.com');
    });

    it.each(['google-direct', 'apple-direct', 'facebook-direct', 'line-direct'])(
      '%s shows the hosted page where no provider is set up, and is not told in acr',
      async (loginType) => {
        const browser = new Browser(app);
        const request = await shop.rp.authorize({ loginType });
        const page = await browser.open(request.url);
        const { identifier, password } = shop.person;
        const after = await browser.submit(signInForm(page), { identifier, password });
        expect((await shop.rp.redeem(after.url, request)).claims()?.acr).toBe('');
      },
    );

    it('is refused with a value that nobody knows', async () => {
      for (const loginType of ['google', 'constructor', 'CENTRALIZED']) {
        const { url } = await new Browser(app).open((await shop.rp.authorize({ loginType })).url);
        expect(url.searchParams.get('error')).toBe('invalid_request');
        expect(url.searchParams.get('error_description')).toContain('loginType must be one of');
      }
    });
  });
});
