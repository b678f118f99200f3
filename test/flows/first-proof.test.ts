/** Accounts that somebody else prepared: the first proof of an address ends what was set before it (pre-hijacking). */
import { URI } from 'otpauth';
import { Browser } from '../support/browser.ts';
import { CodeScene, METHODS, newPhone } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { HostedScene } from '../support/hosted-login.ts';
import { api } from '../support/management.ts';
import { messagesTo } from '../support/outbox-reader.ts';
import { REDIRECT_URI, type Scene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const PASSWORD = 'Set-by-somebody-Else-7';
const NOTICE = /^Earlier ways to sign in to Shop .* were removed$/;
let count = 0;

describe.each(policyStorages)('the first proof of an address ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let code: CodeScene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    code = await CodeScene.set(app, { ...METHODS, totp: {} });
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  /** An account with an address that nobody has proved, and a password. */
  const prepared = async (more: Record<string, unknown> = {}) => {
    const email = `prepared-${++count}@example.com`;
    const credentials = { password: PASSWORD, force_replace: false };
    return { email, userId: await code.newMember({ email, credentials, ...more }) };
  };
  const byPassword = (email: string) =>
    code.backend.post('/v1/auth/password/authenticate', {
      ...{ username: email, username_type: 'email', password: PASSWORD },
    });
  const byCode = async (email: string, more: Record<string, unknown> = {}) => {
    await code.backend.post('/v1/auth/otp/send', {
      channel: 'email',
      identifier_type: 'email',
      identifier: email,
    });
    return code.backend.post('/v1/auth/otp/authenticate', {
      ...{ identifier_type: 'email', identifier: email, passcode: await code.codeTo(email), ...more },
    });
  };
  const notices = async (email: string, by: App = app) =>
    (await messagesTo(by, email)).filter(({ subject }) => NOTICE.test(subject ?? ''));
  const goesOn = async (tokens: { session_id: string; refresh_token: string; access_token: string }) => {
    const session = await code.backend.post('/v1/auth/session/authenticate', {
      session_id: tokens.session_id,
    });
    const refreshed = await code.backend.post('/v1/auth/token/refresh', {
      refresh_token: tokens.refresh_token,
    });
    const me = await api(app, tokens.access_token).get('/v1/users/me/totp');
    return [session.status, refreshed.status, me.status];
  };

  it('leaves nobody in who came by an earlier password: password, sessions and tokens end, and the owner is told', async () => {
    const { email } = await prepared();
    const first = await byPassword(email);
    expect(first.status).toBe(200);
    const owner = await byCode(email);
    expect(owner.status).toBe(200);
    expect((await byPassword(email)).body.error_code).toBe('auth_invalid_credentials');
    expect((await goesOn(first.body)).every((status) => status >= 400)).toBe(true);
    expect(await goesOn(owner.body)).toEqual([200, 200, 200]);
    expect(await notices(email)).toHaveLength(1);
  });

  it('removes an authenticator app that was set up before', async () => {
    const { email } = await prepared();
    const me = api(app, (await byPassword(email)).body.access_token);
    const { totp_id, uri } = (await me.post('/v1/users/me/totp')).body;
    const totp = URI.parse(uri) as { generate(): string };
    expect((await me.post(`/v1/users/me/totp/${totp_id}/confirm`, { code: totp.generate() })).status).toBe(
      200,
    );
    const owner = api(app, (await byCode(email)).body.access_token);
    expect((await owner.get('/v1/users/me/totp')).body).toMatchObject({ result: [], recovery_codes_left: 0 });
  });

  it('does the same for links and codes of the redirect family', async () => {
    const [linked, coded] = [await prepared(), await prepared()];
    await code.backend.post('/v1/auth/links/email', { email: linked.email, redirect_uri: REDIRECT_URI });
    expect((await code.visit(await code.linkTo(linked.email))).url.href).toContain(`${REDIRECT_URI}?code=`);
    await code.backend.post('/v1/auth/otp/email', { email: coded.email, redirect_uri: REDIRECT_URI });
    const { body } = await code.backend.post('/v1/auth/otp/email/validation', {
      ...{ email: coded.email, passcode: await code.codeTo(coded.email) },
    });
    expect((await code.visit(body.result)).url.href).toContain(`${REDIRECT_URI}?code=`);
    for (const { email } of [linked, coded]) {
      expect((await byPassword(email)).status).toBe(400);
      expect(await notices(email)).toHaveLength(1);
    }
  });

  it('keeps of a reset only the new password: an authenticator app from before ends, and the next code takes nothing', async () => {
    const { email } = await prepared();
    const me = api(app, (await byPassword(email)).body.access_token);
    const { totp_id, uri } = (await me.post('/v1/users/me/totp')).body;
    const totp = URI.parse(uri) as { generate(): string };
    await me.post(`/v1/users/me/totp/${totp_id}/confirm`, { code: totp.generate() });
    await code.backend.post('/v1/auth/password/reset/email/otp', { email });
    const validated = await code.backend.post('/v1/auth/password/reset/email/otp/validate', {
      ...{ email, passcode: await code.codeTo(email) },
    });
    const own = 'Chosen-by-the-Owner-9';
    const reset = { reset_token: validated.body.result, new_password: own };
    expect((await code.backend.post('/v1/auth/password/reset', reset)).status).toBe(200);
    const owner = api(app, (await byCode(email)).body.access_token);
    expect((await owner.get('/v1/users/me/totp')).body.result).toEqual([]);
    const again = { username: email, username_type: 'email', password: own };
    expect((await code.backend.post('/v1/auth/password/authenticate', again)).status).toBe(200);
  });

  it('keeps everything for the person who has just shown the password, and then an address in the same session', async () => {
    const { email, userId } = await prepared();
    const { session_id } = (await byPassword(email)).body;
    const both = await byCode(email, { session_id });
    expect(both.body).toMatchObject({ session_id });
    expect((await code.admin.get(`/v1/users/${userId}`)).body.result.email.email_verified).toBe(true);
    expect((await byPassword(email)).status).toBe(200);
    expect(await notices(email)).toEqual([]);
  });

  it('does not take a session of somebody else, or one without a credential, for that person', async () => {
    const [victim, other] = [await prepared(), await prepared()];
    const foreign = (await byPassword(other.email)).body.session_id;
    await byCode(victim.email, { session_id: foreign });
    expect((await byPassword(victim.email)).status).toBe(400);

    const { email } = await prepared();
    const direct = await code.backend.post('/v1/auth/otp/send', {
      ...{ channel: 'direct', identifier_type: 'email', identifier: email },
    });
    const { session_id } = (
      await code.backend.post('/v1/auth/otp/authenticate', {
        ...{ identifier_type: 'email', identifier: email, passcode: direct.body.code },
      })
    ).body;
    await byCode(email, { session_id });
    expect((await byPassword(email)).status).toBe(400);
  });

  it('keeps the password where another address was proved before, or one is proved with the own token', async () => {
    const phone = newPhone();
    const proved = await prepared({ phone_number: phone });
    const at = `/v1/users/${proved.userId}/phone-numbers/${encodeURIComponent(phone)}/verify`;
    const word = await code.backend.post(at, {});
    expect(word.status).toBe(202);
    await byCode(proved.email);
    expect((await byPassword(proved.email)).status).toBe(200);

    const own = await prepared();
    const me = api(app, (await byPassword(own.email)).body.access_token);
    await me.post('/v1/verification/otp/email/send', { email: own.email });
    const passcode = await code.codeTo(own.email);
    const validated = await me.post('/v1/verification/otp/email/validate', { email: own.email, passcode });
    expect(validated.status).toBe(200);
    await byCode(own.email);
    expect((await byPassword(own.email)).status).toBe(200);
    expect([await notices(proved.email), await notices(own.email)]).toEqual([[], []]);
  });

  describe('on the hosted pages', () => {
    const hostedBy = (primary_method: string) =>
      HostedScene.set(app, { hosted_login: { first_page: 'identifier', primary_method } });
    const signedIn = (browser: Browser, { rp }: Scene) =>
      rp
        .authorize({ prompt: 'none' })
        .then(async ({ url }) => (await browser.open(url)).url.searchParams.has('code'));
    it.each([
      ['email_otp', 'email'],
      ['sms_otp', 'phone'],
      ['magic_link', 'email'],
    ] as const)('ends the password and the other sessions with the first %s', async (method, channel) => {
      const hosted = await hostedBy('password');
      const { scene } = hosted;
      const person = { email: `hosted-${++count}@example.com`, phone: newPhone() };
      const made = await hosted.admin.post('/v1/users', {
        ...{ email: person.email, phone_number: person.phone },
        credentials: { password: PASSWORD, force_replace: false },
      });
      const thief = new Browser(app);
      const before = await (await hosted.begin({}, thief)).send({ identifier: person.email });
      await before.send({ password: PASSWORD });
      expect(await signedIn(thief, scene)).toBe(true);

      await hosted.configure({ hosted_login: { first_page: 'identifier', primary_method: method } });
      const owner = await (await hosted.begin()).send({ identifier: person.email });
      if (method === 'magic_link') await owner.open(await hosted.lastLinkTo(person.email));
      else await owner.send({ code: await hosted.lastCodeTo(person[channel]) });
      expect((await owner.claims()).sub).toBe(made.body.result.user_id);
      expect([await signedIn(thief, scene), await signedIn(owner.browser, scene)]).toEqual([false, true]);
      expect(await notices(person.email)).toHaveLength(1);

      await hosted.configure({ hosted_login: { first_page: 'identifier', primary_method: 'password' } });
      const again = await (await hosted.begin()).send({ identifier: person.email });
      await again.send({ password: PASSWORD });
      expect(again.page.status).toBe(401);
    });
  });
});
