/** Attacks on the account pages that fail (issue 5: login CSRF, clickjacking, enrolment without re-authentication). */
import { URI } from 'otpauth';
import { AccountVisitor, codeSentTo, formFor, newPerson, type Person } from '../support/account.ts';
import { Browser, type Page, signIn } from '../support/browser.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api } from '../support/management.ts';
import { givePasskey, provePasskey } from '../support/own-passkeys.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

const PATHS = [
  'profile',
  'emails',
  'phones',
  'password',
  'authenticator',
  'passkeys',
  'sessions',
  'consents',
  'data',
  'delete',
];
const asksForLogin = (page: Page): boolean => page.url.pathname.startsWith('/login/');

async function allowTotp(app: App, scene: Scene): Promise<void> {
  const admin = api(app, await adminToken(app));
  await admin.put(`/loginPreferences/${scene.appId}/authMethods`, { totp: {} });
}

describe.each(policyStorages)('attacks on the account pages ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let count = 0;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    await allowTotp(app, scene);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });
  async function entered(tag: string): Promise<{ person: Person; visitor: AccountVisitor }> {
    const person = await newPerson(app, `${tag}-${count++}`);
    await signIn(app, (await scene.rp.authorize()).url, person.identifier, person.password);
    return { person, visitor: await AccountVisitor.enter(app, person) };
  }
  const stored = async ({ userId }: Person) =>
    (await api(app, await adminToken(app)).get(`/v1/users/${userId}`)).body.result;
  const post = (
    path: string,
    cookie: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ) =>
    fetch(app.url + path, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie, ...headers },
      body: new URLSearchParams(form),
    });

  /** A form of the visitor's own browser, with whatever values. */
  async function forge(visitor: AccountVisitor, path: string, values: Record<string, string>) {
    await visitor.open(path);
    const { fields } = formFor(await visitor.open('/account/profile'), 'save');
    const own = visitor.browser.cookies.headerFor(new URL(app.url + path));
    const profile = visitor.browser.cookies.headerFor(new URL(`${app.url}/account/profile`));
    const [, secret] = /tessera_form=([\w-]+)/.exec(profile) ?? [];
    const cookie = `tessera_form=${secret}; ${own.replace(/tessera_form=[\w-]+;? ?/g, '')}`;
    return post(path, cookie, { ...values, csrf: String(fields.csrf) });
  }

  it.each(PATHS)('shows %s to nobody without a session, and takes no form', async (name) => {
    const path = `/account/${name}`;
    expect(asksForLogin(await new Browser(app).open(path))).toBe(true);
    const answer = await post(path, '', { do: 'save', csrf: 'x' });
    expect([answer.status, answer.headers.get('location')]).toEqual([
      303,
      expect.stringContaining('/oidc/auth?'),
    ]);
  });

  it('refuses a form from another site, without its proof, or with the proof of another browser', async () => {
    const [{ person, visitor }, { visitor: attacker }] = [await entered('victim'), await entered('attacker')];
    const path = '/account/profile';
    const { fields } = formFor(await visitor.open(path), 'save');
    const { fields: foreign } = formFor(await attacker.open(path), 'save');
    const cookie = visitor.browser.cookies.headerFor(new URL(app.url + path));
    const evil = { ...fields, first_name: 'Mallory' };
    const answers = [
      await post(path, cookie, evil, { 'sec-fetch-site': 'cross-site' }),
      await post(path, cookie, evil, { origin: 'https://evil.example' }),
      await post(path, cookie, { ...evil, csrf: '' }),
      await post(path, cookie, { ...evil, csrf: String(foreign.csrf) }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect((await stored(person)).name).toBeUndefined();
    const own = await post(path, cookie, evil, { origin: app.url, 'sec-fetch-site': 'same-origin' });
    expect([own.status, (await stored(person)).name]).toEqual([303, { first_name: 'Mallory' }]);
  });

  it.each(['', ...PATHS.map((name) => `/${name}`)])(
    'lets nobody frame, store or script /account%s',
    async (name) => {
      const { visitor } = await entered('frame');
      const { headers } = await visitor.open(`/account${name}`);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain('script-src');
      expect([headers.get('x-frame-options'), headers.get('cache-control')]).toEqual(['DENY', 'no-store']);
    },
  );

  it('ends for a user who was disabled, at once', async () => {
    const { person, visitor } = await entered('disabled');
    const page = await visitor.open('/account/profile');
    const admin = api(app, await adminToken(app));
    expect((await admin.put(`/v1/users/${person.userId}`, { status: 'Disabled' })).status).toBe(200);
    expect(asksForLogin(await visitor.browser.submit(formFor(page, 'save'), { first_name: 'Late' }))).toBe(
      true,
    );
    expect(asksForLogin(await visitor.open('/account'))).toBe(true);
    expect((await stored(person)).name).toBeUndefined();
  });

  it.each([
    ['profile', ['save']],
    ['emails', ['add', 'confirm', 'cancel', 'primary', 'remove', 'nonsense']],
    ['phones', ['add', 'confirm', 'primary', 'remove']],
    ['password', ['change']],
    ['authenticator', ['start', 'confirm', 'remove', 'regenerate', 'nonsense']],
    ['passkeys', ['remove', 'rename', 'nonsense']],
    ['passkeys/add', ['add', 'nonsense']],
    ['sessions', ['end', 'end_backend', 'nonsense']],
    ['consents', ['withdraw']],
    ['delete', ['delete']],
  ])('answers no senseless form of %s with a fault of ours', async (name, verbs) => {
    const { visitor } = await entered('senseless');
    const path = `/account/${name}`;
    const values = [
      '',
      '\0',
      'x'.repeat(4000),
      '/../..',
      '<b>',
      '\ud83d',
      'otpauth://totp/'.padEnd(3000, 'a'),
    ];
    const names = [
      'value',
      'code',
      'id',
      'totp_id',
      'uri',
      'proof',
      'current',
      'next',
      'again',
      'birthday',
      'confirmation',
      'label',
      'passkey',
    ];
    for (const verb of verbs)
      for (const value of values) {
        const fields = Object.fromEntries(names.map((one) => [one, value.slice(0, 1200)]));
        const { status } = await forge(visitor, path, { ...fields, do: verb });
        // The first one shows that the form was taken for one of our own.
        const isExpected = status < 500 && (value !== '' || status !== 403);
        expect([verb, value.slice(0, 9), status, isExpected]).toEqual([
          verb,
          value.slice(0, 9),
          status,
          true,
        ]);
      }
  });

  describe("another user's things", () => {
    it('sessions cannot be ended', async () => {
      const [{ visitor: owner }, { visitor }] = [await entered('owner'), await entered('thief')];
      const uid = await otherSession(owner);
      const { fields, ...form } = formFor(await withOwnSession(visitor), 'end');
      const answer = await visitor.browser.submit({ ...form, fields }, { id: uid });
      expect(answer.status).toBe(404);
      expect(formFor(await owner.open('/account/sessions'), 'end', uid).fields.id).toBe(uid);
    });

    /** Signs the person in once more, so that there is a session beside the one of the visitor. */
    async function withOwnSession(visitor: AccountVisitor): Promise<Page> {
      const second = new Browser(app);
      const login = await second.open('/account');
      await second.submit(loginFormOf(login), visitor.credentials);
      return visitor.open('/account/sessions');
    }
    const loginFormOf = (page: Page) => {
      const [form] = page.forms;
      if (!form) throw new Error('no form');
      return form;
    };
    async function otherSession(visitor: AccountVisitor): Promise<string> {
      return String(formFor(await withOwnSession(visitor), 'end').fields.id);
    }

    it('consents cannot be withdrawn', async () => {
      const partner = await addThirdParty(app, scene, { allowed_scopes: ['email'] });
      await tokensByConsent(app, scene, partner, { scope: 'openid email' });
      const owner = await AccountVisitor.enter(app, scene.person);
      const form = formFor(await owner.open('/account/consents'), 'withdraw');
      const { visitor } = await entered('thief');
      expect(
        (await forge(visitor, '/account/consents', { do: 'withdraw', id: String(form.fields.id) })).status,
      ).toBe(404);
      expect(formFor(await owner.open('/account/consents'), 'withdraw').fields.id).toBe(form.fields.id);
    });

    it('authenticator apps can be neither confirmed nor removed', async () => {
      const [{ visitor: owner }, { visitor }] = [await entered('owner'), await entered('thief')];
      const started = formFor(await owner.send('/account/authenticator', 'start'), 'confirm');
      const answer = await forge(visitor, '/account/authenticator', { ...started.fields, code: '123456' });
      expect(answer.status).toBe(404);
      expect((await visitor.open('/account/authenticator')).html).toContain('You have no authenticator app');
    });

    it('passkeys can be neither removed nor renamed', async () => {
      const [{ visitor: owner, person }, { visitor }] = [await entered('owner'), await entered('thief')];
      const { id } = await givePasskey(app, owner);
      for (const verb of ['remove', 'rename'])
        expect(
          (await forge(visitor, '/account/passkeys', { do: verb, id, label: 'Mallory was here' })).status,
        ).toBe(404);
      const { html } = await owner.open('/account/passkeys');
      expect([html.includes(id), html.includes('Mallory')]).toEqual([true, false]);
      expect(html).toContain(`<strong>${person.identifier}</strong>`);
    });

    it('a name of a passkey is one line of at most 64 characters, and comes back as text', async () => {
      const { visitor, person } = await entered('namer');
      const device = await givePasskey(app, visitor);
      const rename = (label: string) => visitor.send('/account/passkeys', 'rename', { label }, device.id);
      // Names are the owner's: whoever has the password alone is asked for the passkey first.
      await provePasskey(app, visitor.browser, await rename('Thief'), device);
      expect((await visitor.open('/account/passkeys')).html).not.toContain('Thief');
      for (const label of ['x'.repeat(65), 'two\nlines', 'tab\there']) {
        const page = await rename(label);
        expect([page.status, page.html]).toEqual([400, expect.stringContaining('at most 64 characters')]);
      }
      expect((await rename('x'.repeat(64))).html).toContain(`<strong>${'x'.repeat(64)}</strong>`);
      expect((await rename('<script>alert(1)</script>')).html).toContain(
        '<strong>&lt;script&gt;alert(1)&lt;/script&gt;</strong>',
      );
      expect((await rename('  ')).html).toContain(`<strong>${person.identifier}</strong>`);
    });

    it('contacts can be neither made primary nor removed, and an unproved one not at all', async () => {
      const [{ person: owner }, { person, visitor }] = [await entered('owner'), await entered('thief')];
      for (const verb of ['primary', 'remove']) {
        const answer = await forge(visitor, '/account/emails', { do: verb, value: owner.identifier });
        expect(answer.status).toBe(404);
      }
      await visitor.send('/account/emails', 'add', { value: 'unproved@example.com' });
      expect(
        (await forge(visitor, '/account/emails', { do: 'primary', value: 'unproved@example.com' })).status,
      ).toBe(404);
      expect((await stored(person)).email.value).toBe(person.identifier);
    });

    it('the code of an address of one’s own buys no more guesses at an address of somebody else', async () => {
      const { visitor } = await entered('guesser');
      const [wanted, own] = [`wanted-${count}@example.com`, `own-${count}@example.com`];
      const begin = async (value: string): Promise<string> => {
        await visitor.send('/account/emails', 'add', { value });
        return codeSentTo(app, value);
      };
      const guess = async (code: string, times: number): Promise<number[]> => {
        const wrong = code === '000000' ? '111111' : '000000';
        const statuses: number[] = [];
        for (let at = 0; at < times; at++)
          statuses.push((await visitor.send('/account/emails', 'confirm', { code: wrong })).status);
        return statuses;
      };
      expect(await guess(await begin(wanted), 4)).toEqual([400, 400, 400, 400]);
      const mine = await begin(own);
      expect((await visitor.send('/account/emails', 'confirm', { code: mine })).status).toBe(200);
      const right = await begin(wanted);
      expect(await guess(right, 2)).toEqual([400, 429]);
      expect((await visitor.send('/account/emails', 'confirm', { code: right })).status).toBe(429);
      // Nor does another account.
      const { visitor: other } = await entered('second-guesser');
      await other.send('/account/emails', 'add', { value: wanted });
      const again = await codeSentTo(app, wanted);
      expect((await other.send('/account/emails', 'confirm', { code: again })).status).toBe(429);
    });

    it('a code is good for the user who asked for it only', async () => {
      const [{ visitor: owner }, { person, visitor }] = [await entered('owner'), await entered('thief')];
      const address = `code-${count}@example.com`;
      await owner.send('/account/emails', 'add', { value: address });
      await visitor.send('/account/emails', 'add', { value: `mine-${address}` });
      const code = await codeSentTo(app, address);
      const own = await codeSentTo(app, `mine-${address}`);
      if (code !== own) expect((await visitor.send('/account/emails', 'confirm', { code })).status).toBe(400);
      expect((await stored(person)).secondary_emails).toBeUndefined();
    });
  });

  describe('who has the password of somebody with an authenticator app, and no more', () => {
    async function robbed(): Promise<{ person: Person; thief: AccountVisitor }> {
      const { person, visitor } = await entered('factor');
      const form = formFor(await visitor.send('/account/authenticator', 'start'), 'confirm');
      const totp = URI.parse(String(form.fields.uri));
      if (!('period' in totp)) throw new Error('not time based');
      await visitor.browser.submit(form, { code: totp.generate() });
      return { person, thief: await AccountVisitor.enter(app, person) };
    }

    it('does not take the app away, however often codes are guessed', async () => {
      const { thief } = await robbed();
      const statuses = [];
      for (const proof of ['', '000000', '111111', '222222', '333333', '444444', '555555'])
        statuses.push((await thief.send('/account/authenticator', 'remove', { proof })).status);
      expect(statuses.slice(0, 6)).toEqual([400, 400, 400, 400, 400, 400]);
      expect(statuses.at(-1)).toBe(403);
      expect((await thief.open('/account/authenticator')).html).not.toContain(
        'You have no authenticator app',
      );
    });

    it('is asked for the second factor before anything that matters', async () => {
      const { person, thief } = await robbed();
      const asksForSecond = (page: Page): boolean => page.url.pathname.startsWith('/second-factor/');
      for (const path of ['/account/password', '/account/data', '/account/delete'])
        expect(asksForSecond(await thief.open(path))).toBe(true);
      const added = await thief.send('/account/emails', 'add', { value: 'thief@example.com' });
      expect(asksForSecond(added)).toBe(true);
      expect((await thief.open('/account/emails')).html).not.toContain('thief@example.com');
      expect((await stored(person)).email.value).toBe(person.identifier);
    });
  });

  describe('login CSRF and the client of the house', () => {
    /** The callback address of a sign-in of the attacker, not yet opened. */
    async function caughtCallback(tag: string): Promise<URL> {
      const person = await newPerson(app, `${tag}-${count++}`);
      const browser = new Browser(app);
      await scene.rp.signIn(app, person, { browser });
      let url = new URL('/account', app.url);
      for (let hop = 0; hop < 5; hop++) {
        const answer = await fetch(url, {
          redirect: 'manual',
          headers: { cookie: url.pathname === '/account' ? '' : browser.cookies.headerFor(url) },
        });
        url = new URL(answer.headers.get('location') ?? '', url);
        if (url.pathname === '/account/signed-in') return url;
      }
      throw new Error(`no callback, but ${url.href}`);
    }

    it('refuses a callback that another browser began, and one without a state', async () => {
      const victim = new Browser(app);
      const url = await caughtCallback('csrf');
      const page = await victim.open(url);
      expect([page.status, page.html]).toEqual([400, expect.stringContaining('another browser')]);
      const { visitor } = await entered('known');
      expect((await visitor.open(url.href)).status).toBe(400);
      expect((await visitor.open('/account/signed-in?code=x')).status).toBe(400);
      expect((await visitor.open('/account/signed-in')).status).toBe(400);
    });

    it('takes a callback once, and a code for its own request only', async () => {
      const person = await newPerson(app, `once-${count++}`);
      const browser = new Browser(app);
      const seen: string[] = [];
      const real = globalThis.fetch;
      globalThis.fetch = async (input, init) => {
        seen.push(String(input));
        return real(input, init);
      };
      await AccountVisitor.enter(app, person, browser);
      globalThis.fetch = real;
      const callback = seen.find((url) => url.includes('/account/signed-in')) ?? '';
      expect((await browser.open(callback)).status).toBe(400);
      const injected = new URL(callback);
      injected.searchParams.set('code', String((await caughtCallback('inject')).searchParams.get('code')));
      expect((await browser.open(injected)).status).toBe(400);
    });

    it('gives tokens for none of its codes', async () => {
      const code = String((await caughtCallback('tokens')).searchParams.get('code'));
      const redirect_uri = `${app.url}/account/signed-in`;
      const form = { grant_type: 'authorization_code', code, redirect_uri, client_id: 'urn:tessera:house' };
      const house = await post('/oidc/token', '', form);
      expect([house.status, await house.json()]).toEqual([
        401,
        expect.objectContaining({ error: 'invalid_client' }),
      ]);
      const basic = Buffer.from(`${scene.clientId}:${scene.clientSecret}`).toString('base64');
      const { client_id: _, ...own } = form;
      const other = await post('/oidc/token', '', own, { authorization: `Basic ${basic}` });
      expect([other.status, await other.json()]).toEqual([
        400,
        expect.objectContaining({ error: 'invalid_grant' }),
      ]);
    });

    const HOUSE = encodeURIComponent('urn:tessera:house');
    it.each([
      ['/oidc/token', { grant_type: 'client_credentials' }],
      ['/oidc/token', { grant_type: 'refresh_token', refresh_token: 'x' }],
      ['/oidc/request', { response_type: 'code', scope: 'openid', redirect_uri: '' }],
      ['/oidc/token/introspection', { token: 'x' }],
      ['/oidc/token/revocation', { token: 'x' }],
    ])('is unknown at %s with %o, with whatever credentials', async (path, given) => {
      const form = { ...(given as Record<string, string>), client_id: 'urn:tessera:house' };
      const basic = Buffer.from(`${HOUSE}:kept%20as%20a%20hash`).toString('base64');
      for (const answer of [
        await post(path, '', form),
        await post(path, '', { ...form, client_secret: 'kept as a hash' }),
        await post(path, '', form, { authorization: `Basic ${basic}` }),
      ])
        expect([answer.status, await answer.json()]).toEqual([
          401,
          expect.objectContaining({ error: 'invalid_client' }),
        ]);
    });

    it.each([
      ['our own redirect URI', ''],
      ['another redirect URI', 'https://evil.example/cb'],
      ['a path beside it', '/account/signed-in/..%2F'],
    ])('is unknown to an authorization request from outside, with %s', async (_what, redirect) => {
      const redirect_uri = redirect.startsWith('https:')
        ? redirect
        : `${app.url}${redirect || '/account/signed-in'}`;
      const query = new URLSearchParams({
        client_id: 'urn:tessera:house',
        redirect_uri,
        response_type: 'code',
        scope: 'openid',
      });
      for (const more of [
        '',
        '&login_handoff=',
        '&login_handoff=guessed',
        '&login_handoff=a&login_handoff=b',
      ]) {
        const page = await new Browser(app).open(`/oidc/auth?${query}${more}`);
        expect([page.status, page.url.pathname]).toEqual([400, '/oidc/auth']);
      }
      const end = await new Browser(app).open(
        `/oidc/session/end?${new URLSearchParams({ client_id: 'urn:tessera:house', post_logout_redirect_uri: redirect_uri })}`,
      );
      expect(end.status).toBe(400);
    });

    it('is in no list and under no address of the management API', async () => {
      const admin = api(app, await adminToken(app));
      for (const path of [`/v1/clients/${HOUSE}`, `/v1/applications/${HOUSE}`])
        expect((await admin.get(path)).status).toBe(404);
      expect((await admin.delete(`/v1/clients/${HOUSE}`)).status).toBe(404);
    });

    it('begins a handoff once, with nothing beside it', async () => {
      const start = await fetch(`${app.url}/account`, { redirect: 'manual' });
      const begun = String(start.headers.get('location'));
      expect(start.headers.get('set-cookie')).toMatch(/tessera_handoff=.*path=\/account.*httponly/i);
      const first = await new Browser(app).open(
        `${begun}&redirect_uri=https://evil.example/&client_id=${scene.clientId}&scope=email`,
      );
      expect(asksForLogin(first)).toBe(true);
      expect((await new Browser(app).open(begun)).status).toBe(400);
    });

    it.each(['?return_to=https://evil.example', '?returnTo=//evil.example', '//evil.example'])(
      'comes back to its own page whatever the address says: %s',
      async (more) => {
        const person = await newPerson(app, `open-${count++}`);
        const visitor = await AccountVisitor.enter(app, person);
        visitor.browser.cookies.clear();
        const login = await visitor.open(`/account/profile${more}`);
        if (!asksForLogin(login)) expect(login.status).toBe(404);
        else expect((await visitor.signInAt(login)).url.href).toBe(`${app.url}/account/profile`);
      },
    );
  });
});

