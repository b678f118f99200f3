/** The account pages: what people see and change about themselves (issue 5, users' own page). */
import { URI } from 'otpauth';
import {
  AccountVisitor,
  codeSentTo,
  formFor,
  messagesTo,
  newPerson,
  type Person,
} from '../support/account.ts';
import { Browser, signIn, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

const NEXT_PASSWORD = 'Zz9?another-battery-staple';
const PAGES = [
  'profile',
  'emails',
  'phones',
  'password',
  'authenticator',
  'passkeys',
  'passkeys/add',
  'sessions',
  'consents',
  'data',
  'delete',
];

describe.each(policyStorages)('the account pages ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let count = 0;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    const admin = api(app, await adminToken(app));
    await admin.put(`/loginPreferences/${scene.appId}/authMethods`, { totp: { issuer: 'Shop' } });
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });
  /** A member of the scene's application, at the pages. */
  async function entered(tag: string): Promise<{ person: Person; visitor: AccountVisitor }> {
    const person = await newPerson(app, `${tag}-${count++}`);
    await signIn(app, (await scene.rp.authorize()).url, person.identifier, person.password);
    return { person, visitor: await AccountVisitor.enter(app, person) };
  }
  const stored = async ({ userId }: Person) =>
    (await api(app, await adminToken(app)).get(`/v1/users/${userId}`)).body.result;

  it('ask for a sign-in in the name of the house, and show every page after it', async () => {
    const person = await newPerson(app, 'first');
    const browser = new Browser(app);
    const login = await browser.open('/account');
    expect([login.url.pathname.startsWith('/login/'), login.html]).toEqual([
      true,
      expect.stringContaining('Tessera'),
    ]);
    const visitor = await AccountVisitor.enter(app, person, browser);
    for (const name of PAGES) {
      const page = await visitor.open(`/account/${name}`);
      expect([page.status, page.url.pathname]).toEqual([200, `/account/${name}`]);
    }
  });

  it('are open to whoever signed in to an application, and a sign-in to them makes nobody a member', async () => {
    const person = await newPerson(app, 'silent');
    const browser = new Browser(app);
    await scene.rp.signIn(app, person, { browser });
    const page = await browser.open('/account');
    expect([page.status, page.html]).toEqual([200, expect.stringContaining(person.identifier)]);
    const stranger = await newPerson(app, 'stranger');
    const before = (await stored(stranger)).app_names ?? (await stored(stranger)).app_name;
    await AccountVisitor.enter(app, stranger);
    expect((await stored(stranger)).app_names ?? (await stored(stranger)).app_name).toEqual(before);
  });

  it.each([
    ['es', 'Resumen'],
    ['fr', 'Aperçu'],
    ['pt', 'Resumo'],
    ['ja', '概要'],
    ['de en', 'Overview'],
  ])('speak the language of ui_locales=%s', async (locales, title) => {
    const { visitor } = await entered('speaker');
    const page = await visitor.open(`/account?ui_locales=${encodeURIComponent(locales)}`);
    expect(page.html).toContain(`<h1>${title}</h1>`);
    expect(page.html).toContain(`lang="${title === 'Overview' ? 'en' : locales}"`);
  });

  it('save the profile, take values away again, and name what is wrong', async () => {
    const { person, visitor } = await entered('profile');
    const values = {
      first_name: '<Ada>',
      birthday: '1990-02-28',
      language: 'fr-CA',
      picture: 'https://example.com/a.png',
      city: 'Paris',
    };
    const saved = await visitor.send('/account/profile', 'save', values);
    expect(saved.html).toContain('role="status"');
    expect(saved.html).toContain('&lt;Ada&gt;');
    expect(await stored(person)).toMatchObject({
      name: { first_name: '<Ada>' },
      birthday: '1990-02-28',
      language: 'fr-CA',
      picture: 'https://example.com/a.png',
      address: { city: 'Paris' },
    });
    const wrong = await visitor.send('/account/profile', 'save', {
      birthday: '2026-02-31',
      picture: 'javascript:alert(1)',
      first_name: 'Kept',
    });
    expect(wrong.status).toBe(400);
    expect(wrong.html).toContain('Birthday');
    expect(wrong.html).toContain('Address of a picture');
    expect(wrong.html).toContain('value="Kept"');
    await visitor.send('/account/profile', 'save', { birthday: '', city: '' });
    const after = await stored(person);
    expect([after.birthday, after.address?.city, after.name.first_name]).toEqual([
      undefined,
      undefined,
      '<Ada>',
    ]);
  });

  describe('emails and phones', () => {
    it('adds an address only by its code, makes it the primary one, and tells the old one', async () => {
      const { person, visitor } = await entered('mails');
      await confirmPrimary(person, visitor);
      const next = `next-${person.identifier}`;
      const sent = await visitor.send('/account/emails', 'add', { value: next.toUpperCase() });
      expect(sent.html).toContain('A code is on its way');
      expect([(await stored(person)).email.value, (await stored(person)).secondary_emails]).toEqual([
        person.identifier,
        undefined,
      ]);
      const code = await codeSentTo(app, next);
      const wrong = await visitor.send('/account/emails', 'confirm', {
        code: code === '000000' ? '111111' : '000000',
      });
      expect([wrong.status, wrong.html]).toEqual([400, expect.stringContaining('not right')]);
      const confirmed = await visitor.send('/account/emails', 'confirm', { code });
      expect([confirmed.status, confirmed.html]).toEqual([200, expect.stringContaining('It is confirmed')]);
      expect((await stored(person)).secondary_emails).toEqual([{ value: next, email_verified: true }]);
      expect((await stored(person)).email.value).toBe(person.identifier);
      await visitor.send('/account/emails', 'primary', {}, next);
      expect((await stored(person)).email).toMatchObject({ value: next, email_verified: true });
      const told = (await messagesTo(app, person.identifier)).map(({ subject }) => subject);
      expect(told[0]).toBe('The contact details of your account have changed');
      await visitor.send('/account/emails', 'remove', {}, person.identifier);
      expect((await stored(person)).secondary_emails ?? []).toEqual([]);
    });

    /** Who has no confirmed address cannot be told anything. */
    async function confirmPrimary(person: Person, visitor: AccountVisitor): Promise<void> {
      await visitor.send('/account/emails', 'add', {}, person.identifier);
      await visitor.send('/account/emails', 'confirm', { code: await codeSentTo(app, person.identifier) });
      expect((await stored(person)).email.email_verified).toBe(true);
    }

    it('adds a first phone number as the primary one, as typed by people', async () => {
      const { person, visitor } = await entered('phone');
      const wrong = await visitor.send('/account/phones', 'add', { value: '0664 123' });
      expect([wrong.status, wrong.html]).toEqual([400, expect.stringContaining('value="0664 123"')]);
      const digits = `${count}`.padStart(4, '0');
      await visitor.send('/account/phones', 'add', { value: `+1 (415) 555-${digits}` });
      const number = `+1415555${digits}`;
      await visitor.send('/account/phones', 'confirm', { code: await codeSentTo(app, number) });
      expect((await stored(person)).phone_number).toMatchObject({
        value: number,
        phone_number_verified: true,
      });
    });

    it('does not take an address that belongs to somebody else for the primary one', async () => {
      const [{ person: other }, { person, visitor }] = [await entered('owner'), await entered('taker')];
      await visitor.send('/account/emails', 'add', { value: other.identifier });
      await visitor.send('/account/emails', 'confirm', { code: await codeSentTo(app, other.identifier) });
      const refused = await visitor.send('/account/emails', 'primary', {}, other.identifier);
      expect([refused.status, refused.html]).toEqual([409, expect.stringContaining('another account')]);
      expect((await stored(person)).email.value).toBe(person.identifier);
    });

    it('sends only so many codes, and takes a code only so often', async () => {
      const { visitor } = await entered('flood');
      const answers = [];
      for (let at = 0; at < 7; at++)
        answers.push(
          (await visitor.send('/account/emails', 'add', { value: `flood-${count}-${at}@example.com` }))
            .status,
        );
      expect(answers.slice(0, 4)).toEqual([200, 200, 200, 200]);
      expect(answers.at(-1)).toBe(429);
      const guesses = [];
      for (let at = 0; at < 8; at++)
        guesses.push((await visitor.send('/account/emails', 'confirm', { code: '00000' })).status);
      expect(guesses.at(-1)).toBe(429);
    });
  });

  it('change the password by the old one, list every problem, keep this session and end the others', async () => {
    const { person, visitor } = await entered('password');
    const other = await AccountVisitor.enter(app, person);
    const change = (current: string, next: string, again = next) =>
      visitor.send('/account/password', 'change', { current, next, again });
    const weak = await change(person.password, 'aaa');
    expect([weak.status, weak.html.match(/<li>The password must/g)?.length]).toEqual([400, 3]);
    expect((await change(person.password, NEXT_PASSWORD, 'different')).status).toBe(400);
    const wrong = await change('Wrong-password-1', NEXT_PASSWORD);
    expect([wrong.status, wrong.html]).toEqual([
      400,
      expect.stringContaining('current password is not right'),
    ]);
    const done = await change(person.password, NEXT_PASSWORD);
    expect([done.status, done.html]).toEqual([200, expect.stringContaining('Your password is changed')]);
    expect((await visitor.open('/account')).url.pathname).toBe('/account');
    expect((await other.open('/account')).url.pathname).toMatch(/^\/login\//);
    await AccountVisitor.enter(app, { ...person, password: NEXT_PASSWORD });
  });

  it('add an authenticator app with its recovery codes, and take it away by the app alone', async () => {
    const { visitor } = await entered('totp');
    const path = '/account/authenticator';
    const started = await visitor.send(path, 'start');
    expect(started.html).toContain('<svg class="qr" role="img"');
    const { uri = '' } = formFor(started, 'confirm').fields;
    expect(started.html).toContain(new URL(uri).searchParams.get('secret'));
    const wrong = await visitor.browser.submit(formFor(started, 'confirm'), { code: 'abcdef' });
    expect([wrong.status, wrong.html]).toEqual([400, expect.stringContaining('<svg class="qr"')]);
    const codes = await visitor.browser.submit(formFor(wrong, 'confirm'), { code: codeOf(uri) });
    const recovery = [...codes.html.matchAll(/<li>((?:[0-9a-z]{4}-){3}[0-9a-z]{4})<\/li>/g)].map(
      ([, code]) => code,
    );
    expect(recovery).toHaveLength(10);
    expect((await visitor.open(path)).html).not.toContain(recovery[0]);
    for (const proof of ['', 'nonsense-code', codeOf(uri)])
      expect((await visitor.send(path, 'remove', { proof })).status).toBe(400);
    const renewed = await visitor.send(path, 'regenerate', { proof: String(recovery[0]) });
    expect(renewed.html).toContain('id="recovery-codes"');
    expect((await visitor.send(path, 'remove', { proof: String(recovery[1]) })).status).toBe(400);
    const [, fresh = ''] = /<li>((?:[0-9a-z]{4}-){3}[0-9a-z]{4})<\/li>/.exec(renewed.html) ?? [];
    const removed = await visitor.send(path, 'remove', { proof: fresh });
    expect(removed.html).toContain('You have no authenticator app');
  });

  it('list the sessions with their clients, end one, and end all others', async () => {
    const { person, visitor } = await entered('sessions');
    const [second, third] = [new Browser(app), new Browser(app)];
    for (const browser of [second, third]) await scene.rp.signIn(app, person, { browser });
    const isOpen = async (browser: Browser) => (await browser.open('/account')).url.pathname === '/account';
    const page = await visitor.open('/account/sessions');
    expect(page.html).toContain('Shop web');
    const before = page.forms.filter(({ fields }) => fields.do === 'end').length;
    await visitor.browser.submit(formFor(page, 'end'));
    const after = await visitor.open('/account/sessions');
    expect(after.forms.filter(({ fields }) => fields.do === 'end')).toHaveLength(before - 1);
    await visitor.send('/account/sessions', 'end_others');
    expect([await isOpen(visitor.browser), await isOpen(second), await isOpen(third)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('list and end what an application holds behind the scenes', async () => {
    const { person, visitor } = await entered('backend');
    const backend = api(app, await clientToken(app, scene));
    const { body } = await backend.post('/v1/auth/password/authenticate', {
      username: person.identifier,
      username_type: 'email',
      password: person.password,
    });
    const page = await visitor.open('/account/sessions');
    expect(page.html).not.toContain(body.session_id);
    await visitor.browser.submit(formFor(page, 'end_backend'));
    expect((await api(app, body.access_token).get('/v1/users/me')).status).toBe(401);
  });

  it('list consents and withdraw them, with the tokens that rest on them', async () => {
    const partner = await addThirdParty(app, scene, { allowed_scopes: ['email'] });
    const tokens = await tokensByConsent(app, scene, partner, { scope: 'openid email' });
    const visitor = await AccountVisitor.enter(app, scene.person);
    const page = await visitor.open('/account/consents');
    expect(page.html).toContain('Partner Ltd');
    const done = await visitor.browser.submit(formFor(page, 'withdraw'));
    expect(done.html).toContain('The access is withdrawn');
    const userinfo = await fetch(`${app.url}/oidc/me`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(userinfo.status).toBe(401);
  });

  it('hand out what is kept about the person, without secrets', async () => {
    const { person, visitor } = await entered('data');
    const answer = await visitor.send('/account/data', 'download');
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="my-data.json"');
    const data = JSON.parse(answer.html);
    expect(data).toMatchObject({
      user: { user_id: person.userId, has_password: true },
      emails: [{ value: person.identifier, primary: true }],
      applications: [{ app_id: scene.appId }],
      consents: [],
      authenticators: { authenticator_apps: [], passkeys: [] },
    });
    expect(data.sessions.length).toBeGreaterThan(0);
    expect(data.events.map(({ type }: { type: string }) => type)).toContain('user.signed_in');
    expect(answer.html).not.toMatch(/argon2|password_hash|sealed|secret/);
  });

  it('delete the account after it was typed: every session and token ends, and a mail says so', async () => {
    const { person, visitor } = await entered('leaver');
    await visitor.send('/account/emails', 'add', {}, person.identifier);
    await visitor.send('/account/emails', 'confirm', { code: await codeSentTo(app, person.identifier) });
    const { access_token } = await scene.rp.signIn(app, person);
    const refused = await visitor.send('/account/delete', 'delete', { confirmation: 'somebody@example.com' });
    expect([refused.status, (await stored(person)).user_id]).toEqual([400, person.userId]);
    const done = await visitor.send('/account/delete', 'delete', {
      confirmation: person.identifier.toUpperCase(),
    });
    expect(done.html).toContain('Your account is deleted');
    expect((await api(app, access_token).get('/v1/users/me')).status).toBe(401);
    expect((await visitor.open('/account')).url.pathname).toMatch(/^\/login\//);
    expect((await messagesTo(app, person.identifier))[0]?.subject).toBe('Your account was deleted');
    const back = await visitor.signInAt(await visitor.open('/account'));
    expect([back.status, signInForm(back).method]).toEqual([401, 'POST']);
  });

  it('sign out by the sign-out page of the house', async () => {
    const { visitor } = await entered('out');
    const page = await visitor.open('/account');
    expect(page.html).toContain('href="/oidc/session/end"');
    const question = await visitor.open('/oidc/session/end');
    const [form] = question.forms;
    if (!form) throw new Error('no question');
    await visitor.browser.submit(form, { logout: 'yes' });
    expect((await visitor.open('/account')).url.pathname).toMatch(/^\/login\//);
  });
});

const codeOf = (uri: string): string => {
  const totp = URI.parse(uri);
  if (!('period' in totp)) throw new Error('not time based');
  return totp.generate();
};
