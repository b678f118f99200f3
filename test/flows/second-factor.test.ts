/** The second factor on the hosted pages, and what does not get around it (contract/authentication.md 2, 7; oidc.md 3.2, 3.5). */
import { AuthenticatorApp } from '../support/authenticator-app.ts';
import { Browser } from '../support/browser.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { alertOf, formOf, HostedScene, headingOf, type Walk } from '../support/hosted-login.ts';
import { api, clientToken } from '../support/management.ts';
import { answerOf, authorizationUrl } from '../support/raw-requests.ts';
import { type App, startApp } from '../support/start-app.ts';

const MFA = { hosted_login: { mfa: 'required' } };
const PASSWORD = 'Some-Good-Pass9-of-mine';

const allowApps = async (hosted: HostedScene, totp: object = {}): Promise<void> => {
  const path = `/loginPreferences/${hosted.scene.appId}/authMethods`;
  const answer = await hosted.admin.put(path, { totp });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
};

/** An application that asks for two factors and has authenticator apps. */
async function scene(app: App, settings: Record<string, unknown> = MFA): Promise<HostedScene> {
  const hosted = await HostedScene.set(app, settings);
  await allowApps(hosted);
  return hosted;
}

/** Made with a token of the application, whose usernames are its own. */
async function newUser(app: App, at: HostedScene, values: Record<string, unknown>): Promise<string> {
  const made = await api(app, await clientToken(app, at.scene)).post('/v1/users', {
    ...values,
    credentials: { password: PASSWORD, force_replace: false },
  });
  if (made.status !== 201) throw new Error(`${made.status}: ${JSON.stringify(made.body)}`);
  return made.body.result.user_id;
}

const offered = (walk: Walk): string[] =>
  [...walk.page.html.matchAll(/name="factor" value="(\w+)"/g)].map(([, name = '']) => name);

