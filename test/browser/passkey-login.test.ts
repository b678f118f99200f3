/** Passkeys and the second factor on the hosted pages, in a real Chromium with a virtual authenticator (contract/authentication.md 2, 7, 8). */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { AuthenticatorApp } from '../support/authenticator-app.ts';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { faultsOf } from '../support/looks.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const PASSWORD = 'Some-Good-Pass9-of-mine';
const REGISTRATION = '/hosted/passkey/passkey-registration';
const HINT = '/v1/auth/webauthn/external/register/hosted/hint';
const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;

describeWithChromium('passkeys on the hosted pages in Chromium', () => {
  let app: App;
  let scene: Scene;
  let rp: RelyingParty;
  let server: Server;
  let chromium: Browser;
  let context: BrowserContext;
  let page: Page;
  let cdp: CDPSession;
  let authenticatorId: string;
  let shots: string;
  let application: Api;
  const complaints: string[] = [];

  beforeAll(async () => {
    shots = process.env.TEST_SHOTS ?? mkdtempSync(join(tmpdir(), 'tessera-passkey-shots-'));
    server = createServer((_request, response) => {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><title>RP</title><p>Welcome');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const redirectUri = `http://127.0.0.1:${address.port}/callback`;
    app = await startApp();
    scene = await setScene(app, { redirect_uris: [redirectUri] });
    const { clientId, clientSecret } = scene;
    rp = await RelyingParty.discover(app, { clientId, clientSecret, redirectUri });
    application = api(app, await clientToken(app, scene));
    const admin = api(app, await adminToken(app));
    await admin.put(`/loginPreferences/${scene.appId}/authMethods`, { totp: {} });
    chromium = await launchChromium();
  }, 120_000);
  afterAll(async () => {
    await chromium?.close();
    await app?.stop();
    await app?.discard();
    server?.closeAllConnections();
    server?.close();
    if (shots && process.env.TEST_SHOTS === undefined) rmSync(shots, { recursive: true, force: true });
  });
  beforeEach(async () => {
    context = await chromium.newContext();
    page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on('console', (message) => {
      if (/Content Security Policy|Refused/i.test(message.text())) complaints.push(message.text());
    });
    cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    ({ authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR }));
  });
  afterEach(() => context?.close());

  const look = async (name: string): Promise<void> => expect(await faultsOf(page, shots, name)).toEqual([]);
  /** Whether the authenticator answers at once, or as if nobody touched it. */
  const touched = (enabled: boolean) =>
    cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  const begin = async (parameters: Record<string, string> = {}) => {
    const request = await rp.authorize(parameters);
    await page.goto(request.url.href);
    return request;
  };
  type Request = Awaited<ReturnType<typeof begin>>;
  const isBack = () => page.waitForURL((url) => url.href.startsWith(rp.redirectUri));
  const arrive = async (request: Request) => {
    await isBack();
    return (await rp.redeem(new URL(page.url()), request)).claims();
  };
  const signIn = async (identifier: string, password: string) => {
    await page.fill('#identifier', identifier);
    await page.fill('#password', password);
    await page.click('#login-submit');
  };
  /** A new user of the application, who signs in with a name and a password. */
  const newUser = async (username: string): Promise<string> => {
    const made = await application.post('/v1/users', {
      username,
      credentials: { password: PASSWORD, force_replace: false },
    });
    expect(made.status).toBe(201);
    return made.body.result.user_id;
  };
  /** Opens the registration page for this user. */
  const openRegistration = async (identifier: string, more: object = {}): Promise<string> => {
    const hint = await application.post(HINT, {
      webauthn_identifier: identifier,
      redirect_uri: rp.redirectUri,
      ...more,
    });
    expect(hint.status).toBe(200);
    const token: string = hint.body.register_webauthn_cred_token;
    await page.goto(`${app.url}${REGISTRATION}?register_webauthn_cred_token=${token}`);
    return token;
  };
  const register = async (identifier: string): Promise<URLSearchParams> => {
    await openRegistration(identifier);
    await page.click('#passkey-start');
    await isBack();
    return new URL(page.url()).searchParams;
  };

  it('are registered on a page that leads back with what was made, once', async () => {
    await newUser('ada');
    const token = await openRegistration('ada');
    await page.waitForSelector('#passkey-start:visible');
    await look('registration');
    await page.click('#passkey-start');
    await isBack();
    const back = Object.fromEntries(new URL(page.url()).searchParams);
    expect(back).toEqual({
      user_identifier: 'ada',
      credential_id: expect.any(String),
      register_webauthn_cred_token: token,
    });
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    const [made] = credentials;
    expect(Buffer.from(String(made?.credentialId), 'base64').toString('base64url')).toBe(back.credential_id);
    const again = await page.goto(`${app.url}${REGISTRATION}?register_webauthn_cred_token=${token}`);
    expect([again?.status(), await page.textContent('h1')]).toEqual([400, 'This page is no longer open']);
    await look('registration-over');
  });

  it('are not registered for a user of the tenant who is no member of the application, nor for a stranger', async () => {
    const foreign = await setScene(app);
    for (const identifier of [foreign.person.identifier, 'nobody-at-all']) {
      await openRegistration(identifier);
      await page.click('#passkey-start');
      await page.waitForSelector('h1:has-text("no longer open")');
      expect(new URL(page.url()).pathname).toBe(REGISTRATION);
    }
    await openRegistration('ada-cancels');
    await page.click('button[value=cancel]');
    await isBack();
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied');
  });

  it('sign in from the identifier field, which names no user (conditional UI)', async () => {
    const sub = await newUser('bob');
    await register('bob');
    const request = await begin({ prompt: 'login' });
    expect(await arrive(request)).toMatchObject({ sub, amr: ['webauthn'], acr: '' });
  });

  it('sign in on a page of their own, with loginType=webauthn-direct and at /v1/auth/webauthn', async () => {
    const sub = await newUser('carol');
    await register('carol');
    const direct = await begin({ prompt: 'login', loginType: 'webauthn-direct' });
    const claims = await arrive(direct);
    expect(claims).toMatchObject({ sub, amr: ['webauthn'] });
    expect(Math.abs(Number(claims?.auth_time) - Date.now() / 1000)).toBeLessThan(30);

    const request = await rp.authorize({ prompt: 'login' });
    const { search } = request.url;
    await page.goto(`${app.url}/v1/auth/webauthn${search}`);
    expect(await arrive(request)).toMatchObject({ sub, amr: ['webauthn'] });
    // The client's own rules hold there as well.
    const foreign = new URLSearchParams(search);
    foreign.set('redirect_uri', 'https://evil.example.com/');
    const refused = await page.goto(`${app.url}/v1/auth/webauthn?${foreign}`);
    expect([refused?.status(), new URL(page.url()).origin]).toEqual([400, new URL(app.url).origin]);
  });

  it('leave every other way open where the browser has none, or runs no script', async () => {
    await begin({ prompt: 'login', loginType: 'webauthn-direct' });
    await page.waitForSelector('#passkey-failed:visible');
    await look('passkey-failed');
    expect(await page.isVisible('#passkey-start')).toBe(true);
    await page.click('button[value=methods]');
    await page.waitForSelector('#identifier');
    await look('identifier-with-passkey');

    const plain = await chromium.newContext({ javaScriptEnabled: false });
    page = await plain.newPage();
    const request = await begin();
    await page.click('button[value=passkey]');
    expect(await page.isVisible('#passkey-missing')).toBe(true);
    expect(await page.isVisible('#passkey-start')).toBe(false);
    expect(await page.textContent('#passkey-missing')).toContain('choose another way');
    await page.click('button[value=methods]');
    await signIn(scene.person.identifier, scene.person.password);
    expect(await arrive(request)).toMatchObject({ sub: scene.person.userId, amr: ['pwd'] });
    await plain.close();
  });

  it('are a second factor after the password; those of somebody else are not', async () => {
    const sub = await newUser('dora');
    await register('dora');
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    await cdp.send('WebAuthn.clearCredentials', { authenticatorId });
    await newUser('mallory');
    await register('mallory');
    await touched(false);

    // An answer of Mallory's passkey to a ceremony of the sign-in page, which takes anybody's.
    // Without the script of the page, which would take the answer itself.
    await page.route('**/*.js', (route) => route.abort());
    await begin({ prompt: 'login' });
    const uid = new URL(page.url()).pathname.split('/')[2];
    await touched(true);
    const answer = await page.evaluate(`fetch('/login/${uid}/passkey/start', { method: 'POST' })
      .then((started) => started.json())
      .then(({ webauthn_session_id, options }) =>
        navigator.credentials
          .get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
          .then((credential) => JSON.stringify({ webauthn_session_id, credential: credential.toJSON() })))`);
    await page.unroute('**/*.js');
    await context.clearCookies();
    await touched(false);

    const request = await begin({ acr_values: 'mfa' });
    await signIn('dora', PASSWORD);
    await page.waitForSelector('button[value=passkey]');
    await look('second-factor');
    await page.click('button[value=passkey]');
    await page.waitForSelector('#passkey-start:visible');
    await page.evaluate(
      `document.getElementById('passkey-answer').value = ${JSON.stringify(answer)}; document.forms[0].submit()`,
    );
    await page.waitForSelector('#form-error');
    expect(await page.textContent('#form-error')).toContain('cannot be used here');
    await look('passkey-refused');

    await cdp.send('WebAuthn.clearCredentials', { authenticatorId });
    for (const credential of credentials)
      await cdp.send('WebAuthn.addCredential', { authenticatorId, credential });
    await touched(true);
    await page.click('#passkey-start');
    expect(await arrive(request)).toMatchObject({ sub, amr: ['pwd', 'webauthn', 'mfa'], acr: 'mfa' });
  });

  it('set up an authenticator app for who has nothing, on pages that axe finds nothing in', async () => {
    const sub = await newUser('erin');
    const request = await begin({ acr_values: 'mfa' });
    await signIn('erin', PASSWORD);
    await page.waitForSelector('svg.qr');
    await look('enrol');
    const device = AuthenticatorApp.ofPage(await page.content());
    await page.fill('#code', '000000');
    await page.click('#code-submit');
    await look('enrol-wrong');
    await page.fill('#code', device.code());
    await page.click('#code-submit');
    await page.waitForSelector('#recovery-codes');
    const [recovery = ''] = await page.locator('#recovery-codes li').allTextContents();
    await look('recovery-codes');
    await page.click('#codes-kept');
    expect(await arrive(request)).toMatchObject({ sub, amr: ['pwd', 'otp', 'mfa'], acr: 'mfa' });

    await context.clearCookies();
    const next = await begin({ acr_values: 'mfa', ui_locales: 'fr' });
    await signIn('erin', PASSWORD);
    await look('app-code');
    await page.click('button[value=recovery]');
    await look('recovery-code');
    await page.fill('#code', recovery);
    await page.click('#code-submit');
    expect(await arrive(next)).toMatchObject({ sub, amr: ['pwd', 'otp', 'mfa'] });
    expect(complaints).toEqual([]);
  });

  it('are offered after a password, and sign in the next time; the page can be passed by, with script and without', async () => {
    const admin = api(app, await adminToken(app));
    const methods = { totp: {}, webauthn_api: { rpId: 'localhost' } };
    expect((await admin.put(`/loginPreferences/${scene.appId}/authMethods`, methods)).status).toBe(200);
    const sub = await newUser('olga');
    await touched(false);
    const request = await begin();
    await signIn('olga', PASSWORD);
    await page.waitForURL((url) => url.pathname.startsWith('/passkey-offer/'));
    await page.waitForSelector('#passkey-start:visible');
    await look('offer');
    await touched(true);
    await page.click('#passkey-start');
    expect(await arrive(request)).toMatchObject({ sub, amr: ['pwd'] });
    await context.clearCookies();
    // Conditional UI: the identifier field offers it.
    const next = await begin();
    expect(await arrive(next)).toMatchObject({ sub, amr: ['webauthn'] });

    await newUser('otto');
    const plain = await chromium.newContext({ javaScriptEnabled: false });
    page = await plain.newPage();
    const first = await begin();
    await signIn('otto', PASSWORD);
    expect(await page.isVisible('#passkey-start')).toBe(false);
    await page.click('button[value=not-now]');
    expect(await arrive(first)).toMatchObject({ amr: ['pwd'] });
    await plain.close();
    expect(complaints).toEqual([]);
  });
});
