import { once } from 'node:events';
import { createServer } from 'node:http';
import { UnsecuredJWT } from 'jose';
import { Browser, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { postForm } from '../support/management.ts';
import { addClient, answerOf, authorizationUrl, type Registered } from '../support/raw-requests.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const URN = 'urn:ietf:params:oauth:request_uri:';
/** Moves the clock of a process. */
const ahead = (seconds: number) => ({
  NODE_OPTIONS: `--import=data:text/javascript,const{now}=Date;Date.now=()=>now()+${seconds * 1000}`,
});

describe.each(policyStorages)('pushed authorization requests ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  const stopped: App[] = [];
  let scene: Scene;
  let enforcing: Registered;
  /** Two browsers of the person, both signed in. */
  let browsers: [Browser, Browser];
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    enforcing = await addClient(app, scene.appId, { enforce_par: true });
    browsers = [new Browser(app), new Browser(app)];
    for (const browser of browsers) await scene.rp.signIn(app, scene.person, { browser });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    for (const before of stopped) await before.discard();
    await storage?.release();
  });

  const push = (
    parameters: Record<string, string> = {},
    client: Registered = scene,
    path = '/oidc/request',
  ) =>
    postForm(
      app.url + path,
      { response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid', state: 'pushed', ...parameters },
      client,
    );
  const pushed = async (parameters: Record<string, string> = {}, client: Registered = scene) => {
    const { status, body } = await push(parameters, client);
    if (status !== 201) throw new Error(`not pushed: ${status} ${JSON.stringify(body)}`);
    return use(body.request_uri, client.clientId);
  };
  const use = (requestUri: string, clientId = scene.clientId, more: Record<string, string> = {}): URL => {
    const url = new URL(`${app.issuer}/auth`);
    url.search = new URLSearchParams({ client_id: clientId, request_uri: requestUri, ...more }).toString();
    return url;
  };
  const expectRefused = async (url: URL, error: string, as = browsers[0]) => {
    const page = await as.open(url);
    expect({ status: page.status, html: page.html }).toEqual({
      status: 400,
      html: expect.stringContaining(error),
    });
  };

  it('answers 201 with a request_uri that the client library uses (D13, contract/oidc.md 4)', async () => {
    for (const path of ['/oidc/request', '/cis/oidc/request']) {
      const answer = await push({}, scene, path);
      expect(answer).toMatchObject({ status: 201, body: { expires_in: 60 } });
      expect(answer.body.request_uri.startsWith(URN)).toBe(true);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    const request = await scene.rp.push({ scope: 'openid email' });
    expect([...request.url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const tokens = await scene.rp.redeem((await browsers[0].open(request.url)).url, request);
    expect(tokens).toMatchObject({ scope: 'openid email' });
  });

  it('answers once, however many use it at the same moment', async () => {
    const url = await pushed();
    const pages = await Promise.all(Array.from({ length: 20 }, (_, at) => browsers[at % 2]?.open(url)));
    const codes = pages.flatMap((page) => page?.url.searchParams.get('code') ?? []);
    expect(codes).toHaveLength(1);
    const others = pages.filter((page) => !page?.url.searchParams.has('code'));
    expect(others).toHaveLength(19);
    for (const page of others)
      expect(page?.status === 0 ? page.url.searchParams.get('error') : page?.html).toContain(
        'invalid_request_uri',
      );
    await expectRefused(url, 'invalid_request_uri');
  });

  it('answers one of two browsers that both stood at the sign-in page', async () => {
    const url = await pushed();
    const strangers = [new Browser(app), new Browser(app)];
    const pages = await Promise.all(strangers.map((stranger) => stranger.open(url)));
    const ends = [];
    for (const [at, page] of pages.entries())
      ends.push(await strangers[at]?.submit(signInForm(page), scene.person));
    expect(ends.map((end) => end?.url.searchParams.get('error') ?? 'code')).toEqual([
      'code',
      'invalid_request_uri',
    ]);
  });

  it('is bound to the client that pushed, and unknown ones are refused', async () => {
    const { searchParams } = await pushed();
    const theirs = use(searchParams.get('request_uri') ?? '', enforcing.clientId);
    await expectRefused(theirs, 'pushed by another client');
    for (const value of [`${URN}unknown`, `${URN}`, `${URN}../../etc`, `${URN}%00`, 'urn:other:thing'])
      await expectRefused(use(value), 'request_uri');
    // At a redirect URI of the client, where the request repeats one.
    const url = use(`${URN}unknown`, scene.clientId, { redirect_uri: REDIRECT_URI, state: 'x' });
    expect(await answerOf(browsers[0], url)).toMatchObject({ error: 'invalid_request_uri', state: 'x' });
    await expectRefused(
      use(`${URN}unknown`, scene.clientId, { redirect_uri: 'https://evil.example.com' }),
      'redirect_uri',
    );
  });

  it('counts alone: what is repeated beside it is ignored (contract/README.md)', async () => {
    const { searchParams } = await pushed();
    const url = use(searchParams.get('request_uri') ?? '', scene.clientId, {
      state: 'attacker',
      redirect_uri: 'https://evil.example.com/callback',
      response_type: 'token',
      response_mode: 'fragment',
      scope: 'openid email',
      prompt: 'login none',
      nonce: 'attacker',
      resource: 'https://elsewhere.example.com',
      max_age: 'soon',
      request: 'a.b.c',
    });
    const answer = await answerOf(browsers[0], url);
    expect(answer).toMatchObject({ code: expect.any(String), state: 'pushed', iss: app.issuer });
    const tokens = await postForm(
      `${app.url}/oidc/token`,
      { grant_type: 'authorization_code', code: answer.code ?? '', redirect_uri: REDIRECT_URI },
      scene,
    );
    expect(tokens).toMatchObject({ status: 200, body: { scope: 'openid' } });
  });

  it.each([
    [
      'an unregistered redirect URI',
      { redirect_uri: 'https://evil.example.com/callback' },
      'invalid_request',
    ],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['none together with another prompt', { prompt: 'none login' }, 'invalid_request'],
    [
      'the plain method of PKCE',
      { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' },
      'invalid_request',
    ],
    ['a resource that is not on the list', { resource: 'https://elsewhere.example.com' }, 'invalid_target'],
    ['claims that are no JSON', { claims: '{' }, 'invalid_request'],
    ['a request_uri inside', { request_uri: `${URN}x` }, 'request_uri_not_supported'],
    [
      'a request object',
      { request: new UnsecuredJWT({ scope: 'openid' }).encode() },
      'request_not_supported',
    ],
  ])('says in JSON what is wrong: %s', async (_, parameters, error) => {
    expect(await push(parameters)).toMatchObject({
      status: 400,
      body: { error, error_description: expect.any(String) },
    });
  });

  it('holds the scope of a third-party client against its list (R96)', async () => {
    const third = await addClient(app, scene.appId, { is_third_party: true, allowed_scopes: ['email'] });
    expect((await push({ scope: 'openid email' }, third)).status).toBe(201);
    expect(await push({ scope: 'openid phone' }, third)).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
  });

  it('wants the client to authenticate', async () => {
    const form = {
      client_id: scene.clientId,
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
    };
    const refusal = { status: 401, body: { error: 'invalid_client' } };
    expect(await postForm(`${app.url}/oidc/request`, form)).toMatchObject(refusal);
    expect(await push({}, { ...scene, clientSecret: 'wrong-wrong-wrong' })).toMatchObject(refusal);
    expect(await push({ client_id: enforcing.clientId })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request' },
    });
  });

  it('is the only way in for a client with enforce_par (contract/oidc.md 7)', async () => {
    const direct = await answerOf(browsers[0], authorizationUrl(app, enforcing.clientId));
    expect(direct).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringMatching(/must push/),
    });
    expect(await answerOf(browsers[0], await pushed({}, enforcing))).toMatchObject({
      code: expect.any(String),
    });
  });

  it('fetches no request_uri from anywhere, and reads no request object (SSRF)', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      response.end(new UnsecuredJWT({ client_id: scene.clientId, response_type: 'code' }).encode());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const url = use(`http://127.0.0.1:${port}/request.jwt`, scene.clientId, { redirect_uri: REDIRECT_URI });
    expect(await answerOf(browsers[0], url)).toMatchObject({
      error: 'request_uri_not_supported',
      error_description: expect.stringMatching(/no other address is fetched/),
    });
    const object = new UnsecuredJWT({ client_id: scene.clientId, scope: 'openid email' }).encode();
    expect(
      await answerOf(browsers[0], authorizationUrl(app, scene.clientId, { request: object })),
    ).toMatchObject({ error: 'request_not_supported' });
    server.close();
    expect(asked).toBe(0);
  });

  it('expires after a minute, and a sign-in that began in time may take longer', async () => {
    const [late, slow] = [await pushed(), await pushed()];
    const stranger = new Browser(app);
    const page = await stranger.open(slow);
    stopped.push(app);
    await app.stop();
    app = await startApp({ like: app, port: app.port, env: ahead(61) });
    await expectRefused(late, 'invalid_request_uri');
    const end = await stranger.submit(signInForm(page), scene.person);
    expect(end.url.searchParams.get('code')).toEqual(expect.any(String));
    await expectRefused(slow, 'invalid_request_uri');
  });
});
