/** Every way to sign in on the hosted pages ends in a code with the right amr (contract/authentication.md 2; oidc.md 3.1, 3.3). */
import pg from 'pg';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { alertOf, HostedScene, headingOf, type Walk } from '../support/hosted-login.ts';
import { type App, startApp } from '../support/start-app.ts';

const WRONG = 'Wrong-password-1';
const FRESH = 'Another-Good-Pass9-of-mine';
const FIRST = { hosted_login: { first_page: 'identifier' } };

describe.each(policyStorages)('hosted login ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  /** Identifier and password on one page: the default. */
  let onePage: HostedScene;
  /** The identifier alone first. */
  let first: HostedScene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    [onePage, first] = [await HostedScene.set(app), await HostedScene.set(app, FIRST)];
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const expectClaims = async (walk: Walk, sub: string, amr: string[]) => {
    const claims = await walk.claims();
    expect(claims).toMatchObject({ sub, amr, acr: amr.includes('mfa') ? 'mfa' : '' });
    expect(Math.abs(Number(claims.auth_time) - Date.now() / 1000)).toBeLessThan(30);
  };
  const withPrimary = (primary_method: string) =>
    HostedScene.set(app, { hosted_login: { first_page: 'identifier', primary_method } });

  it('asks for the identifier first and the password then, where the application wants it so', async () => {
    const walk = await first.begin();
    expect([walk.step, headingOf(walk.page)]).toEqual(['', 'Sign in']);
    expect(walk.page.html).not.toContain('type="password"');
    await walk.send({ identifier: first.email });
    expect([walk.step, headingOf(walk.page)]).toEqual(['password', 'Enter your password']);
    await walk.send({ password: WRONG });
    expect([walk.page.status, alertOf(walk.page)]).toEqual([
      401,
      'The identifier or the password is not right.',
    ]);
    await walk.send({ password: first.scene.person.password });
    await expectClaims(walk, first.scene.person.userId, ['pwd']);
  });

  it('signs in with an email code, typed in spaces and brackets or not', async () => {
    const hosted = await withPrimary('email_otp');
    const walk = await (await hosted.begin()).send({
      identifier: hosted.phone.replace(/(\d{3})(\d{4})$/, ' ($1) $2'),
    });
    expect([walk.step, headingOf(walk.page)]).toEqual(['email-code', 'Enter the code']);
    expect(walk.page.html).toMatch(/<input id="code"[^>]*autocomplete="one-time-code" inputmode="numeric"/);
    // The address that was found is not told to whom only knows the number.
    expect(walk.page.html).not.toContain(hosted.email);
    await walk.send({ code: ` ${await hosted.lastCodeTo(hosted.email)} ` });
    await expectClaims(walk, hosted.scene.person.userId, ['eotp']);
    const user = await hosted.admin.get(`/v1/users/${hosted.scene.person.userId}`);
    expect(user.body.result?.email ?? user.body.email).toMatchObject({ email_verified: true });
  });

  it('signs in with a text message', async () => {
    const hosted = await withPrimary('sms_otp');
    const walk = await (await hosted.begin()).send({ identifier: hosted.email });
    expect(walk.step).toBe('sms-code');
    await walk.send({ code: await hosted.lastCodeTo(hosted.phone) });
    await expectClaims(walk, hosted.scene.person.userId, ['sms']);
  });

  it('signs in with a link that is opened in the same browser', async () => {
    const hosted = await withPrimary('magic_link');
    const walk = await (await hosted.begin()).send({ identifier: hosted.email });
    expect([walk.step, headingOf(walk.page)]).toEqual(['link', 'Check your email']);
    const link = await hosted.lastLinkTo(hosted.email);
    expect(new URL(link).pathname).toBe(`/login/${walk.uid}/link`);
    await walk.open(link);
    await expectClaims(walk, hosted.scene.person.userId, ['eml']);
  });

  it('sends a new code or link on request, and only the newest code is good', async () => {
    const walk = await (await first.begin()).send({ identifier: first.email });
    await walk.send({ action: 'methods' });
    await walk.send({ method: 'email_otp' });
    const old = await first.lastCodeTo(first.email);
    await walk.send({ action: 'resend' });
    const code = await first.lastCodeTo(first.email);
    if (old !== code) expect((await walk.send({ code: old })).page.status).toBe(401);
    await walk.send({ code });
    await expectClaims(walk, first.scene.person.userId, ['eotp']);
  });

  it('offers the other ways that the application has, and no others', async () => {
    const some = { hosted_login: { secondary_methods: ['sms_otp', 'magic_link'] } };
    const hosted = await HostedScene.set(app, some);
    const walk = await (await hosted.begin()).send({ action: 'methods', identifier: hosted.email });
    expect(walk.step).toBe('methods');
    const offered = [...walk.page.html.matchAll(/name="method" value="(\w+)"/g)].map(([, method]) => method);
    expect(offered).toEqual(['password', 'sms_otp', 'magic_link']);
    // A way that is switched off begins nothing, whoever writes the form.
    await walk.send({ method: 'email_otp' });
    expect(walk.step).toBe('');
    expect(await hosted.messagesTo(hosted.email)).toEqual([]);
    await walk.send({ action: 'methods', identifier: hosted.email });
    await walk.send({ method: 'sms_otp' });
    await walk.send({ code: await hosted.lastCodeTo(hosted.phone) });
    await expectClaims(walk, hosted.scene.person.userId, ['sms']);
  });

  it('has no button for other ways, forgotten passwords or sign-up where the application has none', async () => {
    const bare = { hosted_login: { secondary_methods: [], forgotten_password: false } };
    const hosted = await HostedScene.set(app, bare);
    const walk = await hosted.begin();
    for (const action of ['methods', 'forgot', 'sign-up'])
      expect(walk.page.html).not.toContain(`value="${action}"`);
    for (const step of ['forgotten', 'sign-up', 'methods']) {
      await walk.open(`${app.url}/login/${walk.uid}/${step}`);
      expect(walk.step).toBe('');
    }
  });

  it('takes only the identifiers that the application has', async () => {
    const hosted = await HostedScene.set(app, {
      hosted_login: { identifiers: ['phone_number', 'username'] },
    });
    const walk = await hosted.begin();
    expect(walk.page.html).toContain('>Phone number or username</label>');
    const { password } = hosted.scene.person;
    expect((await walk.send({ identifier: hosted.email, password })).page.status).toBe(401);
    await walk.send({ identifier: hosted.phone, password });
    await expectClaims(walk, hosted.scene.person.userId, ['pwd']);
  });

  describe('a forgotten password', () => {
    it.each([
      ['email', 'eotp'],
      ['sms', 'sms'],
    ])(
      'is replaced with a code by %s, which signs in with that factor and ends other sessions',
      async (channel, factor) => {
        const hosted = await HostedScene.set(app);
        const { userId, password } = hosted.scene.person;
        const other = await hosted.begin();
        await (await other.send({ identifier: hosted.email, password })).claims();
        const walk = await (await hosted.begin({ prompt: 'login' }, other.browser)).send({
          action: 'forgot',
        });
        expect(walk.step).toBe('forgotten');
        await walk.send({ identifier: hosted.email, channel });
        await walk.send({ code: await hosted.lastCodeTo(channel === 'email' ? hosted.email : hosted.phone) });
        expect(walk.step).toBe('new-password');
        await walk.send({ password: 'short' });
        expect(walk.page.status).toBe(400);
        expect(alertOf(walk.page)).toMatch(/at least 14 characters[\s\S]*4 of: lower case/);
        expect(walk.page.html).toMatch(/<input id="password"[^>]*aria-invalid="true" autofocus/);
        await walk.send({ password: FRESH });
        await expectClaims(walk, userId, [factor]);
        const again = await hosted.begin({}, new Browser(app));
        expect((await again.send({ identifier: hosted.email, password })).page.status).toBe(401);
        await again.send({ identifier: hosted.email, password: FRESH });
        await expectClaims(again, userId, ['pwd']);
      },
    );

    it('ends the sessions of other browsers', async () => {
      const hosted = await HostedScene.set(app);
      const { password } = hosted.scene.person;
      const other = await (await hosted.begin()).send({ identifier: hosted.email, password });
      const walk = await (await hosted.begin()).send({ action: 'forgot', identifier: hosted.email });
      await walk.send({ channel: 'email' });
      await walk.send({ code: await hosted.lastCodeTo(hosted.email) });
      await walk.send({ password: FRESH });
      await walk.claims();
      const silent = await hosted.begin({ prompt: 'none' }, other.browser);
      expect(silent.page.url.searchParams.get('error')).toBe('login_required');
    });

    it('needs both channels where the application asks for two factors, and counts as two (requireMFA)', async () => {
      const password = {
        requireMFA: true,
        resetValidityMinutes: 5,
        passwordComplexity: 4,
        passwordMinLength: 12,
        passwordExpiresIn: 90,
        blockPreviousPasswords: 0,
        message: { primaryColor: '#336699' },
      };
      const hosted = await HostedScene.set(app);
      const path = `/loginPreferences/${hosted.scene.appId}/authMethods`;
      const set = await hosted.admin.put(path, { password });
      expect([set.status, set.body.message]).toEqual([200, undefined]);
      const walk = await (await hosted.begin()).send({ action: 'forgot', identifier: hosted.email });
      await walk.send({ channel: 'email' });
      await walk.send({ code: await hosted.lastCodeTo(hosted.email) });
      expect([walk.step, walk.page.html.includes('phone')]).toEqual(['reset-code', true]);
      await walk.open(`${app.url}/login/${walk.uid}/new-password`);
      expect(walk.step).toBe('reset-code');
      await walk.send({ code: await hosted.lastCodeTo(hosted.phone) });
      await walk.send({ password: FRESH });
      await expectClaims(walk, hosted.scene.person.userId, ['eotp', 'sms', 'mfa']);
    });
  });

  describe('a password that has to be changed', () => {
    const change = async (hosted: HostedScene, password: string, words: string) => {
      const walk = await (await hosted.begin()).send({ identifier: hosted.email, password });
      expect([walk.step, headingOf(walk.page)]).toEqual(['change-password', 'Change your password']);
      expect(walk.page.html).toContain(words);
      expect((await walk.send({ current: WRONG, password: FRESH })).page.status).toBe(401);
      expect((await walk.send({ current: password, password })).page.status).toBe(400);
      const weak = await walk.send({ current: password, password: 'weak' });
      expect([weak.page.status, alertOf(weak.page)]).toEqual([400, expect.stringMatching(/at least 14/)]);
      // Nobody is signed in meanwhile.
      const silent = await hosted.begin({ prompt: 'none' }, walk.browser);
      expect(silent.page.url.searchParams.get('error')).toBe('login_required');
      await walk.send({ current: password, password: FRESH });
      await expectClaims(walk, hosted.scene.person.userId, ['pwd']);
    };

    it('because it is temporary, is replaced on the way', async () => {
      const hosted = await HostedScene.set(app);
      const temporary = 'Temporary-Pass-4-you';
      const path = `/v1/users/${hosted.scene.person.userId}/password`;
      const set = await hosted.admin.put(path, { password: temporary, force_replace: true });
      expect([200, 204]).toContain(set.status);
      await change(hosted, temporary, 'temporary one');
    });

    // Rows can be aged from outside only where there is a Postgres.
    const itOnPostgres = name === 'postgres+redis' ? it : () => undefined;
    itOnPostgres('because it has expired, is replaced on the way', async () => {
      const hosted = await HostedScene.set(app);
      const client = new pg.Client({ connectionString: String(storage.databaseUrl) });
      await client.connect();
      const aged = await client
        .query(`update users set password_updated_at = now() - interval '91 days' where user_id = $1`, [
          hosted.scene.person.userId,
        ])
        .finally(() => client.end());
      expect(aged.rowCount).toBe(1);
      await change(hosted, hosted.scene.person.password, 'has expired');
    });
  });

  describe('a browser with a session', () => {
    it('is offered its account for prompt=login, and has to prove it all the same (oidc.md 3.3)', async () => {
      const { password, userId } = first.scene.person;
      const before = await (await first.begin()).send({ identifier: first.email });
      await (await before.send({ password })).claims();
      const walk = await first.begin({ prompt: 'login' }, before.browser);
      expect(headingOf(walk.page)).toBe('Choose an account');
      expect(walk.page.html).toContain(`Continue as ${first.email}`);
      await walk.send({ action: 'continue' });
      expect(walk.step).toBe('password');
      expect((await walk.send({ password: '' })).page.status).toBe(400);
      await walk.send({ password });
      await expectClaims(walk, userId, ['pwd']);
    });

    it('can sign in as somebody else, and then is somebody else everywhere', async () => {
      const other = await HostedScene.set(app, FIRST);
      const before = await (await first.begin()).send({ identifier: first.email });
      await (await before.send({ password: first.scene.person.password })).claims();
      const walk = await first.begin({ prompt: 'login' }, before.browser);
      await walk.send({ action: 'restart' });
      expect([headingOf(walk.page), walk.page.html.includes(first.email)]).toEqual(['Sign in', false]);
      await walk.send({ identifier: other.email });
      await walk.send({ password: other.scene.person.password });
      await expectClaims(walk, other.scene.person.userId, ['pwd']);
      const silent = await first.begin({ prompt: 'none' }, before.browser);
      expect(await silent.claims()).toMatchObject({ sub: other.scene.person.userId });
    });
  });

  it('ends at the application with access_denied where the person cancels, at any step', async () => {
    for (const steps of [
      [],
      [{ identifier: first.email }],
      [{ identifier: first.email }, { action: 'methods' }],
    ]) {
      const walk = await first.begin();
      for (const values of steps) await walk.send(values as Record<string, string>);
      await walk.send({ action: 'cancel' });
      expect(walk.page.url.searchParams.get('error')).toBe('access_denied');
      expect(walk.page.url.searchParams.get('state')).toBe(walk.request.checks.expectedState);
    }
  });

  describe('what a page shows', () => {
    it.each([
      ['es', 'Iniciar sesión'],
      ['fr-CA', 'Se connecter'],
      ['pt-BR', 'Entrar'],
      ['ja', 'サインイン'],
      ['xx fr', 'Se connecter'],
      ['de', 'Sign in'],
    ])('speaks the first language of ui_locales that it can: %s', async (ui_locales, heading) => {
      const walk = await onePage.begin({ ui_locales });
      expect(headingOf(walk.page)).toBe(heading);
      const lang = /<html lang="(\w+)">/.exec(walk.page.html)?.[1];
      expect(lang).toBe(
        { es: 'es', 'fr-CA': 'fr', 'pt-BR': 'pt', ja: 'ja', 'xx fr': 'fr' }[ui_locales] ?? 'en',
      );
      await walk.send({ identifier: 'nobody@example.com', password: WRONG });
      expect(alertOf(walk.page)).not.toBe('');
    });

    it('speaks the language of the browser where the request names none', async () => {
      const walk = await onePage.begin();
      const headers = {
        cookie: walk.browser.cookies.headerFor(walk.page.url),
        'accept-language': 'de, ja;q=0.8',
      };
      const answer = await fetch(walk.page.url, { headers });
      expect(await answer.text()).toContain('<html lang="ja">');
    });

    it('is in the language of the person for the sign-out question and for errors, too', async () => {
      const { password } = onePage.scene.person;
      const { browser } = await (await onePage.begin()).send({ identifier: onePage.email, password });
      const signOut = await browser.open(`${app.issuer}/session/end?ui_locales=fr`);
      expect([headingOf(signOut), signOut.html.includes('<html lang="fr">')]).toEqual([
        'Se déconnecter ?',
        true,
      ]);
      const headers = { accept: 'text/html', 'accept-language': 'es' };
      const wrong = await fetch(`${app.issuer}/auth?client_id=nobody`, { headers });
      const error = await wrong.text();
      expect(error).toContain('<h1>Esta solicitud no se puede completar</h1>');
      expect(error).toContain('<p>La aplicación que te ha enviado aquí no se conoce o ya no se usa.</p>');
      expect(error).toContain('lang="en">invalid_client: unknown client, or wrong secret</p>');
      const closed = await fetch(`${app.url}/login/no-such-interaction`, { headers });
      expect(await closed.text()).toContain('ya no está abierto');
    });

    it('says why a password is refused in the language of the page', async () => {
      await onePage.configure({ allow_public_signup: true });
      const walk = await (await onePage.begin({ ui_locales: 'es' })).send({ action: 'sign-up' });
      await walk.send({ email: 'nueva@example.com', password: 'corta' });
      expect(alertOf(walk.page)).toContain('La contraseña debe tener al menos 14 caracteres');
    });

    it('shows names, custom_message and login_hint as text, and the logo within the policy', async () => {
      const logo =
        'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
      const hosted = await HostedScene.set(app, { logo, hosted_login: { primary_color: '#ffdd00' } });
      const custom_message = '<img src=x onerror=alert(1)>Hello';
      const { page } = await hosted.begin({ custom_message, login_hint: '"><b>x' });
      expect(page.html).toContain('&lt;img src=x onerror=alert(1)&gt;Hello');
      expect(page.html).not.toContain('<b>x');
      expect(page.html).toContain('to continue to Shop web');
      expect(page.html).toContain(`<img src="${logo}" alt="Shop `);
      const policy = page.headers.get('content-security-policy')?.split('; ');
      expect(policy).toContain('img-src data:');
      expect(policy).toContain("default-src 'none'");
      const plain = await onePage.begin();
      expect(plain.page.headers.get('content-security-policy')).not.toContain('img-src');
      await hosted.configure({ logo: 'https://cdn.example.com/a/logo.png?x=1' });
      const linked = (await hosted.begin()).page.headers.get('content-security-policy')?.split('; ');
      expect(linked).toContain('img-src https://cdn.example.com');
    });
  });
});
