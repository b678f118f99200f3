/** Attacks on the hosted pages that fail (contract/authentication.md 2; every one of the list that touches a page). */
import { request as httpRequest } from 'node:http';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { alertOf, formOf, HostedScene, likeness, type Walk } from '../support/hosted-login.ts';
import { type App, startApp } from '../support/start-app.ts';

const STEPS = [
  'password',
  'methods',
  'email-code',
  'sms-code',
  'link',
  'sign-up-code',
  'reset-code',
  'new-password',
  'change-password',
];
const FIRST = { first_page: 'identifier' };

describe.each(policyStorages)('attacks on the hosted pages ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  let hosted: HostedScene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    hosted = await HostedScene.set(app, { allow_public_signup: true, hosted_login: FIRST });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const withPrimary = (primary_method: string) =>
    HostedScene.set(app, { hosted_login: { ...FIRST, primary_method } });
  /** A begun sign-in, one step after the identifier. */
  const identified = async (scene: HostedScene, identifier = scene.email) =>
    (await scene.begin()).send({ identifier });
  const post = (walk: Walk, step: string, fields: Record<string, string>, headers = {}) => {
    const url = new URL(`/login/${walk.uid}/${step}`, app.url);
    return fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: walk.browser.cookies.headerFor(url), origin: url.origin, ...headers },
      body: new URLSearchParams({ ...formOf(walk.page).fields, ...fields }),
    });
  };

  it.each(STEPS)('does not open the step %s by its address, nor take a form there', async (step) => {
    const walk = await hosted.begin();
    const fields = { password: 'A-new-Pass-word-1', code: '123456', current: 'x', method: 'password' };
    const answer = await post(walk, step, fields);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/login/${walk.uid}`]);
    await walk.open(`${app.url}/login/${walk.uid}/${step}`);
    expect([walk.step, walk.page.status]).toEqual(['', 200]);
  });

  it('does not skip the code of a reset, whatever was sent before', async () => {
    const walk = await (await hosted.begin()).send({ action: 'forgot', identifier: hosted.email });
    await walk.send({ channel: 'email' });
    const answer = await post(walk, 'new-password', { password: 'A-new-Pass-word-1' });
    expect(answer.headers.get('location')).toBe(`/login/${walk.uid}`);
    await walk.open(`${app.url}/login/${walk.uid}/new-password`);
    expect(walk.step).toBe('reset-code');
  });

  it.each([
    ['a NUL', 'a\0b'],
    ['a kilobyte of text', 'x'.repeat(1024)],
    ['more text than a field takes', 'x'.repeat(9000)],
    ['half a character', `a${String.fromCharCode(0xd83d)}`],
  ])('takes %s as a form like any other, and stays up', async (_what, text) => {
    for (const action of ['', 'methods', 'forgot', 'sign-up']) {
      const walk = await (await hosted.begin()).send({ identifier: text, action });
      expect([200, 400]).toContain(walk.page.status);
      if (walk.step !== '')
        await walk.send({ channel: 'email', identifier: text, email: text, method: text });
      expect([200, 400]).toContain(walk.page.status);
    }
  });

  it('knows no step of a foreign name, and redirects nowhere else (open redirect)', async () => {
    const walk = await hosted.begin();
    for (const path of [
      '//evil.example.com',
      '/%2F%2Fevil.example.com',
      '/..%2Fevil',
      '?return_to=https://evil.example.com',
    ]) {
      const url = `${app.url}/login/${walk.uid}${path}`;
      const headers = { cookie: walk.browser.cookies.headerFor(walk.page.url) };
      const answer = await fetch(url, { redirect: 'manual', headers });
      expect(answer.headers.get('location') ?? `/login/${walk.uid}`).toBe(`/login/${walk.uid}`);
    }
    const fields = {
      action: 'cancel',
      redirect_uri: 'https://evil.example.com',
      return_to: '//evil.example.com',
    };
    await walk.send(fields);
    expect(walk.page.url.href).toMatch(/^https:\/\/rp\.example\.com\/callback\?error=access_denied/);
  });

  it('sends headers against framing, storing and script with every step (clickjacking)', async () => {
    const walks = [await hosted.begin(), await identified(hosted)];
    const [, second] = walks as [Walk, Walk];
    walks.push(await identified(hosted));
    await walks[2]?.send({ action: 'methods' });
    walks.push(await (await hosted.begin()).send({ action: 'sign-up' }));
    walks.push(await (await hosted.begin()).send({ action: 'forgot' }));
    walks.push(await (await identified(hosted)).send({ password: 'Wrong-password-1' }));
    expect(second.step).toBe('password');
    for (const { page } of walks) {
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page.headers.get('x-frame-options')).toBe('DENY');
      expect(page.headers.get('cache-control')).toBe('no-store');
      expect(page.headers.get('referrer-policy')).toBe('same-origin');
      expect(page.html).not.toMatch(
        /<script(?! type="module" nonce="[^"]+" src="\/hosted\/passkey\/)|<[^>]+\s(on\w+|style)\s*=|javascript:/i,
      );
    }
  });

  it('takes no form that another site sends (login CSRF), at any step', async () => {
    const { password } = hosted.scene.person;
    const walk = await identified(hosted);
    for (const headers of [{ origin: 'https://evil.example.com' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await post(walk, 'password', { password }, headers)).status).toBe(403);
    expect((await post(walk, 'password', { password, csrf: 'x'.repeat(43) })).status).toBe(403);
    // The attacker's own form and guard, in the victim's browser.
    const attacker = await identified(hosted);
    const { csrf = '' } = formOf(attacker.page).fields;
    expect((await post(walk, 'password', { password, csrf })).status).toBe(403);
  });

  it('gives nothing to whom planted their own session or interaction in a browser (session fixation)', async () => {
    const attacker = await hosted.begin();
    const planted = attacker.browser.cookies.headerFor(new URL(`${app.issuer}/auth`));
    const victim = new Browser(app);
    for (const { header } of attacker.browser.cookies.all()) {
      const headers = new Headers();
      headers.append('set-cookie', header);
      victim.cookies.store(attacker.page.url, headers);
    }
    const { password, userId } = hosted.scene.person;
    const walk = await (await hosted.begin({}, victim)).send({ identifier: hosted.email });
    await walk.send({ password });
    expect(await walk.claims()).toMatchObject({ sub: userId });
    // The attacker still has what was planted, and is nobody with it.
    const url = (await hosted.scene.rp.authorize({ prompt: 'none' })).url;
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie: planted } });
    expect(new URL(String(answer.headers.get('location'))).searchParams.get('error')).toBe('login_required');
    const silent = await hosted.begin({ prompt: 'none' }, attacker.browser);
    expect(silent.page.url.searchParams.get('error')).toBe('login_required');
  });

  it('builds links on the configured address whatever a request says (host-header poisoning)', async () => {
    const scene = await withPrimary('magic_link');
    const walk = await scene.begin();
    const { action, fields } = formOf(walk.page);
    const body = new URLSearchParams({ ...fields, identifier: scene.email }).toString();
    const status = await new Promise<number>((resolve, reject) => {
      const sent = httpRequest(
        { host: '127.0.0.1', port: app.port, path: action.pathname, method: 'POST' },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      sent.setHeader('host', 'evil.example.com');
      sent.setHeader('x-forwarded-host', 'evil.example.com');
      sent.setHeader('forwarded', 'host=evil.example.com;proto=https');
      sent.setHeader('cookie', walk.browser.cookies.headerFor(action));
      sent.setHeader('content-type', 'application/x-www-form-urlencoded');
      sent.on('error', reject).end(body);
    });
    expect(status).toBe(303);
    const { text, html } = await scene.lastMessageTo(scene.email);
    expect(await scene.lastLinkTo(scene.email)).toContain(
      `${new URL(app.issuer).origin}/login/${walk.uid}/link`,
    );
    expect(text + html).not.toContain('evil.example.com');
  });

  describe('a link', () => {
    it('does nothing in another browser, says so, and is still good where it belongs', async () => {
      const scene = await withPrimary('magic_link');
      const walk = await identified(scene);
      const link = await scene.lastLinkTo(scene.email);
      const foreign = await new Browser(app).open(link);
      expect([foreign.status, foreign.html.includes('Open this link where you began')]).toEqual([400, true]);
      expect(foreign.forms).toEqual([]);
      const other = await identified(scene);
      const secret = new URL(link).searchParams.get('secret') ?? '';
      await other.open(`${app.url}/login/${other.uid}/link?secret=${secret}`);
      expect([other.page.status, alertOf(other.page)]).toEqual([400, expect.stringMatching(/does not work/)]);
      expect((await other.browser.open(link)).status).toBe(400);
      await walk.open(link);
      expect(await walk.claims()).toMatchObject({ amr: ['eml'], sub: scene.scene.person.userId });
    });

    it('works once, however often and from wherever it is opened', async () => {
      const scene = await withPrimary('magic_link');
      const walk = await identified(scene);
      const link = await scene.lastLinkTo(scene.email);
      const pages = await Promise.all([1, 2, 3].map(() => walk.browser.open(link)));
      expect(pages.filter(({ url }) => url.searchParams.has('code'))).toHaveLength(1);
      expect((await walk.browser.open(link)).status).toBe(400);
    });
  });

  describe('a code', () => {
    it('works once, however often it is sent', async () => {
      const scene = await withPrimary('email_otp');
      const walk = await identified(scene);
      const [form, code] = [formOf(walk.page), await scene.lastCodeTo(scene.email)];
      const pages = await Promise.all([1, 2, 3].map(() => walk.browser.submit(form, { code })));
      expect(pages.filter(({ url }) => url.searchParams.has('code'))).toHaveLength(1);
      const later = await identified(scene);
      expect((await later.send({ code })).page.status).toBe(401);
    });

    it('is no use in another sign-in of the same person, nor for another purpose', async () => {
      const scene = await withPrimary('email_otp');
      const [left, right] = [await identified(scene), await identified(scene)];
      const code = await scene.lastCodeTo(scene.email);
      expect((await left.send({ code })).page.status).toBe(401);
      await right.send({ action: 'resend' });
      const signIn = await scene.lastCodeTo(scene.email);
      const reset = await (await scene.begin()).open(`${app.url}/login/${(await scene.begin()).uid}`);
      expect(reset.page.status).toBe(400);
      const walk = await scene.begin();
      await walk.open(`${app.url}/login/${walk.uid}/forgotten`);
      await walk.send({ identifier: scene.email, channel: 'sms' });
      expect((await walk.send({ code: signIn })).page.status).toBe(401);
    });

    it('is guessed at five times, over all processes, known or not; then not even the right one is taken', async () => {
      const scene = await withPrimary('email_otp');
      const other = name === 'embedded' ? app : await startApp({ ...storage, like: app });
      try {
        for (const identifier of [scene.email, 'nobody-here@example.com']) {
          const walk = await identified(scene, identifier);
          const right = identifier === scene.email ? await scene.lastCodeTo(scene.email) : '123456';
          const wrong = right === '000000' ? '111111' : '000000';
          const answers = [];
          for (let guess = 0; guess < 5; guess++) {
            const at = guess % 2 === 0 ? app : other;
            const url = new URL(`/login/${walk.uid}/email-code`, app.url);
            const answer = await fetch(new URL(url.pathname, at.url), {
              method: 'POST',
              redirect: 'manual',
              headers: { cookie: walk.browser.cookies.headerFor(url) },
              body: new URLSearchParams({ ...formOf(walk.page).fields, code: wrong }),
            });
            answers.push(answer.status);
          }
          expect(answers).toEqual([401, 401, 401, 401, 401]);
          await walk.send({ code: right });
          expect([walk.page.status, alertOf(walk.page)]).toEqual([
            429,
            expect.stringMatching(/too many failed/),
          ]);
          // A new interaction is no new chance.
          const again = await identified(scene, identifier);
          const code = identifier === scene.email ? await scene.lastCodeTo(scene.email) : '123456';
          expect((await again.send({ code })).page.status).toBe(429);
        }
      } finally {
        if (other !== app) await other.stop();
        if (other !== app) await other.discard();
      }
    });
  });

  describe('enumeration', () => {
    const STRANGER = 'stranger-of-all@example.com';

    it.each(['password', 'email_otp', 'sms_otp', 'magic_link'])(
      'shows strangers what it shows users, with %s, and sends them nothing',
      async (method) => {
        const scene = await withPrimary(method);
        const [known, unknown] = [await identified(scene), await identified(scene, STRANGER)];
        const same = () => {
          expect([unknown.page.status, unknown.step]).toEqual([known.page.status, known.step]);
          expect(likeness(unknown.page, STRANGER, unknown.uid)).toBe(
            likeness(known.page, scene.email, known.uid),
          );
          expect([...unknown.page.headers.keys()]).toEqual([...known.page.headers.keys()]);
        };
        same();
        const values = { code: '000000', password: 'Wrong-password-1' };
        for (const walk of [known, unknown])
          await walk.send(method === 'magic_link' ? { action: 'resend' } : values);
        same();
        expect(await scene.messagesTo(STRANGER)).toEqual([]);
      },
    );

    it('does not tell who has a password to be reset, nor who may not sign in', async () => {
      const disabled = await HostedScene.set(app);
      await disabled.admin.put(`/v1/users/${disabled.scene.person.userId}`, { status: 'Disabled' });
      const walks = [];
      for (const identifier of [disabled.email, STRANGER, hosted.email]) {
        const walk = await (await hosted.begin()).send({ action: 'forgot', identifier });
        await walk.send({ channel: 'email' });
        walks.push(likeness(walk.page, identifier));
      }
      expect(walks[1]).toBe(walks[0]);
      expect(walks[2]).toBe(walks[0]);
      expect(await hosted.messagesTo(disabled.email)).toEqual([]);
    });

    it('sends as seldom to strangers as to users: five in a minute', async () => {
      const scene = await withPrimary('email_otp');
      for (const identifier of [scene.email, 'often@example.com']) {
        const walk = await identified(scene, identifier);
        const statuses = [];
        for (let turn = 0; turn < 6; turn++)
          statuses.push((await walk.send({ action: 'resend' })).page.status);
        expect(statuses).toEqual([200, 200, 200, 200, 429, 429]);
        expect(Number(walk.page.headers.get('retry-after'))).toBeGreaterThan(0);
      }
      expect((await scene.messagesTo(scene.email)).length).toBe(5);
    });

    it.each(['email_otp', 'sms_otp', 'magic_link'])(
      'does not tell by the limit of %s that two identifiers are of one account, nor sends more for it',
      async (method) => {
        const scene = await withPrimary(method);
        const to = method === 'sms_otp' ? scene.phone : scene.email;
        const tries = async (identifier: string) => {
          const walk = await identified(scene, identifier);
          const statuses = [walk.page.status];
          for (let turn = 0; turn < 4; turn++)
            statuses.push((await walk.send({ action: 'resend' })).page.status);
          return { statuses, page: walk.page };
        };
        const [first, second] = [await tries(scene.phone), await tries(scene.email)];
        expect([first.statuses, second.statuses]).toEqual([Array(5).fill(200), Array(5).fill(200)]);
        const stranger = await tries(`nobody-${method}@example.com`);
        expect(likeness(second.page, scene.email)).toBe(
          likeness(stranger.page, `nobody-${method}@example.com`),
        );
        expect((await scene.messagesTo(to)).length).toBe(5);
      },
    );

    it('takes about as long for strangers as for users', async () => {
      const scene = await withPrimary('email_otp');
      const others = await Promise.all([withPrimary('email_otp'), withPrimary('email_otp')]);
      const measure = async (identifier: string): Promise<number> => {
        const walk = await scene.begin();
        const form = formOf(walk.page);
        const began = performance.now();
        await walk.browser.submit(form, { identifier });
        return performance.now() - began;
      };
      const [known, unknown]: [number[], number[]] = [[], []];
      for (let turn = 0; turn < 12; turn++) {
        const person = [scene, ...others][turn % 3] as HostedScene;
        known.push(await measure(person.email));
        unknown.push(await measure(`stranger-${turn}@example.com`));
      }
      const median = (list: number[]) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
      const ratio = median(known) / median(unknown);
      expect(ratio).toBeGreaterThan(0.5);
      expect(ratio).toBeLessThan(2);
    });
  });
});
