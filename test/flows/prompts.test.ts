import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { Browser, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { postForm } from '../support/management.ts';
import { addClient, answerOf, authorizationUrl, type Registered } from '../support/raw-requests.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const STATE = { state: 'af0ifjsldkj' };

describe.each(policyStorages)('prompts and what else asks for a sign-in ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  /** Signed in as the person of the scene. */
  let browser: Browser;
  let idToken: string;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    browser = new Browser(app);
    idToken = (await scene.rp.signIn(app, scene.person, { browser })).id_token ?? '';
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const urlFor = (parameters: Record<string, string>, client: Pick<Registered, 'clientId'> = scene) =>
    authorizationUrl(app, client.clientId, parameters);
  const ask = (parameters: Record<string, string>, client?: Registered, as = browser) =>
    answerOf(as, urlFor(parameters, client));
  const push = (client: Registered, parameters: Record<string, string>) =>
    postForm(
      `${app.url}/oidc/request`,
      { response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid', ...parameters },
      client,
    );
  const tokensOf = async (code: string, client: Registered = scene) =>
    (
      await postForm(
        `${app.url}/oidc/token`,
        { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI },
        client,
      )
    ).body;
  /** The page of a sign-in that had to be asked for, answered; the ID token that came of it. */
  const signInAgain = async (parameters: Record<string, string>, as = browser, person = scene.person) => {
    const page = await as.open(urlFor(parameters));
    const after = await as.submit(signInForm(page), person);
    const code = after.url.searchParams.get('code');
    if (code === null) throw new Error(`no code at ${after.url}:\n${after.html.slice(0, 1000)}`);
    return decodeJwt((await tokensOf(code)).id_token);
  };

  describe('a client that supports one prompt', () => {
    it.each([
      ['login', ['consent', 'none']],
      ['consent', ['login', 'none']],
      ['none', ['login', 'consent']],
    ])(
      '%s alone may send it, and is refused the others before any page, sent or pushed (R74 to R77, D7)',
      async (prompt, others) => {
        const client = await addClient(app, scene.appId, { supported_prompts: [prompt] });
        if (prompt === 'login') signInForm(await browser.open(urlFor({ prompt }, client)));
        else expect(await ask({ prompt }, client)).toMatchObject({ code: expect.any(String) });
        expect((await push(client, { prompt })).status).toBe(201);
        for (const other of [...others, 'login consent']) {
          const refusal = {
            error: 'invalid_request',
            error_description: expect.stringMatching(/the prompt "(login|consent|none)" is not among/),
          };
          for (const visitor of [browser, new Browser(app)])
            expect(await ask({ prompt: other }, client, visitor)).toMatchObject({ ...refusal, ...STATE });
          expect(await push(client, { prompt: other })).toMatchObject({ status: 400, body: refusal });
        }
        // max_age=0 asks for a sign-in without sending a prompt.
        signInForm(await browser.open(urlFor({ max_age: '0' }, client)));
      },
    );
  });

  it.each([
    ['none together with another', 'none login', /alone/],
    ['none together with consent', 'consent none', /alone/],
    ['a value that nobody knows', 'select_account', /login, consent or none/],
    ['another case', 'Login', /login, consent or none/],
  ])('refuses %s, sent or pushed (contract/oidc.md 3.3)', async (_, prompt, text) => {
    const refusal = { error: 'invalid_request', error_description: expect.stringMatching(text) };
    expect(await ask({ prompt })).toMatchObject({ ...refusal, ...STATE });
    expect(await push(scene, { prompt })).toMatchObject({ status: 400, body: refusal });
  });

  it('shows the sign-in page for prompt=login in spite of a session, and auth_time is new (R78)', async () => {
    const before = decodeJwt(idToken).auth_time ?? decodeJwt(idToken).iat;
    await pause(1100);
    const again = await signInAgain({ prompt: 'login' });
    expect(again).toMatchObject({ sub: scene.person.userId });
    expect(again.auth_time).toBeGreaterThan(Number(before));
    // Both at once: the sign-in is asked for, the consent recorded without a page.
    expect(await signInAgain({ prompt: 'login consent' })).toMatchObject({ sub: scene.person.userId });
  });

  it('records a first-party consent without a page, and gives a refresh token for it alone (R79, R80, D8)', async () => {
    const scope = 'openid offline_access';
    const [plain, consented] = [await ask({ scope }), await ask({ scope, prompt: 'consent' })];
    expect((await tokensOf(plain.code ?? '')).refresh_token).toBeUndefined();
    expect((await tokensOf(consented.code ?? '')).refresh_token).toEqual(expect.any(String));
    const without = await ask({ prompt: 'consent' });
    expect((await tokensOf(without.code ?? '')).refresh_token).toBeUndefined();
  });

  it('only looks for a session with prompt=none (R81)', async () => {
    expect(await ask({ prompt: 'none' })).toMatchObject({ code: expect.any(String), ...STATE });
    expect(await ask({ prompt: 'none' }, scene, new Browser(app))).toMatchObject({
      error: 'login_required',
      ...STATE,
    });
  });

  it('is silent at the first contact with another application, with any prompt but login', async () => {
    const other = await setScene(app);
    for (const prompt of ['', 'consent', 'none'])
      expect(await ask({ prompt }, other)).toMatchObject({ code: expect.any(String) });
    signInForm(await browser.open(urlFor({ prompt: 'login' }, other)));
  });

  it('asks again when the session is older than max_age, and never for a larger one', async () => {
    await signInAgain({ max_age: '0' });
    const { code = '' } = await ask({ max_age: '3600' });
    expect(decodeJwt((await tokensOf(code)).id_token)).toMatchObject({ auth_time: expect.any(Number) });
    await pause(2100);
    expect(await ask({ max_age: '1', prompt: 'none' })).toMatchObject({ error: 'login_required' });
    expect(await ask({ max_age: '0', prompt: 'none' })).toMatchObject({ error: 'login_required' });
    const again = await signInAgain({ max_age: '1' });
    expect(Number(again.auth_time)).toBeGreaterThan(Date.now() / 1000 - 60);
    for (const max_age of ['-1', '1.5', 'soon', '9'.repeat(30)]) {
      const refusal = { error: 'invalid_request', error_description: expect.stringMatching(/max_age/) };
      expect(await ask({ max_age })).toMatchObject(refusal);
      expect(await push(scene, { max_age })).toMatchObject({ status: 400, body: refusal });
    }
  });

  describe('acr_values', () => {
    it('are met by the session or there is no silent answer (contract/oidc.md 3.3)', async () => {
      for (const acr_values of [
        'mfa',
        'phone_number',
        'urn:transmit:google_direct',
        'nobody:knows:this',
        "'; --",
      ])
        expect(await ask({ acr_values, prompt: 'none' })).toMatchObject({
          error: 'login_required',
          ...STATE,
        });
    });

    it('lead to the page of the second factor, and give no code without one (contract/oidc.md 3.2, 3.5)', async () => {
      const page = await browser.open(urlFor({ acr_values: 'mfa' }));
      expect(page.url.pathname).toMatch(/^\/second-factor\//);
      expect(await ask({ acr_values: 'mfa', prompt: 'none' })).toMatchObject({ error: 'login_required' });
      const stranger = new Browser(app);
      const form = signInForm(await stranger.open(urlFor({ acr_values: 'phone_number mfa' })));
      const after = await stranger.submit(form, scene.person);
      expect(after.url.pathname).toMatch(/^\/second-factor\//);
      expect(await ask({ acr_values: 'mfa', prompt: 'none' }, scene, stranger)).toMatchObject({
        error: 'login_required',
      });
    });

    it('are voluntary after a fresh sign-in, and acr does not claim what was not met', async () => {
      const claims = await signInAgain({ acr_values: 'nobody:knows:this' });
      expect(claims.acr ?? '').toBe('');
      const essential = { id_token: { acr: { essential: true, values: ['gold'] } } };
      const page = await browser.open(urlFor({ claims: JSON.stringify(essential) }));
      const after = await browser.submit(signInForm(page), scene.person);
      expect(after.url.searchParams.get('error')).toBe('unmet_authentication_requirements');
    });
  });

  it('puts the login_hint into the form, escaped, and takes any text for one', async () => {
    const hint = (login_hint: string) =>
      new Browser(app).open(urlFor({ login_hint })).then((page) => signInForm(page).fields.identifier);
    expect(await hint('ada@example.com')).toBe('ada@example.com');
    expect(await hint('"><script>alert(1)</script>')).toBe('"><script>alert(1)</script>');
    expect(await hint('undefined')).toBe('');
  });

  describe('id_token_hint', () => {
    it('of the signed-in user is silent, however old it is', async () => {
      expect(await ask({ id_token_hint: idToken, prompt: 'none' })).toMatchObject({
        code: expect.any(String),
      });
    });

    it('of another user asks for a sign-in, or says login_required', async () => {
      const other = await setScene(app);
      const visitor = new Browser(app);
      await scene.rp.signIn(app, other.person, { browser: visitor });
      expect(await ask({ id_token_hint: idToken, prompt: 'none' }, scene, visitor)).toMatchObject({
        error: 'login_required',
      });
      // The right person signs in: the other's session ends on the way, without a question.
      const page = await visitor.open(urlFor({ id_token_hint: idToken }));
      const end = await visitor.submit(signInForm(page), scene.person);
      const tokens = await tokensOf(end.url.searchParams.get('code') ?? '');
      expect(decodeJwt(tokens.id_token)).toMatchObject({ sub: scene.person.userId });
    });

    it('that is no ID token of ours for this client is refused, sent or pushed', async () => {
      const other = await setScene(app);
      const foreign = (await other.rp.signIn(app, other.person)).id_token ?? '';
      const claims = decodeJwt(idToken);
      const hints = [
        'garbage',
        'a.b.c',
        foreign,
        new UnsecuredJWT(claims).encode(),
        await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(scene.clientSecret)),
        `${idToken.slice(0, -8)}AAAAAAAA`,
      ];
      const refusal = {
        error: 'invalid_request',
        error_description: expect.stringMatching(/id_token_hint must/),
      };
      for (const id_token_hint of hints) {
        expect(await ask({ id_token_hint })).toMatchObject({ ...refusal, ...STATE });
        expect(await push(scene, { id_token_hint })).toMatchObject({ status: 400, body: refusal });
      }
    });
  });

  it('takes code for the response type that was left out, and serves no other (contract/oidc.md 3.1)', async () => {
    expect(await ask({ response_type: '' })).toMatchObject({ code: expect.any(String), iss: app.issuer });
    const empty = new URL(`${authorizationUrl(app, scene.clientId)}&request_uri=`);
    expect(await answerOf(browser, empty)).toMatchObject({ code: expect.any(String) });
    for (const response_type of ['token', 'id_token', 'code id_token', 'none', 'nonsense'])
      expect(await ask({ response_type, nonce: 'n' })).toMatchObject({
        error: 'unsupported_response_type',
        error_description: 'response_type must be code',
        ...STATE,
      });
    const form = { redirect_uri: REDIRECT_URI, scope: 'openid' };
    expect((await postForm(`${app.url}/oidc/request`, form, scene)).status).toBe(201);
  });

  it('never redirects before client and redirect URI are right; then says what else is wrong by redirect (contract/oidc.md 3.2)', async () => {
    const bad = { response_type: 'token', prompt: 'none login' };
    for (const url of [
      authorizationUrl(app, 'nobody', bad),
      urlFor({ ...bad, redirect_uri: 'https://evil.example.com/callback' }),
      urlFor({ ...bad, redirect_uri: '' }),
    ]) {
      const page = await browser.open(url);
      expect(page.status).toBe(400);
      expect(page.html).toContain('This request cannot be completed');
    }
    expect(await ask(bad)).toMatchObject({ error: 'unsupported_response_type' });
  });
});
