/** Passkeys at the account pages: added, used, named and removed by their owner, and by nobody else (issue 5; authentication.md 8). */
import {
  AccountVisitor,
  codeSentTo,
  formFor,
  messagesTo,
  newPerson,
  type Person,
} from '../support/account.ts';
import { Browser, type Page, signIn } from '../support/browser.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import {
  ADD,
  addPasskey,
  answerField,
  givePasskey,
  newAuthenticator,
  onlyForm,
  provePasskey,
  startCeremony,
} from '../support/own-passkeys.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const LIST = '/account/passkeys';
const isAt = (page: Page, path: string): boolean => page.url.pathname === path && page.status === 200;
const asksForLogin = (page: Page): boolean => page.url.pathname.startsWith('/login/');
const asksForSecond = (page: Page): boolean => page.url.pathname.startsWith('/second-factor/');

describe.each(policyStorages)('passkeys of one’s own ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  let count = 0;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
    await admin.put(`/loginPreferences/${scene.appId}/authMethods`, {
      totp: {},
      webauthn_api: { rpId: 'localhost' },
    });
    await admin.put(`/v1/applications/${scene.appId}`, { hosted_login: { passkey_offer: false } });
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
  /** Who has no confirmed address cannot be told anything. */
  async function confirmed(tag: string) {
    const one = await entered(tag);
    await one.visitor.send('/account/emails', 'add', {}, one.person.identifier);
    const code = await codeSentTo(app, one.person.identifier);
    await one.visitor.send('/account/emails', 'confirm', { code });
    return one;
  }
  const lastMail = async ({ identifier }: Pick<Person, 'identifier'>) =>
    (await messagesTo(app, identifier))[0]?.subject;
  const has = async (visitor: AccountVisitor, id: string): Promise<boolean> =>
    (await visitor.open(LIST)).html.includes(id);
  const isEmpty = async (visitor: AccountVisitor): Promise<boolean> =>
    !(await visitor.open(LIST)).html.includes('class="things"');

  it('are added by a ceremony, told by mail, named and removed by their owner, who shows the passkey again', async () => {
    const { person, visitor } = await confirmed('owner');
    const device = await givePasskey(app, visitor);
    expect(await has(visitor, device.id)).toBe(true);
    expect(await lastMail(person)).toBe('A passkey was added to your account');
    const asked = await visitor.send(LIST, 'rename', { label: 'Work key' }, device.id);
    expect(asksForSecond(asked)).toBe(true);
    expect(isAt(await provePasskey(app, visitor.browser, asked, device), LIST)).toBe(true);
    const named = await visitor.send(LIST, 'rename', { label: 'Work key' }, device.id);
    expect(named.html).toContain('<strong>Work key</strong>');
    expect(isAt(await visitor.send(LIST, 'remove', {}, device.id), LIST)).toBe(true);
    expect(await isEmpty(visitor)).toBe(true);
    expect(await lastMail(person)).toBe('A passkey was removed from your account');
  });

  it('that an application lets its user add on the hosted page are told by mail, too', async () => {
    const backend = api(app, await clientToken(app, scene));
    const email = 'hinted@example.com';
    const made = await backend.post('/v1/users', { email });
    const verify = `/v1/users/${made.body.result.user_id}/emails/${email}/verify`;
    expect((await backend.post(verify, {})).status).toBe(202);
    const hint = await backend.post('/v1/auth/webauthn/external/register/hosted/hint', {
      webauthn_identifier: email,
      redirect_uri: REDIRECT_URI,
    });
    const query = new URLSearchParams(hint.body);
    const browser = new Browser(app);
    const path = '/hosted/passkey/passkey-registration';
    const page = await browser.open(`${path}?${query}`);
    const { body } = await startCeremony(app, browser, `${path}/start?${query}`);
    const credential = newAuthenticator(app).create(body.options);
    expect(await lastMail({ identifier: email })).toBeUndefined();
    const back = await browser.submit(onlyForm(page), answerField(body.webauthn_session_id, credential));
    expect(back.url.searchParams.get('credential_id')).toBe(credential.id);
    expect(await lastMail({ identifier: email })).toBe('A passkey was added to your account');
  });

  describe('are not added', () => {
    it('without a session, and a page elsewhere starts no ceremony', async () => {
      const stranger = await startCeremony(app, new Browser(app));
      expect(stranger.status).toBe(403);
      const { visitor } = await entered('victim');
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }]) {
        const { status, body } = await startCeremony(app, visitor.browser, undefined, headers as never);
        expect([status, body.options]).toEqual([403, undefined]);
      }
      expect((await startCeremony(app, visitor.browser)).status).toBe(200);
    });

    it('by a form without the proof of our own page', async () => {
      const { visitor } = await entered('forged');
      const { body } = await startCeremony(app, visitor.browser);
      const credential = newAuthenticator(app).create(body.options);
      const form = formFor(await visitor.open(ADD), 'add');
      for (const csrf of ['', 'x'.repeat(43)]) {
        const values = { ...answerField(body.webauthn_session_id, credential), csrf };
        expect((await visitor.browser.submit(form, values)).status).toBe(403);
      }
      expect(await isEmpty(visitor)).toBe(true);
      // The same answer with the proof is good: nothing else was wrong with it.
      const good = await visitor.browser.submit(form, answerField(body.webauthn_session_id, credential));
      expect(isAt(good, LIST)).toBe(true);
    });

    it.each([
      ['another challenge', { challenge: Buffer.alloc(32, 7).toString('base64url') }],
      ['another origin', { origin: 'https://evil.example' }],
      ['the origin with another port', { origin: 'http://localhost:1' }],
    ])('for an answer with %s, and the ceremony is over', async (_what, lies) => {
      const { person, visitor } = await confirmed('lies');
      const device = newAuthenticator(app);
      const { body } = await startCeremony(app, visitor.browser);
      const send = (given: object) =>
        visitor.send(ADD, 'add', answerField(body.webauthn_session_id, device.create(body.options, given)));
      const page = await send(lies);
      expect([page.status, page.html]).toEqual([400, expect.stringContaining('could not be added')]);
      expect((await send({})).status).toBe(400);
      expect(await isEmpty(visitor)).toBe(true);
      expect(await lastMail(person)).toContain('confirms your email address');
    });

    it('by the ceremony of somebody else', async () => {
      const [{ visitor: ada }, { visitor: eve }] = [await entered('ada'), await entered('eve')];
      const { body } = await startCeremony(app, eve.browser);
      const credential = newAuthenticator(app).create(body.options);
      const page = await ada.send(ADD, 'add', answerField(body.webauthn_session_id, credential));
      expect([page.status, await isEmpty(ada), await isEmpty(eve)]).toEqual([400, true, true]);
    });

    it('a second time, nor where another has it already', async () => {
      const [{ visitor: ada }, { visitor: eve }] = [await entered('ada'), await entered('eve')];
      const device = await givePasskey(app, ada);
      const page = await addPasskey(app, eve, device);
      expect([page.status, await isEmpty(eve), await has(ada, device.id)]).toEqual([400, true, true]);
    });
  });

  describe('whoever has the password alone, where a passkey is the only second factor (issue 5),', () => {
    async function robbed() {
      const { person, visitor: owner } = await confirmed('robbed');
      const device = await givePasskey(app, owner);
      return { person, owner, device, thief: await AccountVisitor.enter(app, person) };
    }

    it('neither removes nor renames it on the page', async () => {
      const { owner, device, thief } = await robbed();
      expect(asksForSecond(await thief.send(LIST, 'remove', {}, device.id))).toBe(true);
      expect(asksForSecond(await thief.send(LIST, 'rename', { label: 'Mine' }, device.id))).toBe(true);
      const { html } = await owner.open(LIST);
      expect([html.includes(device.id), html.includes('Mine')]).toEqual([true, false]);
    });

    it('adds no passkey and no authenticator app of their own, and changes neither password nor address', async () => {
      const { thief, owner, person } = await robbed();
      expect((await startCeremony(app, thief.browser)).status).toBe(403);
      for (const path of [ADD, '/account/password', '/account/data', '/account/delete'])
        expect(asksForSecond(await thief.open(path))).toBe(true);
      expect(asksForSecond(await thief.send('/account/authenticator', 'start'))).toBe(true);
      const email = await thief.send('/account/emails', 'add', { value: 'thief@example.com' });
      expect(asksForSecond(email)).toBe(true);
      expect((await owner.open('/account/authenticator')).html).toContain('You have no authenticator app');
      expect(await lastMail(person)).toBe('A passkey was added to your account');
    });

    it('is refused by the API as well: mfa_required', async () => {
      const { person } = await robbed();
      const weak = api(app, (await scene.rp.signIn(app, person)).access_token);
      const answers = [
        await weak.post('/v1/users/me/totp'),
        await weak.post('/v1/auth/webauthn/register', { webauthn_encoded_result: 'e30' }),
        await weak.post('/v1/users/me/password-credentials', { password: 'another-Secret-9x' }),
      ];
      for (const { status, body } of answers)
        expect([status, body.error_code]).toEqual([403, 'mfa_required']);
    });

    it('gets no further with a passkey of their own, nor with a wrong signature', async () => {
      const { thief, device, owner } = await robbed();
      const asked = await thief.send(LIST, 'remove', {}, device.id);
      const { visitor: mallory } = await entered('mallory');
      const own = await givePasskey(app, mallory);
      expect((await provePasskey(app, thief.browser, asked, own)).status).toBe(401);
      const again = await thief.send(LIST, 'remove', {}, device.id);
      expect((await provePasskey(app, thief.browser, again, device, { wrongKey: true })).status).toBe(401);
      expect(await has(owner, device.id)).toBe(true);
    });
  });
});

