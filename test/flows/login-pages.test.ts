/** The hosted sign-in as a browser without script meets it, on its good days and on its bad ones. */
import pg from 'pg';
import { Browser, type Form, type Page, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

/** What two answers must share when only the identifier and the nonce may differ. */
const likeness = (page: Page, identifier: string): string =>
  page.html.replaceAll(identifier, 'IDENTIFIER').replace(/nonce="[^"]*"/g, 'nonce');

const nonceOf = (page: Page): string | undefined => /<style nonce="([^"]+)">/.exec(page.html)?.[1];

function expectPlainExpiredPage(page: Page): void {
  expect(page.status).toBe(400);
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  expect(page.html).toContain('no longer open');
  expect(page.forms).toEqual([]);
}

describe.each(policyStorages)('the sign-in pages ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const right = () => ({ identifier: scene.person.identifier, password: scene.person.password });
  async function begin(parameters: Record<string, string> = {}, browser = new Browser(app)) {
    const request = await scene.rp.authorize(parameters);
    const page = await browser.open(request.url);
    return { browser, request, page, form: signInForm(page) };
  }

  it('answers a wrong password and an unknown user with the same page', async () => {
    const { browser, form, request } = await begin();
    const unknown = 'nobody-at-all@example.com';
    const wrong = await browser.submit(form, { ...right(), password: 'Wrong-password-1' });
    const stranger = await browser.submit(form, { identifier: unknown, password: 'Wrong-password-1' });
    expect(wrong.status).toBe(401);
    expect(stranger.status).toBe(wrong.status);
    expect(likeness(stranger, unknown)).toBe(likeness(wrong, scene.person.identifier));
    expect([...stranger.headers.keys()]).toEqual([...wrong.headers.keys()]);
    expect(wrong.html).toContain('role="alert"');
    expect(wrong.html).not.toContain('Wrong-password-1');
    const arrival = await browser.submit(signInForm(wrong), right());
    expect((await scene.rp.redeem(arrival.url, request)).claims()?.sub).toBe(scene.person.userId);
  });

  it('refuses a form that does not come from its own page, and signs nobody in', async () => {
    const { browser, form } = await begin();
    const { csrf, ...bare } = form.fields;
    expect(csrf).toMatch(/^[\w-]+$/);
    const missing: Form = { ...form, fields: bare };
    for (const values of [right(), { ...right(), csrf: '' }, { ...right(), csrf: 'x'.repeat(43) }]) {
      const refused = await browser.submit(missing, values);
      expect(refused.status).toBe(403);
      expect(signInForm(refused).fields.csrf).toBe(csrf);
    }
    const foreign = await begin();
    const borrowed = await browser.submit(form, { ...right(), csrf: String(foreign.form.fields.csrf) });
    expect(borrowed.status).toBe(403);
    const after = await browser.open((await scene.rp.authorize({ prompt: 'none' })).url);
    expect(after.url.searchParams.get('error')).toBe('login_required');
  });

  it('refuses the right form when another site sends it', async () => {
    const { browser, form } = await begin();
    for (const header of [{ origin: 'https://evil.example.com' }, { 'sec-fetch-site': 'cross-site' }]) {
      const answer = await fetch(form.action, {
        method: 'POST',
        redirect: 'manual',
        headers: { accept: 'text/html', cookie: browser.cookies.headerFor(form.action), ...header },
        body: new URLSearchParams({ ...form.fields, ...right() }),
      });
      expect(answer.status).toBe(403);
    }
  });

  it('asks a browser to sign in again whose user was disabled or deleted meanwhile (R166)', async () => {
    const admin = api(app, await adminToken(app));
    for (const end of ['disable', 'delete'] as const) {
      const other = await setScene(app);
      const browser = new Browser(app);
      await other.rp.signIn(app, other.person, { browser });
      const ended =
        end === 'disable'
          ? await admin.put(`/v1/users/${other.person.userId}`, { status: 'Disabled' })
          : await admin.delete(`/v1/manage/users/${other.person.userId}`);
      expect([200, 204]).toContain(ended.status);
      const silent = await browser.open((await other.rp.authorize({ prompt: 'none' })).url);
      expect(silent.url.searchParams.get('error')).toBe('login_required');
      const page = await browser.open((await other.rp.authorize()).url);
      expect(page.status).toBe(200);
      const { identifier, password } = other.person;
      expect((await browser.submit(signInForm(page), { identifier, password })).status).toBe(401);
    }
  });

  it('answers the back button after a finished sign-in with a plain page', async () => {
    const { browser, form, request } = await begin();
    const arrival = await browser.submit(form, right());
    expect(arrival.status).toBe(0);
    expectPlainExpiredPage(await browser.submit(form, right()));
    expectPlainExpiredPage(await browser.open(form.action));
    const uid = form.action.pathname.split('/').pop();
    const resumed = await browser.open(`${app.issuer}/auth/${uid}`);
    expect(resumed.status).toBe(400);
    expect(resumed.html).toContain('start again');
    // What the person has already got is still good.
    expect((await scene.rp.redeem(arrival.url, request)).claims()?.sub).toBe(scene.person.userId);
  });

  it('answers a sign-in of another browser, or of none, with a plain page', async () => {
    const [mine, other] = [await begin(), await begin()];
    expectPlainExpiredPage(await new Browser(app).open(mine.form.action));
    expectPlainExpiredPage(await new Browser(app).submit(mine.form, right()));
    expectPlainExpiredPage(await other.browser.submit(mine.form, right()));
    expectPlainExpiredPage(await mine.browser.open(`${app.url}/login/no-such-interaction`));
  });

  // Rows can be aged from outside only where Postgres keeps the short-lived state.
  const itOnPostgres = name === 'postgres' ? it : () => undefined;
  itOnPostgres('answers an expired sign-in with a plain page', async () => {
    const { browser, form } = await begin();
    const client = new pg.Client({ connectionString: String(storage.databaseUrl) });
    await client.connect();
    const aged = await client
      .query("update ephemeral_items set expires_at = now() - interval '1 s' where kind = 'Interaction'")
      .finally(() => client.end());
    expect(aged.rowCount).toBeGreaterThan(0);
    expectPlainExpiredPage(await browser.submit(form, right()));
    expectPlainExpiredPage(await browser.open(form.action));
  });

  it('brings two tabs of one browser to the application, one after the other and at once', async () => {
    for (const isAtOnce of [false, true]) {
      const browser = new Browser(app);
      const [left, other] = [await begin({}, browser), await begin({}, browser)];
      expect(left.form.action.href).not.toBe(other.form.action.href);
      const submit = (tab: typeof left) => browser.submit(tab.form, right());
      const arrivals = isAtOnce
        ? await Promise.all([submit(left), submit(other)])
        : [await submit(left), await submit(other)];
      for (const [at, tab] of [left, other].entries()) {
        const arrival = arrivals[at];
        expect(arrival).toMatchObject({ status: 0 });
        const tokens = await scene.rp.redeem(arrival?.url as URL, tab.request);
        expect(tokens.claims()?.sub).toBe(scene.person.userId);
      }
    }
  });

  it('sends a strict policy, and no script but the file that passkeys need, on every answer', async () => {
    const { browser, page, form } = await begin();
    const wrong = await browser.submit(form, { ...right(), password: 'Wrong-password-1' });
    const expired = await new Browser(app).open(form.action);
    for (const [answer, sources] of [
      [page, ' https:'],
      [wrong, ' https:'],
      [expired, ''],
    ] as const) {
      const script = [`script-src 'nonce-${nonceOf(answer)}'`, "connect-src 'self'"];
      expect(answer.headers.get('content-security-policy')?.split('; ')).toEqual([
        "default-src 'none'",
        `style-src 'nonce-${nonceOf(answer)}'`,
        `form-action 'self'${sources}`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
        ...(answer === expired ? [] : script),
      ]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('x-frame-options')).toBe('DENY');
      expect(answer.html).not.toMatch(
        /<script(?! type="module" nonce="[^"]+" src="\/hosted\/passkey\/)|<[^>]+\s(on\w+|style)\s*=|javascript:/i,
      );
    }
    expect(nonceOf(wrong)).not.toBe(nonceOf(page));
  });

  it('shows the identifier again, as text', async () => {
    const { browser, form } = await begin();
    const identifier = `"><script>alert('1')</script>&amp;\``;
    const page = await browser.submit(form, { identifier, password: 'Wrong-password-1' });
    expect(page.status).toBe(401);
    expect(page.html).not.toMatch(/<script>/i);
    expect(signInForm(page).fields).toMatchObject({ identifier, password: '' });
  });

  it('fills in login_hint, as text, and puts the focus on the password', async () => {
    const hint = `o'neil"><b>@example.com`;
    const { page, form } = await begin({ login_hint: hint });
    expect(form.fields).toMatchObject({ identifier: hint, password: '' });
    expect(page.html).not.toContain('<b>');
    expect(page.html).toMatch(/<input id="password"[^>]*\bautofocus\b/);
    expect((await begin()).page.html).toMatch(/<input id="identifier"[^>]*\bautofocus\b/);
  });

  it('answers an unregistered redirect_uri with a page of its own, never with a redirect', async () => {
    for (const redirect_uri of ['https://evil.example.com/callback', `${scene.rp.redirectUri}/more`]) {
      const page = await new Browser(app).open((await scene.rp.authorize({ redirect_uri })).url);
      expect(page.status).toBe(400);
      expect(page.url.pathname).toBe('/oidc/auth');
      expect(page.headers.get('content-type')).toMatch(/^text\/html/);
      expect(page.html).toContain('<h1>This request cannot be completed</h1>');
      expect(page.html).not.toContain('evil.example.com');
      expect(page.forms).toEqual([]);
    }
  });
});
