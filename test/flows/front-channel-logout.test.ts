/** Applications hear of a logout in the browser (OpenID Connect Front-Channel Logout 1.0; contract/oidc.md 11). */
import { Browser, type Page } from '../support/browser.ts';
import { policyStorages } from '../support/engines.ts';
import { type Api, adminToken, api } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const FRONT = 'https://rp.example.com/signed-out?from=op';

describe.each(policyStorages)('front-channel logout ($name)', ({ options }) => {
  let app: App;
  let scene: Scene;
  let admin: Api;
  let release: () => Promise<void>;

  beforeAll(async () => {
    const storage = await options();
    release = storage.release;
    app = await startApp(storage);
    scene = await setScene(app, {
      frontchannel_logout_uri: FRONT,
      frontchannel_logout_session_required: true,
    });
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.discard();
    await release?.();
  });

  const framesOf = ({ html }: Page): URL[] =>
    [...html.matchAll(/<iframe src="([^"]*)"/g)].map(([, src = '']) => new URL(src.replaceAll('&amp;', '&')));
  async function signOut(
    browser: Browser,
    parameters: Record<string, string> = {},
    { rp }: Scene = scene,
  ): Promise<Page> {
    const [form] = (await browser.open(rp.endSessionUrl(parameters))).forms;
    if (!form) throw new Error('no sign-out form');
    return browser.submit(form, { logout: 'yes' });
  }

  it('frames the page of each client of the session with iss and sid, and lets nothing else be framed (section 3)', async () => {
    const other = await setScene(app, {
      redirect_uris: ['https://other.example.com/cb', REDIRECT_URI],
      frontchannel_logout_uri: 'https://other.example.com/bye',
    });
    const stranger = await setScene(app, { frontchannel_logout_uri: FRONT });
    const browser = new Browser(app);
    const tokens = await scene.rp.signIn(app, scene.person, { browser });
    await other.rp.signIn(app, scene.person, { browser });
    expect(typeof stranger.clientId).toBe('string');
    const page = await signOut(browser);
    expect(page.status).toBe(200);
    const frames = framesOf(page).sort((a, b) => (a.href < b.href ? -1 : 1));
    expect(frames.map(({ origin, pathname }) => origin + pathname)).toEqual([
      'https://other.example.com/bye',
      'https://rp.example.com/signed-out',
    ]);
    // Only where the client asked for it: it does not know the session otherwise.
    expect(frames[0]?.search).toBe('');
    expect(Object.fromEntries(frames[1]?.searchParams ?? [])).toEqual({
      from: 'op',
      iss: app.issuer,
      sid: tokens.claims()?.sid,
    });
    const policy = page.headers.get('content-security-policy') ?? '';
    const [, sources = ''] = /frame-src ([^;]*)/.exec(policy) ?? [];
    expect(sources.split(' ').sort()).toEqual(['https://other.example.com', 'https://rp.example.com']);
    expect(page.html).not.toContain('sign-out-continue');
    const silent = await browser.open((await scene.rp.authorize({ prompt: 'none' })).url);
    expect(silent.url.searchParams.get('error')).toBe('login_required');
  });

  it('then goes on to the post-logout URI with state; a link leads there without script', async () => {
    const browser = new Browser(app);
    const tokens = await scene.rp.signIn(app, scene.person, { browser });
    const page = await signOut(browser, {
      id_token_hint: String(tokens.id_token),
      post_logout_redirect_uri: REDIRECT_URI,
      state: 'a"b',
    });
    expect(framesOf(page)).toHaveLength(1);
    const [, href = ''] = /<a href="([^"]*)" id="sign-out-continue">/.exec(page.html) ?? [];
    const target = new URL(href.replaceAll('&amp;', '&'));
    expect(target.origin + target.pathname).toBe(REDIRECT_URI);
    expect(target.searchParams.get('state')).toBe('a"b');
    const [, nonce = 'absent'] = /<script nonce="([^"]*)">/.exec(page.html) ?? [];
    expect(page.headers.get('content-security-policy')).toContain(`script-src 'nonce-${nonce}'`);
  });

  it('is not in the way of a client that does not ask for it: the browser is redirected at once', async () => {
    const plain = await setScene(app);
    const browser = new Browser(app);
    const tokens = await plain.rp.signIn(app, plain.person, { browser });
    expect(tokens.claims()).not.toHaveProperty('sid');
    const parameters = { id_token_hint: String(tokens.id_token), post_logout_redirect_uri: REDIRECT_URI };
    const page = await signOut(browser, parameters, plain);
    expect(page.url.href).toBe(REDIRECT_URI);
  });

  it.each([
    ['a fragment', 'https://rp.example.com/bye#x', 'must not have a fragment'],
    ['plain http', 'http://rp.example.com/bye', 'must use https'],
    [
      'an origin that is no redirect URI’s',
      'https://evil.example/bye',
      'must have the scheme, host and port of one of the redirect_uris',
    ],
  ])('refuses an address with %s (section 2)', async (_what, uri, sentence) => {
    const path = `/v1/applications/${scene.appId}/clients/${scene.clientId}`;
    const refused = await admin.put(path, { frontchannel_logout_uri: uri });
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain(`frontchannel_logout_uri ${sentence}`);
  });
});