describe('an old sign-in at the passkeys (issue 5: enrolment without re-authentication)', () => {
  let clock: Clock;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    clock = new Clock();
    app = await startApp({ clock });
    scene = await setScene(app);
  });
  afterAll(async () => {
    await app?.discard();
    clock?.remove();
  });

  it('adds none, by the page, its script or a ceremony from before; a new one leads back to the page', async () => {
    const visitor = await AccountVisitor.enter(app, scene.person);
    const form = formFor(await visitor.open(ADD), 'add');
    const { body } = await startCeremony(app, visitor.browser);
    const credential = newAuthenticator(app).create(body.options);
    clock.advance(11 * MINUTE);
    const login = await visitor.open(ADD);
    expect(asksForLogin(login)).toBe(true);
    const started = await startCeremony(app, visitor.browser);
    expect([started.status, started.body.options]).toEqual([403, undefined]);
    const late = await visitor.browser.submit(form, answerField(body.webauthn_session_id, credential));
    expect(asksForLogin(late)).toBe(true);
    expect((await visitor.open(LIST)).html).not.toContain('class="things"');
    expect(isAt(await visitor.signInAt(await visitor.open(ADD)), ADD)).toBe(true);
  });

  it('removes none', async () => {
    const visitor = await AccountVisitor.enter(app, scene.person);
    const device = await givePasskey(app, visitor);
    clock.advance(11 * MINUTE);
    expect(asksForLogin(await visitor.send(LIST, 'remove', {}, device.id))).toBe(true);
    expect((await visitor.open(LIST)).html).toContain(device.id);
  });
});
