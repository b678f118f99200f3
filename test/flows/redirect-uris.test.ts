/** Redirect URIs as they are registered over HTTP, and as they are compared when a browser brings one. */
import { Browser, signIn } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, postForm } from '../support/management.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const LOCAL = [
  'http://localhost:3000/cb',
  'http://127.0.0.1:3000/cb',
  'http://[::1]/cb',
  'http://shop.localhost/cb',
];
/** Each with words of the reason that the answer gives. */
const NOWHERE: readonly (readonly [string, string])[] = [
  ['http://www.example.com/cb', 'must use https'],
  ['http://localhost.evil.com/cb', 'must use https'],
  ['http://127.0.0.1.evil.com/cb', 'must use https'],
  ['http://localhost:80@evil.com/cb', 'user name or password'],
  ['https://user@example.com/cb', 'user name or password'],
  ['https://example.com/cb#part', 'fragment'],
  ['https://example.com/cb#', 'fragment'],
  ['https://*.example.com/cb', 'wildcard'],
  ['https://example.com/*', 'wildcard'],
  ['https://%2A.example.com/cb', 'plainly written host'],
  ['HTTPS://example.com/cb', 'lower-case scheme'],
  ['http://0x7f.0.0.1/cb', 'plainly written host'],
  ['http://2130706433/cb', 'plainly written host'],
  ['http://localhost./cb', 'must use https'],
  ['https://exämple.com/cb', 'percent-encoded'],
  ['https://example.com\\@evil.com/cb', 'percent-encoded'],
  ['https://exam\tple.com/cb', 'percent-encoded'],
  ['https://example.com/c b', 'percent-encoded'],
  ['https://example.com:99999/cb', 'absolute URI'],
  ['https://example.com/a/../cb', 'plainly written path'],
  ['https://example.com/a/%2e%2E/cb', 'plainly written path'],
  ['//example.com/cb', 'absolute URI'],
  ['/cb', 'absolute URI'],
  ['javascript:alert(1)', 'absolute URI'],
  ['javascript://x.example/%0aalert(1)', 'browsers run'],
  ['data://x.example/y', 'browsers run'],
  ['file:///etc/passwd', 'must have a host'],
  ['myapp://callback', 'must'],
  ['com.example.app:/callback', 'absolute URI'],
];

