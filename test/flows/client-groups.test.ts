/** Clients of a group sign people in by the group's policy and share its session (contract/saml.md 4, R12, R124). */
import { Browser, signInForm } from '../support/browser.ts';
import { GroupScene, type Member } from '../support/client-groups.ts';
import { Clock, DAY, HOUR, MINUTE } from '../support/clock.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { Walk } from '../support/hosted-login.ts';
import { api, clientToken, postForm } from '../support/management.ts';
import { setPasswordMethod } from '../support/password-method.ts';
import { REDIRECT_URI, setScene } from '../support/scene.ts';
import { postedForm, type ServiceProvider, signOn, xmlOf } from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';
import { decide } from '../support/third-party.ts';

const HUB_PAGE = 'https://hub.example.com/login';
const SILENT = { allowSilentLogin: true };
const BY_CODE = { methods: ['email_otp'] };
const BY_PASSWORD = { methods: ['password'] };
const pathOf = ({ url }: { url: URL }): string => url.pathname.split('/').slice(0, 2).join('/');

describe.each(policyStorages)('client groups at the sign-in ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: GroupScene;
  let outside: Member;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await GroupScene.set(app);
    const first = { ...scene.hosted.scene };
    outside = { clientId: first.clientId, clientSecret: first.clientSecret, rp: first.rp };
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const walk = (member: Member, browser = new Browser(app)): Promise<Walk> =>
    Walk.begin(app, member, {}, browser);
  /** Answers a page that asks for the identifier, and the code that is sent then. */
  async function byCode(at: Walk): Promise<Walk> {
    await at.send({ identifier: scene.hosted.email });
    return at.send({ code: await scene.hosted.lastCodeTo(scene.hosted.email) });
  }
  const passively = async (browser: Browser, sp: ServiceProvider): Promise<string> =>
    xmlOf(postedForm(await browser.open(await sp.redirect())));
  const credentials = () => {
    const { identifier, password } = scene.hosted.scene.person;
    return { identifier, password };
  };

  describe('the policy', () => {
    it('signs the user in to a SAML client by the rules of its group, and the group’s session does the rest (R11, R12)', async () => {
      const { name: journey } = await scene.policy(BY_CODE);
      const group = await scene.group({ journey, ...SILENT });
      const sp = await scene.provider(group);
      const browser = new Browser(app);
      const page = await browser.open(await sp.redirect());
      expect(page.html).not.toContain('type="password"');
      const code = await browser.submit(page.forms[0] as never, { identifier: scene.hosted.email });
      const after = await browser.submit(code.forms[0] as never, {
        code: await scene.hosted.lastCodeTo(scene.hosted.email),
      });
      expect(await sp.accept(postedForm(after))).toMatchObject({ nameID: scene.hosted.email });
      const second = await scene.provider(group, {}, { passive: true });
      const form = postedForm(await browser.open(await second.redirect()));
      expect(await second.accept(form)).toMatchObject({ nameID: scene.hosted.email });
      expect(await scene.silently(browser, await scene.client(group))).toBe('code');
    });

    it('takes the place of the application’s methods and identifiers, in its order', async () => {
      const { name: journey } = await scene.policy({
        methods: ['email_otp', 'password'],
        identifiers: ['email'],
      });
      const member = await scene.client(await scene.group({ journey }));
      const sent = (await scene.hosted.messagesTo(scene.hosted.email)).length;
      const other = await (await walk(member)).send({ identifier: scene.hosted.phone });
      expect(other.step).toBe('email-code');
      // Nobody signs in with that kind of identifier.
      expect(await scene.hosted.messagesTo(scene.hosted.email)).toHaveLength(sent);
      await other.send({ action: 'methods' });
      expect(other.page.html.match(/name="method" value="\w+"/g)).toEqual([
        'name="method" value="email_otp"',
        'name="method" value="password"',
      ]);
      expect(await (await byCode(await walk(member))).claims()).toMatchObject({ amr: ['eotp'] });
      // The application itself goes on as it is.
      signInForm(await scene.open(new Browser(app), outside));
    });

    it('asks for its second factor, whatever the application wants, and for the application’s where it says nothing', async () => {
      const strict = await scene.policy({ ...BY_PASSWORD, second_factor: 'required' });
      const member = await scene.client(await scene.group({ journey: strict.name }));
      const first = await (await walk(member)).send(credentials());
      expect(pathOf(first.page)).toBe('/second-factor');
      await first.send({ factor: 'email' });
      await first.send({ code: await scene.hosted.lastCodeTo(scene.hosted.email) });
      expect(await first.claims()).toMatchObject({ amr: ['pwd', 'eotp', 'mfa'], acr: 'mfa' });
      const lax = await scene.policy(BY_PASSWORD);
      const inLax = await scene.client(await scene.group({ journey: lax.name }));
      await scene.hosted.configure({ hosted_login: { mfa: 'required' } });
      const second = await (await walk(inLax)).send(credentials());
      await scene.hosted.configure({ hosted_login: {} });
      expect(pathOf(second.page)).toBe('/second-factor');
    });

    it('is followed by the consent to a third party, whose next request is silent then', async () => {
      const { name: journey } = await scene.policy(BY_CODE);
      const third = await scene.client(await scene.group({ journey }), { is_third_party: true });
      const at = await byCode(await walk(third));
      expect(pathOf(at.page)).toBe('/consent');
      expect((await decide(at.browser, at.page, 'allow')).url.searchParams.get('code')).toBeTruthy();
      expect(await scene.silently(at.browser, third)).toBe('code');
    });

    it('is the mechanism to which the SSO URL of a SAML client leads, before the hub and hosted login (R124)', async () => {
      const { name: journey } = await scene.policy(BY_CODE);
      const group = await scene.group({ journey });
      const hub = await setScene(app);
      await scene.must('put', `/v1/applications/${hub.appId}`, {
        authenticator_preferences: { is_centralized: true, login_uri: HUB_PAGE },
      });
      const reached = async (client_group_id: string, use_centralized_login: boolean) => {
        const sp = await scene.provider(client_group_id, { use_centralized_login });
        const page = await new Browser(app).open(await sp.redirect());
        if (page.url.href.startsWith(HUB_PAGE)) return 'hub';
        return page.html.includes('type="password"') ? 'hosted login' : 'policy';
      };
      expect(await reached('', false)).toBe('hosted login');
      expect(await reached('', true)).toBe('hub');
      expect(await reached(group, false)).toBe('policy');
      expect(await reached(group, true)).toBe('policy');
      const member = await scene.client(group);
      const page = await scene.open(new Browser(app), member, { acr_values: 'urn:transmit:centralized' });
      expect(pathOf(page)).toBe('/login');
    });
  });

  describe('the session', () => {
    it('lets a second client of the group in without a page with allowSilentLogin, by OIDC and by SAML', async () => {
      const group = await scene.group(SILENT);
      const browser = await scene.signedIn(await scene.client(group));
      expect(await scene.silently(browser, await scene.client(group))).toBe('code');
      const sp = await scene.provider(group, {}, { passive: true });
      expect(await sp.accept(postedForm(await browser.open(await sp.redirect())))).toMatchObject({
        nameID: scene.hosted.email,
      });
      const other = new Browser(app);
      await signOn(other, await (await scene.provider(group)).redirect(), credentials());
      expect(await scene.silently(other, await scene.client(group))).toBe('code');
    });

    it('lets in nobody but the client that was signed in to without it', async () => {
      const group = await scene.group();
      const [one, two] = [await scene.client(group), await scene.client(group)];
      const browser = await scene.signedIn(one);
      expect(await scene.silently(browser, one)).toBe('code');
      expect(await scene.silently(browser, two)).toBe('login_required');
      const sp = await scene.provider(group, {}, { passive: true });
      expect(await passively(browser, sp)).toContain(':NoPassive');
      signInForm(await scene.open(browser, two));
      await scene.signedIn(two, browser);
      expect([await scene.silently(browser, one), await scene.silently(browser, two)]).toEqual([
        'code',
        'code',
      ]);
    });

    it('is a kind of its own: it opens neither a client outside, another group, nor the account pages', async () => {
      const group = await scene.group(SILENT);
      const browser = await scene.signedIn(await scene.client(group));
      expect(await scene.silently(browser, outside)).toBe('login_required');
      expect(await scene.silently(browser, await scene.client(await scene.group(SILENT)))).toBe(
        'login_required',
      );
      const sp = await scene.provider('', {}, { passive: true });
      expect(await passively(browser, sp)).toContain(':NoPassive');
      signInForm(await browser.open('/account'));
    });

    it('does not come from a sign-in outside, and both kinds live beside each other', async () => {
      const member = await scene.client(await scene.group(SILENT));
      const browser = await scene.signedIn(outside);
      expect(await scene.silently(browser, member)).toBe('login_required');
      signInForm(await scene.open(browser, member));
      await scene.signedIn(member, browser);
      expect([await scene.silently(browser, member), await scene.silently(browser, outside)]).toEqual([
        'code',
        'code',
      ]);
      expect((await browser.open('/account')).status).toBe(200);
    });

    it('ends with the sign-out, with all sessions of the user, and with the membership of the client', async () => {
      const group = await scene.group(SILENT);
      const member = await scene.client(group);
      const browser = await scene.signedIn(member);
      const question = await browser.open(member.rp.endSessionUrl({ client_id: member.clientId }));
      await browser.submit(question.forms[0] as never, { logout: 'yes' });
      expect(await scene.silently(browser, member)).toBe('login_required');
      await scene.signedIn(member, browser);
      const backend = api(app, await clientToken(app, scene.hosted.scene));
      expect((await backend.delete(`/v1/sessions/${scene.hosted.scene.person.userId}`)).status).toBe(200);
      expect(await scene.silently(browser, member)).toBe('login_required');
      await scene.signedIn(member, browser);
      await scene.join(member, '');
      expect(await scene.silently(browser, member)).toBe('login_required');
    });

    it('ends for a user who is disabled', async () => {
      const member = await scene.client(await scene.group(SILENT));
      const person = await setScene(app);
      const { identifier, password, userId } = person.person;
      const browser = new Browser(app);
      await browser.submit(signInForm(await scene.open(browser, member)), { identifier, password });
      expect(await scene.silently(browser, member)).toBe('code');
      await scene.must('put', `/v1/users/${userId}`, { status: 'Disabled' });
      expect(await scene.silently(browser, member)).toBe('login_required');
    });

    it('is asked anew after a change of the policy and of allowSilentLogin', async () => {
      const { name: journey, policy_id } = await scene.policy(BY_PASSWORD);
      const group = await scene.group({ journey, ...SILENT });
      const member = await scene.client(group);
      const browser = await scene.signedIn(member);
      expect(await scene.silently(browser, member)).toBe('code');
      await scene.must('put', `/v1/sso-service/policies/${policy_id}`, { rules: BY_CODE });
      expect(await scene.silently(browser, member)).toBe('login_required');
      await byCode(await walk(member, browser));
      expect(await scene.silently(browser, member)).toBe('code');
      await scene.must('put', `/v1/sso-service/sso-group/${group}`, { configuration: { journey } });
      expect(await scene.silently(browser, member)).toBe('login_required');
    });
  });

  describe('nobody gets around the policy', () => {
    it('by the address of a step or by the form of a method that it does not have', async () => {
      const { name: journey } = await scene.policy(BY_CODE);
      const member = await scene.client(await scene.group({ journey }));
      await scene.hosted.configure({ allow_public_signup: true });
      const at = await (await walk(member)).send({ identifier: scene.hosted.email });
      const begin = `/login/${at.uid}`;
      for (const step of [
        'password',
        'forgotten',
        'reset-code',
        'new-password',
        'link',
        'sms-code',
        'passkey',
      ])
        expect((await at.browser.open(`${begin}/${step}`)).url.pathname).not.toBe(`${begin}/${step}`);
      await at.open(`${begin}/methods`);
      const [form] = at.page.forms;
      if (!form) throw new Error('no form');
      for (const method of ['password', 'sms_otp', 'magic_link', 'passkey'])
        expect((await at.browser.submit(form, { method })).url.pathname).not.toMatch(
          /password|sms-code|link|passkey$/,
        );
      for (const step of ['', '/password']) {
        const action = new URL(`${begin}${step}`, app.url);
        const posted = await at.browser.submit({ ...form, action }, { ...credentials(), action: 'go' });
        // Another code is asked for, at most.
        expect([posted.status > 0, posted.url.searchParams.has('code')]).toEqual([true, false]);
      }
    });

    it('by a sign-up that proves less than its methods', async () => {
      await scene.hosted.configure({ allow_public_signup: true });
      const { name: journey } = await scene.policy({ methods: ['passkey', 'password'] });
      const member = await scene.client(await scene.group({ journey }));
      const at = await walk(member);
      expect(at.page.html).not.toContain('sign-up');
      const path = `/login/${at.uid}/sign-up`;
      expect((await at.browser.open(path)).url.pathname).not.toBe(path);
      const mayByCode = await scene.client(
        await scene.group({ journey: (await scene.policy(BY_CODE)).name }),
      );
      const open = await walk(mayByCode);
      const taken = `/login/${open.uid}/sign-up`;
      expect((await open.browser.open(taken)).url.pathname).toBe(taken);
    });

    it('by a code or a link that was sent while other rules held', async () => {
      // Another person, to whom mails may still be sent.
      const scene = await GroupScene.set(app);
      const policy = await scene.policy({ methods: ['email_otp', 'magic_link'] });
      const member = await scene.client(await scene.group({ journey: policy.name }));
      const rules = (methods: string[]) =>
        scene.must('put', `/v1/sso-service/policies/${policy.policy_id}`, { rules: { methods } });
      const byMail = await (await walk(member)).send({ identifier: scene.hosted.email });
      const code = await scene.hosted.lastCodeTo(scene.hosted.email);
      await rules(['password']);
      await byMail.send({ code });
      expect([pathOf(byMail.page), byMail.step]).toEqual(['/login', '']);
      await rules(['magic_link']);
      const byLink = await (await walk(member)).send({ identifier: scene.hosted.email });
      const link = await scene.hosted.lastLinkTo(scene.hosted.email);
      await rules(['password']);
      await byLink.open(link);
      expect([pathOf(byLink.page), byLink.page.url.searchParams.has('code')]).toEqual(['/login', false]);
    });

    it('by pages that were finished under other rules, and whose answer comes when these hold no more', async () => {
      const scene = await GroupScene.set(app);
      const policy = await scene.policy(BY_CODE);
      const member = await scene.client(await scene.group({ journey: policy.name }));
      const { browser, page } = await (await walk(member)).send({ identifier: scene.hosted.email });
      const [form] = page.forms;
      if (!form) throw new Error('no form');
      const answered = await fetch(form.action, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: String(browser.cookies.headerFor(form.action)), origin: form.action.origin },
        body: new URLSearchParams({
          ...form.fields,
          code: await scene.hosted.lastCodeTo(scene.hosted.email),
        }),
      });
      expect(answered.status).toBe(303);
      browser.cookies.store(form.action, answered.headers);
      await scene.must('put', `/v1/sso-service/policies/${policy.policy_id}`, { rules: BY_PASSWORD });
      const after = await browser.open(new URL(String(answered.headers.get('location')), app.url));
      expect(pathOf(after)).toBe('/login');
      expect(await scene.silently(browser, member)).toBe('login_required');
      expect(await scene.silently(browser, outside)).toBe('login_required');
    });

    it('by a session that came from elsewhere, or by the interaction of another client', async () => {
      const strict = await scene.policy({ ...BY_PASSWORD, second_factor: 'required' });
      const member = await scene.client(await scene.group({ journey: strict.name, ...SILENT }));
      const browser = await scene.signedIn(outside);
      expect(await scene.silently(browser, member)).toBe('login_required');
      // The first factor of the group alone opens nothing, here or at another client of it.
      const first = await (await walk(member, browser)).send(credentials());
      expect(pathOf(first.page)).toBe('/second-factor');
      expect(await scene.silently(browser, member)).toBe('login_required');
      const again = await scene.open(browser, member, { acr_values: 'urn:transmit:centralized' });
      expect(again.url.searchParams.has('code')).toBe(false);
      for (const address of [`/login/${first.uid}`, `/consent/${first.uid}`, `/hub/${first.uid}`])
        expect((await browser.open(address)).url.searchParams.has('code')).toBe(false);
      // A weaker sign-in is finished at the client outside, and opens that client only.
      const elsewhere = await (await walk(outside)).send(credentials());
      expect(await elsewhere.claims()).toMatchObject({ aud: outside.clientId });
      expect(await scene.silently(elsewhere.browser, member)).toBe('login_required');
    });

    it('by the authentication API, the password grant or CIBA (authentication.md 1, 7)', async () => {
      const { name: journey } = await scene.policy(BY_PASSWORD);
      const group = await scene.group({ journey });
      const ciba = { ciba_authorization: { enabled: true, login_uri: 'https://bank.example.com/confirm' } };
      const member = await scene.client('', ciba);
      const backend = api(app, await clientToken(app, member));
      const { identifier: email, password } = credentials();
      const redirect = () =>
        api(app).post('/v1/auth/password/login', {
          email,
          password,
          client_id: member.clientId,
          redirect_uri: REDIRECT_URI,
        });
      const direct = () =>
        backend.post('/v1/auth/password/authenticate', { username: email, username_type: 'email', password });
      const grant = () => {
        const form = { grant_type: 'password', username: email, username_type: 'email', password };
        return postForm(`${app.url}/oidc/token`, form, member);
      };
      const login_hint = scene.hosted.scene.person.userId;
      const request_context = JSON.stringify({ channel: 'link', login_hint_type: 'user_id' });
      const ask = () =>
        postForm(`${app.url}/oidc/backchannel`, { scope: 'openid', login_hint, request_context }, member);
      // The person becomes a member of the application.
      await scene.signedIn(member);
      const before = await redirect();
      expect(before.status).toBe(200);
      const session = await direct();
      expect([session.status, (await grant()).status]).toEqual([200, 200]);
      expect((await ask()).body.error).not.toBe('unauthorized_client');
      await scene.join(member, group);
      expect(await redirect()).toMatchObject({ status: 400 });
      expect(await direct()).toMatchObject({ status: 403 });
      const { session_id } = session.body;
      expect(await backend.post('/v1/auth/session/authenticate', { session_id })).toMatchObject({
        status: 403,
      });
      expect((await grant()).body.error).toBe('unauthorized_client');
      expect((await ask()).body.error).toBe('unauthorized_client');
      // A URL of before is no way in, either.
      const browser = new Browser(app);
      const { url } = await browser.open(new URL(before.body.result.url));
      expect(url.searchParams.get('error')).toBe('access_denied');
      expect(await scene.silently(browser, member)).toBe('login_required');
    });

    it('while a client of a group with the default journey may use the API, for the group’s session', async () => {
      const member = await scene.client(await scene.group(SILENT));
      await scene.signedIn(member);
      const answer = await api(app).post('/v1/auth/password/login', {
        email: credentials().identifier,
        password: credentials().password,
        client_id: member.clientId,
        redirect_uri: REDIRECT_URI,
      });
      const browser = new Browser(app);
      const page = await browser.open(new URL(answer.body.result.url));
      expect(page.url.searchParams.get('code')).toBeTruthy();
      expect([await scene.silently(browser, member), await scene.silently(browser, outside)]).toEqual([
        'code',
        'login_required',
      ]);
    });
  });
});

