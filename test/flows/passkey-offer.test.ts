/** The offer of a passkey right after a sign-in on the hosted pages (issue 5): to whom, how often, and to whom not. */
import { AuthenticatorApp } from '../support/authenticator-app.ts';
import type { Browser, Page } from '../support/browser.ts';
import { Clock, DAY, MINUTE } from '../support/clock.ts';
import { formOf, HostedScene, headingOf, type Walk } from '../support/hosted-login.ts';
import { api, clientToken } from '../support/management.ts';
import { answerField, newAuthenticator, startCeremony } from '../support/own-passkeys.ts';
import { type App, startApp } from '../support/start-app.ts';

const PASSWORD = 'Some-Good-Pass9-of-mine';
const METHODS = { webauthn_api: { rpId: 'localhost' }, totp: {} };

describe('the offer of a passkey after a sign-in', () => {
  let clock: Clock;
  let app: App;
  let hosted: HostedScene;
  let count = 0;
  beforeAll(async () => {
    clock = new Clock();
    app = await startApp({ clock });
    hosted = await scene();
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    clock?.remove();
  });

  /** An application that has named passkeys among its methods. */
  async function scene(
    settings: Record<string, unknown> = {},
    methods: object = METHODS,
  ): Promise<HostedScene> {
    const at = await HostedScene.set(app, settings);
    const path = `/loginPreferences/${at.scene.appId}/authMethods`;
    expect((await at.admin.put(path, methods)).status).toBe(200);
    return at;
  }
  /** Somebody new, with a username and, unless told otherwise, a password. */
  async function newUser(more: object = {}, at = hosted): Promise<{ name: string; userId: string }> {
    const name = `offered-${count++}`;
    const body = { username: name, credentials: { password: PASSWORD, force_replace: false }, ...more };
    const made = await api(app, await clientToken(app, at.scene)).post('/v1/users', body);
    expect(made.status).toBe(201);
    return { name, userId: made.body.result.user_id };
  }
  const past = async (name: string, at = hosted, parameters = {}, browser?: Browser): Promise<Walk> =>
    (await at.begin({ prompt: 'login', ...parameters }, browser)).send({
      identifier: name,
      password: PASSWORD,
    });
  const isOffer = ({ page }: { page: Page }): boolean => page.url.pathname.startsWith('/passkey-offer/');
  const isBack = ({ page }: { page: Page }): boolean => page.url.searchParams.has('code');
  const start = (walk: Walk, browser: Pick<Browser, 'cookies'> = walk.browser, headers = {}) =>
    startCeremony(app, browser, `/passkey-offer/${walk.uid}/start`, headers);
  const add = async (walk: Walk): Promise<Walk> => {
    const { body } = await start(walk);
    return walk.send(answerField(body.webauthn_session_id, newAuthenticator(app).create(body.options)));
  };
  /** As the account page of this browser's user lists them. */
  const passkeysOf = async ({ browser }: Pick<Walk, 'browser'>): Promise<number> => {
    const { status, html } = await browser.open('/account/passkeys');
    expect(status).toBe(200);
    return html.split('value="rename"').length - 1;
  };

  it('is a step at its own address; with a passkey the sign-in goes on, and nothing is offered again', async () => {
    const { name, userId } = await newUser();
    const walk = await past(name);
    expect([isOffer(walk), headingOf(walk.page)]).toEqual([true, 'Sign in faster next time?']);
    // Nothing is left to be cancelled: the person is signed in.
    expect(walk.page.html).not.toContain('value="cancel"');
    expect(await (await add(walk)).claims()).toMatchObject({ sub: userId, amr: ['pwd'] });
    const again = await past(name);
    expect(await again.claims()).toMatchObject({ sub: userId });
  });

  it('is told to the owner by mail, as everything that changes how they sign in', async () => {
    const email = 'offered-with-mail@example.com';
    const { name, userId } = await newUser({ email });
    const backend = api(app, await clientToken(app, hosted.scene));
    expect((await backend.post(`/v1/users/${userId}/emails/${email}/verify`, {})).status).toBe(202);
    const walk = await past(name);
    expect(walk.page.html).toContain(email);
    expect(isBack(await add(walk))).toBe(true);
    expect((await hosted.lastMessageTo(email)).subject).toBe('A passkey was added to your account');
  });

  it('follows a code, too, where there is no password, and the second factor', async () => {
    const email = 'offered-by-code@example.com';
    await newUser({ email, credentials: undefined });
    const walk = await hosted.begin();
    await walk.send({ action: 'methods', identifier: email });
    await walk.send({ method: 'email_otp' });
    await walk.send({ code: await hosted.lastCodeTo(email) });
    expect(isOffer(walk)).toBe(true);
    expect(await (await walk.send({ action: 'not-now' })).claims()).toMatchObject({ amr: ['eotp'] });

    const { name } = await newUser({ email: 'offered-by-two@example.com' });
    const two = await past(name, hosted, { acr_values: 'mfa' });
    await two.send({ factor: 'email' });
    await two.send({ code: await hosted.lastCodeTo('offered-by-two@example.com') });
    expect(isOffer(two)).toBe(true);
    expect(await (await two.send({ action: 'not-now' })).claims()).toMatchObject({ acr: 'mfa' });
  });

  it('never comes between without a sign-in: neither with prompt=none nor for a session that is there', async () => {
    const { name, userId } = await newUser();
    const walk = await past(name);
    expect(isOffer(walk)).toBe(true);
    for (const parameters of [{ prompt: 'none' }, {}] as Record<string, string>[]) {
      const silent = await hosted.begin(parameters, walk.browser);
      expect(await silent.claims()).toMatchObject({ sub: userId });
    }
    // The page that is still open is good, too.
    expect(isBack(await walk.send({ action: 'not-now' }))).toBe(true);
  });

  it.each([
    ['has not named the method', {}, {}],
    ['does not want the offer', { hosted_login: { passkey_offer: false } }, METHODS],
    ['has no passkeys on its pages', { hosted_login: { secondary_methods: ['email_otp'] } }, METHODS],
  ])('is not made where the application %s', async (_what, settings, methods) => {
    const at = await scene(settings, methods);
    const { name } = await newUser({}, at);
    expect(isBack(await past(name, at))).toBe(true);
  });

  describe('gives nobody more than the account pages would (enrolment without re-authentication)', () => {
    it('is not made to who has a mailbox only, where the owner has a password', async () => {
      const email = 'offered-mailbox@example.com';
      const { name, userId } = await newUser({ email });
      // Confirmed before: a first proof would end the password (users/first-proof.ts).
      const backend = api(app, await clientToken(app, hosted.scene));
      expect((await backend.post(`/v1/users/${userId}/emails/${email}/verify`, {})).status).toBe(202);
      const owner = await past(name);
      const { body } = await start(owner);
      const thief = await hosted.begin();
      await thief.send({ action: 'methods', identifier: email });
      await thief.send({ method: 'email_otp' });
      await thief.send({ code: await hosted.lastCodeTo(email) });
      expect([isOffer(thief), isBack(thief)]).toEqual([false, true]);
      // Nor do they get in at the owner's page, or start its ceremony.
      const foreign = await thief.browser.open(owner.page.url);
      expect([foreign.status, foreign.forms]).toEqual([400, []]);
      expect(await start(owner, thief.browser)).toMatchObject({ status: 404, body: {} });
      const answer = answerField(body.webauthn_session_id, newAuthenticator(app).create(body.options));
      expect((await thief.browser.submit(formOf(owner.page), answer)).status).toBe(400);
      expect(await passkeysOf(owner)).toBe(0);
    });

    it('is not made to who has the password only, where the owner has an authenticator app', async () => {
      const { name } = await newUser();
      const walk = await past(name, hosted, { acr_values: 'mfa' });
      const device = AuthenticatorApp.ofPage(walk.page.html);
      await walk.send({ code: device.code(clock.now() * 1000) });
      // The page of the recovery codes, then the offer: the session is strong.
      expect(isOffer(await walk.send({}))).toBe(true);
      const thief = await past(name);
      expect([isOffer(thief), isBack(thief)]).toEqual([false, true]);
    });

    it('ends with the first passkey: a page that stood open elsewhere adds no second one', async () => {
      const { name } = await newUser();
      const [first, second] = [await past(name), await past(name)];
      const { body } = await start(second);
      expect(isBack(await add(first))).toBe(true);
      expect(await start(second)).toMatchObject({ status: 403, body: { error_code: expect.anything() } });
      const answer = answerField(body.webauthn_session_id, newAuthenticator(app).create(body.options));
      expect((await second.send(answer)).page.status).toBe(403);
      expect(await passkeysOf(first)).toBe(1);
    });

    it('starts no ceremony for another site, and takes no answer without its form or of another ceremony', async () => {
      const [{ name }, other] = [await newUser(), await newUser()];
      const [walk, mallory] = [await past(name), await past(other.name)];
      for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }])
        expect(await start(walk, walk.browser, headers)).toMatchObject({ status: 403 });
      const { body } = await start(mallory);
      const answer = answerField(body.webauthn_session_id, newAuthenticator(app).create(body.options));
      expect((await walk.send(answer)).page.status).toBe(400);
      const own = await start(walk);
      const good = answerField(own.body.webauthn_session_id, newAuthenticator(app).create(own.body.options));
      expect((await walk.send({ ...good, csrf: 'x' })).page.status).toBe(403);
      expect((await walk.send({})).page.status).toBe(400);
      expect([await passkeysOf(walk), await passkeysOf(mallory)]).toEqual([0, 0]);
    });

    it('is over ten minutes after the sign-in; the way on without one stays open', async () => {
      const { name } = await newUser();
      const walk = await past(name);
      const { body } = await start(walk);
      clock.advance(11 * MINUTE);
      expect(await start(walk)).toMatchObject({ status: 403 });
      const answer = answerField(body.webauthn_session_id, newAuthenticator(app).create(body.options));
      expect((await walk.send(answer)).page.status).toBe(403);
      expect(isBack(await walk.send({ action: 'not-now' }))).toBe(true);
      expect(await passkeysOf(walk)).toBe(0);
    });
  });

  it('comes back 30 days after "Not now", whichever application asks', async () => {
    const { name } = await newUser();
    expect(isBack(await (await past(name)).send({ action: 'not-now' }))).toBe(true);
    const other = await scene();
    expect(isBack(await past(name))).toBe(true);
    clock.advance(29 * DAY);
    expect(isBack(await past(name))).toBe(true);
    clock.advance(2 * DAY);
    expect(isOffer(await past(name))).toBe(true);
    expect(other.scene.appId).not.toBe(hosted.scene.appId);
  });
});