describe.each(policyStorages)('redirect URIs ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const clients = () => `/v1/applications/${scene.appId}/clients`;
  const register = (client_type: string | undefined, ...redirect_uris: string[]) =>
    admin.post(clients(), { name: 'Registered', redirect_uris, ...(client_type && { client_type }) });
  async function party(client_type: string, redirectUri: string, ...more: string[]): Promise<RelyingParty> {
    const { status, body } = await register(client_type, redirectUri, ...more);
    expect(status).toBe(201);
    return RelyingParty.discover(app, {
      clientId: body.client_id,
      clientSecret: body.client_secret,
      redirectUri,
    });
  }
  /** Where the answer to a request with this redirect URI goes: an address of the client, or 'page'. */
  async function answerFor(rp: RelyingParty, redirect_uri: string): Promise<string> {
    const page = await new Browser(app).open((await rp.authorize({ redirect_uri, prompt: 'none' })).url);
    if (page.status === 0) {
      expect(page.url.searchParams.get('error')).toBe('login_required');
      return page.url.href.replace(/[?&]error=.*/, '');
    }
    expect(page).toMatchObject({ status: 400, forms: [] });
    expect(page.url.pathname).toBe('/oidc/auth');
    expect(page.html).toContain('This request cannot be completed');
    return 'page';
  }

  it('registers https and local URIs of a web client, which is the default type (R33, R34, R39, R40)', async () => {
    const { status, body } = await register(undefined, 'https://shop.example.com/cb', ...LOCAL);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      client_type: 'web',
      redirect_uris: ['https://shop.example.com/cb', ...LOCAL],
    });
    const other = await admin.post(clients(), { name: 'x', redirect_uris: [], client_type: 'desktop' });
    expect(other).toMatchObject({ status: 400, body: { message: [expect.stringContaining('client_type')] } });
  });

  it('registers https, local and custom-scheme URIs of a native client (R32, R35 to R37)', async () => {
    const uris = [
      'https://app.example.com/cb',
      'http://localhost/cb',
      'com.example.app://callback',
      ...LOCAL,
    ];
    expect((await register('native', ...uris)).body).toMatchObject({
      client_type: 'native',
      redirect_uris: uris,
    });
    const web = await register('web', 'com.example.app://callback');
    expect(web).toMatchObject({
      status: 400,
      body: { message: ['redirect_uris.0 must use https: "com.example.app://callback"'] },
    });
  });

  it.each(['web', 'native'])(
    'refuses every other form for a %s client, naming the entry and the reason (R33, R35, R38)',
    async (type) => {
      for (const [uri, reason] of NOWHERE) {
        const { status, body } = await register(type, 'https://good.example.com/cb', uri);
        expect([uri, status]).toEqual([uri, 400]);
        expect(body.error_code).toBe(400);
        expect(body.message).toHaveLength(1);
        expect(body.message[0]).toMatch(/^redirect_uris\.1 /);
        expect(body.message[0]).toContain(reason);
        expect(body.message[0].endsWith(`: ${JSON.stringify(uri)}`)).toBe(true);
      }
    },
  );

  it('checks the stored URIs again when the type changes (R41)', async () => {
    const { body } = await register('native', 'com.example.app://callback');
    const path = `${clients()}/${body.client_id}`;
    expect(await admin.put(path, { client_type: 'web' })).toMatchObject({
      status: 400,
      body: { message: ['redirect_uris.0 must use https: "com.example.app://callback"'] },
    });
    expect((await admin.get(path)).body.client_type).toBe('native');
    const both = { client_type: 'web', redirect_uris: ['https://app.example.com/cb'] };
    expect((await admin.put(path, both)).body).toMatchObject(both);
  });

  it('redirects to each URI on the list (R30)', async () => {
    const uris = ['https://one.example.com/cb', 'https://two.example.com/cb?tenant=7', ...LOCAL];
    const rp = await party('web', 'https://zero.example.com/cb', ...uris);
    for (const uri of uris) expect(await answerFor(rp, uri)).toBe(uri);
  });

  it('brings a code to a custom scheme, to https on localhost and to any port of a loopback host (R36, R37)', async () => {
    const rp = await party(
      'native',
      'com.example.app://callback',
      'http://127.0.0.1/cb',
      'http://[::1]:7000/cb',
      'https://localhost/cb',
    );
    for (const redirect_uri of [
      'com.example.app://callback',
      'http://127.0.0.1:49152/cb',
      'http://127.0.0.1/cb',
      'http://[::1]:1/cb',
      'https://localhost:8443/cb',
    ]) {
      const request = await rp.authorize({ redirect_uri });
      const callback = await signIn(app, request.url, scene.person.identifier, scene.person.password);
      expect(callback.href.startsWith(redirect_uri)).toBe(true);
      expect((await rp.redeem(callback, request)).claims()?.sub).toBe(scene.person.userId);
    }
  });

  it('answers any other URI with a page of its own, never with a redirect (R31)', async () => {
    const rp = await party('web', 'https://app.example.com/cb/', 'http://localhost:3000/cb');
    for (const uri of [
      'https://app.example.com/cb',
      'https://app.example.com/cb/?x=1',
      'https://app.example.com/cb/..%2f',
      'https://app.example.com/cb/../cb/',
      'https://app.example.com/cb/./',
      'https://app.example.com//cb/',
      'https://app.example.com/CB/',
      'https://APP.example.com/cb/',
      'https://app.example.com./cb/',
      'https://app.example.com:443/cb/',
      'https://app.example.com:8443/cb/',
      'https://app.example.com/%63b/',
      'https://app.example.com/cb/#',
      'https://app.example.com/cb/#x',
      'https://app.example.com\\@evil.com/cb/',
      'https://app.example.com@evil.com/cb/',
      'https://app.example.com.evil.com/cb/',
      'https://evil.com/https://app.example.com/cb/',
      'https://ap\tp.example.com/cb/',
      ' https://app.example.com/cb/',
      'https://app.example.com/cb/ ',
      'https://app.example.com/cb/\n',
      'https://app.example.com/cb/\0',
      'https://аpp.example.com/cb/',
      'https://xn--pp-6kc.example.com/cb/',
      'http://app.example.com/cb/',
      'http://localhost:3001/cb',
      'http://localhost/cb',
      'javascript:alert(1)//https://app.example.com/cb/',
      '//app.example.com/cb/',
      '/cb/',
      '*',
    ])
      expect([uri, await answerFor(rp, uri)]).toEqual([uri, 'page']);
    const missing = await rp.authorize({});
    missing.url.searchParams.delete('redirect_uri');
    expect((await new Browser(app).open(missing.url)).status).toBe(400);
    const twice = await rp.authorize({});
    twice.url.searchParams.append('redirect_uri', 'https://evil.com/');
    expect((await new Browser(app).open(twice.url)).status).toBe(400);
  });

  it('lets nothing but the port of a loopback host differ for a native client (R31, C20)', async () => {
    const rp = await party('native', 'http://localhost:3000/cb', 'https://app.example.com/cb');
    expect(await answerFor(rp, 'http://localhost:8080/cb')).toBe('http://localhost:8080/cb');
    for (const uri of [
      'http://localhost:8080/cb/',
      'http://localhost:8080/cb?x',
      'https://localhost:8080/cb',
      'http://127.0.0.1:3000/cb',
      'http://localhost.evil.com:3000/cb',
      'http://localhost.:3000/cb',
      'http://LOCALHOST:3000/cb',
      'http://localhost:3000@evil.com/cb',
      'http://localhost:80:80/cb',
      'http://localhost:99999/cb',
      'http://localhost:/cb',
      'http://user@localhost:3000/cb',
      'http://localhost\\.evil.com:3000/cb',
      'https://app.example.com:8443/cb',
    ])
      expect([uri, await answerFor(rp, uri)]).toEqual([uri, 'page']);
  });

  it('takes no other URI in a pushed request either (R31)', async () => {
    const push = (redirect_uri: string) =>
      postForm(
        `${app.issuer}/request`,
        { client_id: scene.clientId, response_type: 'code', scope: 'openid', redirect_uri },
        scene,
      );
    expect((await push(scene.rp.redirectUri)).status).toBe(201);
    for (const uri of ['https://evil.com/cb', `${scene.rp.redirectUri}/`, `${scene.rp.redirectUri}?x`]) {
      const { status, body } = await push(uri);
      expect([uri, status, body.request_uri]).toEqual([uri, 400, undefined]);
      expect(body.error_description).toContain('redirect_uri');
    }
  });

  it('goes only to a URI on the list after sign-out as well', async () => {
    const rp = await party('web', 'https://app.example.com/bye', 'https://app.example.com/cb');
    const clientId = rp.config.clientMetadata().client_id;
    for (const uri of [
      'https://evil.com/bye',
      'https://app.example.com/bye/',
      'https://app.example.com.evil.com/bye',
    ]) {
      const page = await new Browser(app).open(
        rp.endSessionUrl({ client_id: clientId, post_logout_redirect_uri: uri }),
      );
      expect([uri, page.status]).toEqual([uri, 400]);
      expect(page.html).not.toContain('evil.com');
    }
    const browser = new Browser(app);
    await rp.signIn(app, scene.person, { browser });
    const page = await browser.open(
      rp.endSessionUrl({
        client_id: clientId,
        post_logout_redirect_uri: 'https://app.example.com/bye',
        state: 'xyz',
      }),
    );
    const [form] = page.forms;
    if (!form) throw new Error('no form');
    const after = await browser.submit(form, { logout: 'yes' });
    expect(after.url.href).toBe('https://app.example.com/bye?state=xyz');
  });
});