describe('an old sign-in (issue 5: enrolment without re-authentication)', () => {
  let clock: Clock;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    clock = new Clock();
    app = await startApp({ clock });
    scene = await setScene(app);
    await allowTotp(app, scene);
  });
  afterAll(async () => {
    await app?.discard();
    clock?.remove();
  });

  it('still shows the account, changes nothing that matters, and comes back to the page after a new one', async () => {
    await signIn(app, (await scene.rp.authorize()).url, scene.person.identifier, scene.person.password);
    const visitor = await AccountVisitor.enter(app, scene.person);
    await visitor.send('/account/emails', 'add', { value: 'second@example.com' });
    await visitor.send('/account/emails', 'confirm', { code: await codeSentTo(app, 'second@example.com') });
    clock.advance(11 * MINUTE);
    for (const path of [
      '/account',
      '/account/emails',
      '/account/authenticator',
      '/account/passkeys',
      '/account/sessions',
    ])
      expect((await visitor.open(path)).url.pathname).toBe(path);
    for (const path of ['/account/password', '/account/data', '/account/delete'])
      expect(asksForLogin(await visitor.open(path))).toBe(true);
    const attempts = [
      await visitor.send('/account/emails', 'primary', {}, 'second@example.com'),
      await visitor.send('/account/emails', 'remove', {}, 'second@example.com'),
      await visitor.send('/account/emails', 'add', { value: 'third@example.com' }),
      await visitor.send('/account/authenticator', 'start'),
    ];
    expect(attempts.map(asksForLogin)).toEqual([true, true, true, true]);
    const admin = api(app, await adminToken(app));
    const user = (await admin.get(`/v1/users/${scene.person.userId}`)).body.result;
    expect([user.email.value, user.secondary_emails]).toEqual([
      scene.person.identifier,
      [{ value: 'second@example.com', email_verified: true }],
    ]);
    const [, , , start] = attempts;
    const back = start && (await visitor.signInAt(start));
    expect([back?.status, back?.url.pathname]).toEqual([200, '/account/authenticator']);
    expect((await visitor.send('/account/authenticator', 'start')).html).toContain('class="qr"');
  });
});