describe('sessions of client groups over days', () => {
  let clock: Clock;
  let app: App;
  let scene: GroupScene;
  let outside: Member;
  beforeAll(async () => {
    clock = new Clock();
    app = await startApp({ clock });
    scene = await GroupScene.set(app);
    await setPasswordMethod(app, scene.hosted.scene, { ignoreExpiration: true });
    outside = { ...scene.hosted.scene };
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    clock?.remove();
  });

  // Before the clock is moved: requests are written by the provider's own.
  it('tell the end to a SAML provider in SessionNotOnOrAfter', async () => {
    const group = await scene.group({ sessionTimeout: 30, sessionTimeoutGranularity: 'minutes' });
    const sp = await scene.provider(group);
    const form = await signOn(new Browser(app), await sp.redirect(), scene.hosted.scene.person);
    const [, end = ''] = /SessionNotOnOrAfter="([^"]+)"/.exec(xmlOf(form)) ?? [];
    expect(Math.abs(Date.parse(end) / 1000 - clock.now() - 30 * MINUTE)).toBeLessThan(30);
  });

  it('end after sessionTimeout in its unit, however often they were used, and leave the browser’s session alone (saml.md 4)', async () => {
    const timeout = { sessionTimeout: 8, sessionTimeoutGranularity: 'hours' };
    const group = await scene.group({ ...SILENT, ...timeout });
    const [one, two] = [await scene.client(group), await scene.client(group)];
    const browser = await scene.signedIn(outside);
    await scene.signedIn(one, browser);
    clock.advance(7 * HOUR);
    expect(await scene.silently(browser, two)).toBe('code');
    clock.advance(HOUR - MINUTE);
    expect(await scene.silently(browser, two)).toBe('code');
    clock.advance(2 * MINUTE);
    for (const member of [one, two]) expect(await scene.silently(browser, member)).toBe('login_required');
    expect(await scene.silently(browser, outside)).toBe('code');
    // A new sign-in begins anew.
    await scene.signedIn(two, browser);
    clock.advance(7 * HOUR);
    expect(await scene.silently(browser, one)).toBe('code');
  });

  it('may last longer than the browser’s session, and shorter for a client with a session_expiration', async () => {
    const group = await scene.group({ ...SILENT, sessionTimeout: 4, sessionTimeoutGranularity: 'weeks' });
    const one = await scene.client(group);
    const hasty = await scene.client(group, { session_expiration: HOUR });
    const browser = await scene.signedIn(one);
    clock.advance(2 * HOUR);
    expect([await scene.silently(browser, one), await scene.silently(browser, hasty)]).toEqual([
      'code',
      'login_required',
    ]);
    clock.advance(20 * DAY);
    expect([await scene.silently(browser, one), await scene.silently(browser, outside)]).toEqual([
      'code',
      'login_required',
    ]);
    clock.advance(8 * DAY);
    expect(await scene.silently(browser, one)).toBe('login_required');
  });
});
