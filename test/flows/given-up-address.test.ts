/** Codes and links that went to an address which the user has given up since: whoever reads them now gets nothing. */
import { CodeScene, METHODS, newPhone } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { HostedScene } from '../support/hosted-login.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const PASSWORD = 'Meadow-lantern-Forty-2';
let count = 0;
const newEmail = () => `moved-${++count}@example.com`;

describe.each(policyStorages)('a code or link to an address that was given up ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let code: CodeScene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    code = await CodeScene.set(app, METHODS);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const member = async () => {
    const [email, phone] = [newEmail(), newPhone()];
    const credentials = { password: PASSWORD, force_replace: false };
    const userId = await code.newMember({ email, phone_number: phone, credentials });
    return { email, phone, userId, named: { identifier_type: 'user_id', identifier: userId } };
  };
  const move = async (userId: string) => {
    const values = { email: newEmail(), phone_number: newPhone() };
    expect((await code.admin.put(`/v1/users/${userId}`, values)).status).toBe(200);
    return values.email;
  };

  describe('at the API', () => {
    it.each(['email', 'sms'])('does not sign in with a code by %s (backend family)', async (channel) => {
      const { email, phone, userId, named } = await member();
      await code.backend.post('/v1/auth/otp/send', { channel, ...named });
      const passcode = await code.codeTo(channel === 'email' ? email : phone);
      await move(userId);
      const { status, body } = await code.backend.post('/v1/auth/otp/authenticate', { ...named, passcode });
      expect([status, body.error_code]).toEqual([400, 'auth_invalid_credentials']);
    });

    it('still signs in with a code that the backend has sent to an address of its own choice', async () => {
      const { userId, named } = await member();
      const custom_email = newEmail();
      await code.backend.post('/v1/auth/otp/send', { channel: 'email', ...named, custom_email });
      const passcode = await code.codeTo(custom_email);
      await move(userId);
      expect((await code.backend.post('/v1/auth/otp/authenticate', { ...named, passcode })).status).toBe(200);
    });

    it('does not sign in with a link (backend family)', async () => {
      const { email, userId, named } = await member();
      await code.backend.post('/v1/auth/link/email/send', { ...named, redirect_uri: REDIRECT_URI });
      const secret = (await code.linkTo(email)).searchParams.get('code');
      await move(userId);
      const answer = await code.backend.post('/v1/auth/link/email/authenticate', { code: secret });
      expect(answer.status).toBe(400);
    });

    it('does not sign in with a code or link of the redirect family', async () => {
      const { email, userId } = await member();
      await code.backend.post('/v1/auth/otp/email', { email, redirect_uri: REDIRECT_URI });
      const passcode = await code.codeTo(email);
      await code.backend.post('/v1/auth/links/email', { email, redirect_uri: REDIRECT_URI });
      const link = await code.linkTo(email);
      await move(userId);
      expect((await code.backend.post('/v1/auth/otp/email/validation', { email, passcode })).status).toBe(
        400,
      );
      expect((await code.visit(link)).status).toBe(400);
    });

    it('does not reset the password, with the code, with what the code gave, or with a link', async () => {
      const at = '/v1/auth/password/reset';
      const reset = (reset_token: unknown) =>
        code.backend.post(at, { reset_token, new_password: `${PASSWORD}-new` });
      const coded = await member();
      await code.backend.post(`${at}/email/otp`, { email: coded.email });
      const passcode = await code.codeTo(coded.email);
      const validated = await code.backend.post(`${at}/email/otp/validate`, { email: coded.email, passcode });
      await move(coded.userId);
      expect((await reset(validated.body.result)).body.error_code).toBe('invalid_reset_token');

      const linked = await member();
      await code.backend.post(`${at}/email/link`, { email: linked.email, redirect_uri: REDIRECT_URI });
      const token = (await code.linkTo(linked.email)).searchParams.get('reset_token');
      const email = await move(linked.userId);
      expect((await reset(token)).body.error_code).toBe('invalid_reset_token');
      const old = { username: email, username_type: 'email', password: PASSWORD };
      expect((await code.backend.post('/v1/auth/password/authenticate', old)).status).toBe(200);
    });
  });

  describe('on the hosted pages', () => {
    const hostedBy = (primary_method: string) =>
      HostedScene.set(app, { hosted_login: { first_page: 'identifier', primary_method } });
    const leave = (hosted: HostedScene) => move(hosted.scene.person.userId);

    it('does not sign in with a code', async () => {
      const hosted = await hostedBy('email_otp');
      const walk = await (await hosted.begin()).send({ identifier: hosted.email });
      const right = await hosted.lastCodeTo(hosted.email);
      await leave(hosted);
      await walk.send({ code: right });
      expect([walk.page.status, walk.step]).toEqual([401, 'email-code']);
    });

    it('does not sign in with a link', async () => {
      const hosted = await hostedBy('magic_link');
      const walk = await (await hosted.begin()).send({ identifier: hosted.email });
      const link = await hosted.lastLinkTo(hosted.email);
      await leave(hosted);
      await walk.open(link);
      expect([walk.page.status, walk.page.url.searchParams.has('code')]).toEqual([400, false]);
    });

    it.each(['before', 'after'])('does not reset the password %s the code was typed', async (when) => {
      const hosted = await HostedScene.set(app);
      const walk = await (await hosted.begin()).send({ action: 'forgot' });
      await walk.send({ identifier: hosted.email, channel: 'email' });
      const right = await hosted.lastCodeTo(hosted.email);
      if (when === 'before') await leave(hosted);
      await walk.send({ code: right });
      expect([walk.page.status, walk.step]).toEqual(
        when === 'before' ? [401, 'reset-code'] : [200, 'new-password'],
      );
      if (when === 'before') return;
      await leave(hosted);
      await walk.send({ password: `${PASSWORD}-new` });
      expect([walk.page.status, walk.step]).toEqual([400, 'new-password']);
    });
  });
});