describe.each(policyStorages)('the second factor ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let hosted: HostedScene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    hosted = await scene(app);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  /** At the second factor: the password was right. */
  async function past(
    at = hosted,
    parameters: Record<string, string> = {},
    browser?: Browser,
  ): Promise<Walk> {
    const walk = await at.begin(parameters, browser);
    return walk.send({ identifier: at.email, password: at.scene.person.password });
  }
  const isSecondFactor = (walk: Walk): boolean => walk.page.url.pathname.startsWith('/second-factor/');
  const expectClaims = async (walk: Walk, sub: string, amr: string[]) => {
    const claims = await walk.claims();
    expect(claims).toMatchObject({ sub, amr, acr: 'mfa' });
    expect(Math.abs(Number(claims.auth_time) - Date.now() / 1000)).toBeLessThan(30);
  };
  /** Somebody who has nothing but a username and a password. */
  const bareUser = (at: HostedScene, username: string) => newUser(app, at, { username });
  const asBare = async (at: HostedScene, username: string, browser?: Browser) =>
    (await at.begin({}, browser)).send({ identifier: username, password: PASSWORD });
  /** An authenticator app of the scene's person, made over the API. */
  async function withApp(at: HostedScene): Promise<{ device: AuthenticatorApp; recovery: string[] }> {
    await at.configure({ hosted_login: { mfa: 'off' } });
    const tokens = await at.scene.rp.signIn(app, at.scene.person);
    const me = api(app, tokens.access_token);
    const { totp_id, uri } = (await me.post('/v1/users/me/totp')).body;
    const device = new AuthenticatorApp(uri);
    const done = await me.post(`/v1/users/me/totp/${totp_id}/confirm`, { code: device.code() });
    if (done.status !== 200) throw new Error(JSON.stringify(done.body));
    await at.configure(MFA);
    return { device, recovery: done.body.recovery_codes };
  }

  describe('follows the password where the application requires it', () => {
    it.each([
      ['email', 'eotp'],
      ['sms', 'sms'],
    ])('with a code by %s, and the result names both factors', async (channel, factor) => {
      const walk = await past();
      expect([isSecondFactor(walk), walk.step, headingOf(walk.page)]).toEqual([
        true,
        '',
        'Confirm that it is you',
      ]);
      expect(offered(walk)).toEqual(['email', 'sms']);
      // The first factor alone tells nobody the contacts.
      expect(walk.page.html).not.toContain(hosted.email);
      expect(walk.page.html).not.toContain(hosted.phone);
      await walk.send({ factor: channel });
      expect(walk.step).toBe(`${channel}-code`);
      expect(walk.page.html).not.toContain(hosted.email);
      const wrong = await walk.send({ code: '0000000' });
      expect([wrong.page.status, alertOf(wrong.page)]).toEqual([401, 'The code is not right.']);
      await walk.send({ code: await hosted.lastCodeTo(channel === 'email' ? hosted.email : hosted.phone) });
      await expectClaims(walk, hosted.scene.person.userId, ['pwd', factor, 'mfa']);
      // The session has both factors now: silent for the next request.
      const again = await hosted.begin({}, walk.browser);
      expect(await again.claims()).toMatchObject({ acr: 'mfa' });
    });

    it('offers nothing over the channel of the first factor: a mailbox counts once', async () => {
      const at = await scene(app, { hosted_login: { mfa: 'required', primary_method: 'email_otp' } });
      const walk = await (await at.begin()).send({ identifier: at.email });
      await walk.send({ code: await at.lastCodeTo(at.email) });
      expect(offered(walk)).toEqual(['sms']);
      const sent = (await at.messagesTo(at.email)).length;
      await walk.send({ factor: 'email' });
      expect([walk.step, (await at.messagesTo(at.email)).length]).toEqual(['', sent]);
      await walk.send({ factor: 'sms' });
      await walk.send({ code: await at.lastCodeTo(at.phone) });
      await expectClaims(walk, at.scene.person.userId, ['eotp', 'sms', 'mfa']);
    });

    it('with an authenticator app, whose code is good once, and with a recovery code in its place', async () => {
      const at = await scene(app);
      const { device, recovery } = await withApp(at);
      const walk = await past(at);
      expect(offered(walk)).toEqual(['app', 'email', 'sms', 'recovery']);
      await walk.send({ factor: 'app' });
      expect([walk.step, headingOf(walk.page)]).toEqual(['app-code', 'Enter the code of your app']);
      const wrong = await walk.send({ code: '12345' });
      expect([wrong.page.status, alertOf(wrong.page)]).toEqual([
        401,
        'The code is not right, or was used before.',
      ]);
      const code = device.code();
      await walk.send({ code: `${code.slice(0, 3)} ${code.slice(3)}` });
      await expectClaims(walk, at.scene.person.userId, ['pwd', 'otp', 'mfa']);

      const other = await (await past(at)).send({ factor: 'app' });
      expect((await other.send({ code })).page.status).toBe(401);
      await other.send({ action: 'recovery' });
      expect(other.step).toBe('recovery-code');
      await other.send({ code: String(recovery[0]).toUpperCase().replaceAll('-', ' ') });
      await expectClaims(other, at.scene.person.userId, ['pwd', 'otp', 'mfa']);

      const third = await (await past(at)).send({ factor: 'recovery' });
      expect((await third.send({ code: String(recovery[0]) })).page.status).toBe(401);
    });

    it('leads back to the choice, and sends a new code on request', async () => {
      const walk = await (await past()).send({ factor: 'email' });
      await walk.send({ action: 'others' });
      expect(offered(walk)).toEqual(['email', 'sms']);
      await walk.send({ factor: 'sms' });
      const old = await hosted.lastCodeTo(hosted.phone);
      await walk.send({ action: 'resend' });
      const fresh = await hosted.lastCodeTo(hosted.phone);
      if (old !== fresh) expect((await walk.send({ code: old })).page.status).toBe(401);
      await walk.send({ code: fresh });
      await expectClaims(walk, hosted.scene.person.userId, ['pwd', 'sms', 'mfa']);
    });

    it('ends at the application when it is cancelled, and lets another account sign in', async () => {
      const walk = await (await past()).send({ action: 'cancel' });
      expect(walk.page.url.searchParams.get('error')).toBe('access_denied');
      const other = await (await past()).send({ action: 'sign-in' });
      expect(other.page.url.pathname).toMatch(/^\/login\//);
      const silent = await hosted.begin({ prompt: 'none' }, other.browser);
      expect(silent.page.url.searchParams.get('error')).toBe('login_required');
    });

    it('speaks the language of the request', async () => {
      const walk = await past(hosted, { ui_locales: 'ja fr' });
      expect(headingOf(walk.page)).toBe('ご本人であることの確認');
    });
  });

  describe('where the request asks for it (acr_values=mfa, RFC 9470)', () => {
    it('is asked of a session that has one factor, and auth_time is new', async () => {
      const at = await scene(app, {});
      const first = await past(at);
      const before = await first.claims();
      expect(before).toMatchObject({ amr: ['pwd'], acr: '' });
      const walk = await at.begin({ acr_values: 'mfa' }, first.browser);
      expect([isSecondFactor(walk), offered(walk)]).toEqual([true, ['email', 'sms']]);
      await walk.send({ factor: 'sms' });
      await walk.send({ code: await at.lastCodeTo(at.phone) });
      const claims = await walk.claims();
      expect(claims).toMatchObject({ amr: ['pwd', 'sms', 'mfa'], acr: 'mfa' });
      expect(Number(claims.auth_time)).toBeGreaterThanOrEqual(Number(before.auth_time));
    });
  });

  describe('of a user who has none', () => {
    it('is an authenticator app that is set up there and then; its recovery codes are shown once', async () => {
      const userId = await bareUser(hosted, 'bare-ada');
      const walk = await asBare(hosted, 'bare-ada');
      expect([walk.step, headingOf(walk.page)]).toEqual(['enrol', 'Set up an authenticator app']);
      expect(walk.page.html).toMatch(/<svg class="qr" role="img" aria-label="QR code/);
      const device = AuthenticatorApp.ofPage(walk.page.html);
      const wrong = await walk.send({ code: '12345' });
      expect(wrong.page.status).toBe(401);
      // The same picture: what was scanned stays good.
      expect(AuthenticatorApp.ofPage(walk.page.html)).toEqual(AuthenticatorApp.ofPage(wrong.page.html));
      await walk.send({ code: device.code() });
      expect(headingOf(walk.page)).toBe('Keep your recovery codes');
      const codes = [...walk.page.html.matchAll(/<li>([\w-]{19})<\/li>/g)].map(([, code = '']) => code);
      expect(new Set(codes).size).toBe(10);
      await walk.open(walk.page.url);
      expect([headingOf(walk.page), walk.page.status]).toEqual(['Keep your recovery codes', 200]);
      for (const code of codes) expect(walk.page.html).not.toContain(code);
      await walk.send({});
      await expectClaims(walk, userId, ['pwd', 'otp', 'mfa']);

      const next = await asBare(hosted, 'bare-ada');
      expect(next.step).toBe('app-code');
      await next.send({ code: device.code() });
      await expectClaims(next, userId, ['pwd', 'otp', 'mfa']);
    });

    it('ends with mfa_required at the application where nothing is possible (oidc.md 3.2)', async () => {
      const at = await HostedScene.set(app, MFA);
      await bareUser(at, 'bare-bob');
      const walk = await asBare(at, 'bare-bob');
      expect(Object.fromEntries(walk.page.url.searchParams)).toMatchObject({
        error: 'mfa_required',
        error_description: expect.stringMatching(/second factor/),
      });
      expect(walk.page.url.searchParams.has('code')).toBe(false);
    });

    it('cannot be set up beside one that was set up meanwhile: the one that is there is asked for', async () => {
      await bareUser(hosted, 'bare-eve');
      const [mine, thief] = [await asBare(hosted, 'bare-eve'), await asBare(hosted, 'bare-eve')];
      const foreign = AuthenticatorApp.ofPage(thief.page.html);
      await mine.send({ code: AuthenticatorApp.ofPage(mine.page.html).code() });
      await allowApps(hosted, { maxTotpPerUser: 5 });
      await thief.send({ code: foreign.code() });
      expect([thief.step, thief.page.url.searchParams.has('code')]).toEqual(['app-code', false]);
      await thief.open(`${app.url}/second-factor/${thief.uid}/enrol`);
      expect(thief.step).toBe('app-code');
    });
  });

  describe('is not got around', () => {
    it('by other addresses of the interaction, or by asking again: there is no code with one factor', async () => {
      const walk = await past();
      const { uid } = walk;
      await walk.open(`${app.url}/oidc/auth/${uid}`);
      expect([isSecondFactor(walk), walk.page.status, walk.uid === uid]).toEqual([true, 200, false]);
      // The interaction that was left this way is over.
      expect((await walk.browser.open(`${app.url}/second-factor/${uid}`)).status).toBe(400);
      const now = walk.uid;
      for (const step of ['enrol', 'app-code', 'recovery-code', 'email-code', 'sms-code', 'passkey', 'x']) {
        await walk.open(`${app.url}/second-factor/${now}/${step}`);
        expect([walk.step, walk.uid]).toEqual(['', now]);
      }
      for (const address of [`/consent/${now}`, `/login/${now}`, `/consent/${now}/answer?approved=true`])
        expect((await walk.browser.open(`${app.url}${address}`)).status).toBe(400);
      expect(isSecondFactor(await hosted.begin({}, walk.browser))).toBe(true);
      expect(isSecondFactor(await hosted.begin({ prompt: 'consent' }, walk.browser))).toBe(true);
      const silent = await hosted.begin({ prompt: 'none' }, walk.browser);
      expect(silent.page.url.searchParams.get('error')).toBe('login_required');
      // Another application that asks for one factor gets its code; this one still does not.
      const other = await HostedScene.set(app);
      expect(await (await other.begin({}, walk.browser)).claims()).toMatchObject({ amr: ['pwd'], acr: '' });
      expect(isSecondFactor(await hosted.begin({}, walk.browser))).toBe(true);
    });

    it('by a form for a step out of turn', async () => {
      const walk = await past();
      const form = formOf(walk.page);
      for (const step of ['enrol', 'app-code', 'recovery-code', 'email-code', 'sms-code', 'passkey']) {
        const action = new URL(`/second-factor/${walk.uid}/${step}`, app.url);
        const page = await walk.browser.submit({ ...form, action }, { code: '000000', passkey: '{}' });
        expect([page.url.pathname, page.url.searchParams.has('code')]).toEqual([
          `/second-factor/${walk.uid}`,
          false,
        ]);
      }
    });

    it("by another browser, or in another user's interaction", async () => {
      const walk = await (await past()).send({ factor: 'email' });
      const code = await hosted.lastCodeTo(hosted.email);
      const stranger = new Browser(app);
      expect((await stranger.open(walk.page.url)).status).toBe(400);
      expect((await stranger.submit(formOf(walk.page), { code })).status).toBe(400);
      await bareUser(hosted, 'bare-mallory');
      const mallory = await asBare(hosted, 'bare-mallory');
      const foreign = await mallory.browser.submit(formOf(walk.page), { code });
      expect(foreign.status).toBe(400);
      await walk.send({ code });
      await expectClaims(walk, hosted.scene.person.userId, ['pwd', 'eotp', 'mfa']);
    });

    it('by a code that was sent for something else, or in another interaction', async () => {
      const at = await scene(app);
      const login = await (await at.begin()).send({ action: 'methods', identifier: at.email });
      await login.send({ method: 'email_otp' });
      const ofSignIn = await at.lastCodeTo(at.email);
      const [walk, other] = [await past(at), await past(at)];
      await walk.send({ factor: 'email' });
      const ofWalk = await at.lastCodeTo(at.email);
      if (ofSignIn !== ofWalk) expect((await walk.send({ code: ofSignIn })).page.status).toBe(401);
      await other.send({ factor: 'email' });
      const ofOther = await at.lastCodeTo(at.email);
      expect((await walk.send({ code: ofOther })).page.status).toBe(401);
    });

    it('by guessing: every attempt counts for the user, recovery codes and new interactions included', async () => {
      const at = await scene(app);
      const { device, recovery } = await withApp(at);
      const walk = await (await past(at)).send({ factor: 'app' });
      for (let guess = 0; guess < 3; guess++)
        expect((await walk.send({ code: `00000${guess}` })).page.status).toBe(401);
      const other = await (await past(at)).send({ factor: 'recovery' });
      for (let guess = 0; guess < 2; guess++)
        expect((await other.send({ code: `0000-0000-0000-000${guess}` })).page.status).toBe(401);
      for (const [attempt, code] of [
        [walk, device.code()],
        [other, String(recovery[0])],
      ] as const) {
        await attempt.send({ code });
        expect([attempt.page.status, Number(attempt.page.headers.get('retry-after'))]).toEqual([429, 900]);
        expect(alertOf(attempt.page)).toMatch(/too many failed attempts/);
      }
    });

    it('by guessing at codes that were sent: the limit is the user’s, not the interaction’s', async () => {
      const at = await scene(app);
      const walk = await (await past(at)).send({ factor: 'email' });
      for (let guess = 0; guess < 4; guess++)
        expect((await walk.send({ code: `000000${guess}` })).page.status).toBe(401);
      const other = await (await past(at)).send({ factor: 'email' });
      const statuses = [];
      for (let guess = 0; guess < 2; guess++)
        statuses.push((await other.send({ code: `000000${guess}` })).page.status);
      expect(statuses.at(-1)).toBe(429);
      await other.send({ code: await at.lastCodeTo(at.email) });
      expect([other.page.status, other.page.url.searchParams.has('code')]).toEqual([429, false]);
    });

    it('by a form that another site sends', async () => {
      const walk = await (await past()).send({ factor: 'email' });
      const body = new URLSearchParams({
        ...formOf(walk.page).fields,
        code: await hosted.lastCodeTo(hosted.email),
      });
      const headers = {
        cookie: walk.browser.cookies.headerFor(walk.page.url),
        origin: 'https://evil.example.com',
      };
      const url = new URL(walk.page.url.pathname, app.url);
      const answer = await fetch(url, { method: 'POST', redirect: 'manual', headers, body });
      expect(answer.status).toBe(403);
    });

    it('by a passkey ceremony that another browser starts, or that the sign-in page would start', async () => {
      const at = await scene(app);
      const walk = await past(at);
      const start = await fetch(`${app.url}/second-factor/${walk.uid}/passkey/start`, { method: 'POST' });
      expect(start.status).toBe(404);
      const url = new URL(`/second-factor/${walk.uid}/passkey/start`, app.url);
      const cookie = walk.browser.cookies.headerFor(url);
      const started = await fetch(url, { method: 'POST', headers: { cookie } });
      expect([started.status, await started.json()]).toEqual([
        200,
        { webauthn_session_id: expect.any(String), options: expect.any(Object) },
      ]);
      // The sign-in page's ceremony, which takes anybody's passkey, cannot be started here.
      const foreign = new URL(`/login/${walk.uid}/passkey/start`, app.url);
      expect((await fetch(foreign, { method: 'POST', headers: { cookie } })).status).toBe(404);
    });

    it('by a user who was disabled meanwhile', async () => {
      const at = await scene(app);
      const walk = await (await past(at)).send({ factor: 'email' });
      const code = await at.lastCodeTo(at.email);
      const path = `/v1/users/${at.scene.person.userId}`;
      expect((await at.admin.put(path, { status: 'Disabled' })).status).toBe(200);
      await walk.send({ code });
      expect(walk.page.url.searchParams.has('code')).toBe(false);
    });
  });
});

describe.each(policyStorages)('setting up a second factor after a code or link ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let at: HostedScene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    at = await scene(app, {
      hosted_login: { mfa: 'required', first_page: 'identifier', primary_method: 'email_otp' },
    });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });
  /** Signed in by whoever reads the mailbox of a user with a proved address and nothing else for a second factor. */
  async function withMailbox(email: string, credentials?: object): Promise<Walk> {
    const backend = api(app, await clientToken(app, at.scene));
    const made = await backend.post('/v1/users', { email, ...(credentials && { credentials }) });
    const userId = made.body.result.user_id;
    expect((await backend.post(`/v1/users/${userId}/emails/${email}/verify`, {})).status).toBe(202);
    const walk = await (await at.begin()).send({ identifier: email });
    return walk.send({ code: await at.lastCodeTo(email) });
  }
  const password = { password: PASSWORD, force_replace: false };

  it('asks for the password of a user who has one, before anything of an authenticator app is shown', async () => {
    const walk = await withMailbox('mailbox-1@example.com', password);
    expect([walk.step, headingOf(walk.page)]).toEqual(['enrol-password', 'Enter your password']);
    expect(walk.page.html).not.toContain('otpauth:');
    await walk.open(`${app.url}/second-factor/${walk.uid}/enrol`);
    expect([walk.step, walk.page.html.includes('otpauth:')]).toEqual(['enrol-password', false]);
    await walk.send({ password: 'Not-the-Password-1' });
    expect([walk.page.status, walk.step]).toEqual([401, 'enrol-password']);
    await walk.send({ password: PASSWORD });
    expect(walk.step).toBe('enrol');
    await walk.send({ code: AuthenticatorApp.ofPage(walk.page.html).code() });
    await walk.send({});
    expect(await walk.claims()).toMatchObject({ amr: ['eotp', 'otp', 'mfa'] });
  });

  it('counts the guesses there with those at the sign-in', async () => {
    const email = 'mailbox-2@example.com';
    const walk = await withMailbox(email, password);
    for (let turn = 0; turn < 5; turn++) await walk.send({ password: `Not-the-Password-${turn}` });
    await walk.send({ password: PASSWORD });
    expect([walk.page.status, walk.step]).toEqual([429, 'enrol-password']);
    const backend = api(app, await clientToken(app, at.scene));
    const elsewhere = { username: email, username_type: 'email', password: PASSWORD };
    expect((await backend.post('/v1/auth/password/authenticate', elsewhere)).status).toBe(403);
  });

  it('asks nobody for a password who has none', async () => {
    expect((await withMailbox('mailbox-3@example.com')).step).toBe('enrol');
  });

  it('tells the owner by mail of the app that was added, as the account pages do (issue 5)', async () => {
    const email = 'mailbox-4@example.com';
    const walk = await withMailbox(email, password);
    await walk.send({ password: PASSWORD });
    const device = AuthenticatorApp.ofPage(walk.page.html);
    const before = (await at.messagesTo(email)).length;
    await walk.send({ code: '000000' });
    expect((await at.messagesTo(email)).length).toBe(before);
    await walk.send({ code: device.code() });
    const [mail, ...older] = await at.messagesTo(email);
    expect([mail?.subject, older.length]).toEqual(['An authenticator app was added to your account', before]);
    // Whoever reads it learns neither the codes nor the secret.
    expect(mail?.text).not.toMatch(/otpauth|[a-z0-9]{4,}-[a-z0-9]{4,}/);
  });
});

describe('setting up a second factor with an old session (issue 5: enrolment without re-authentication)', () => {
  let clock: Clock;
  let app: App;
  beforeAll(async () => {
    clock = new Clock();
    app = await startApp({ clock });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    clock?.remove();
  });

  it('asks who it is first', async () => {
    const hosted = await scene(app, {});
    await newUser(app, hosted, { username: 'old-session' });
    const person = { identifier: 'old-session', password: PASSWORD };
    const first = await (await hosted.begin()).send(person);
    expect(first.page.url.searchParams.has('code')).toBe(true);
    clock.advance(11 * MINUTE);
    const walk = await hosted.begin({ acr_values: 'mfa' }, first.browser);
    expect(walk.page.url.pathname).toMatch(/^\/login\//);
    await walk.send(person);
    expect(walk.step).toBe('enrol');
    const url = authorizationUrl(app, hosted.scene.clientId, { acr_values: 'mfa', prompt: 'none' });
    expect(await answerOf(walk.browser, url)).toMatchObject({ error: 'login_required' });
  });
});
