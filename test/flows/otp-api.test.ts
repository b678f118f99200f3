/** One-time codes at the authentication API (contract/authentication.md 1, 4, 7; tokens-and-sessions.md 7). */
import { decodeJwt } from 'jose';
import { Browser } from '../support/browser.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { CodeScene, METHODS, newPhone, otherThan, passcodeIn } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { MailSink } from '../support/mail-sink.ts';
import { type Api, api, clientToken } from '../support/management.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import { SmsSink } from '../support/sms-sink.ts';
import { type App, startApp } from '../support/start-app.ts';

let count = 0;
const newEmail = (): string => `code-${++count}@example.com`;

describe.each(policyStorages)('one-time codes at the authentication API ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let code: CodeScene;
  let backend: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    code = await CodeScene.set(app);
    backend = code.backend;
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const member = async (fields: Record<string, unknown> = {}) => {
    const email = newEmail();
    return { email, userId: await code.newMember({ email, ...fields }) };
  };

  describe('the redirect family', () => {
    const send = (email: string, more: Record<string, unknown> = {}, by = backend) =>
      by.post('/v1/auth/otp/email', { email, redirect_uri: REDIRECT_URI, ...more });
    const validate = (email: string, passcode: string, more: Record<string, unknown> = {}, by = backend) =>
      by.post('/v1/auth/otp/email/validation', { email, passcode, ...more });
    const text = (phone_number: string, more: Record<string, unknown> = {}) =>
      backend.post('/v1/auth/otp/sms', { phone_number, redirect_uri: REDIRECT_URI, ...more });

    it('mails a code that ends in an authorization code, which openid-client redeems', async () => {
      const { email, userId } = await member();
      const sent = await send(email);
      expect([sent.status, sent.body]).toEqual([200, { message: 'OTP email sent' }]);
      const passcode = await code.codeTo(email);
      expect(passcode).toMatch(/^\d{6}$/);
      const { status, body } = await validate(email, passcode);
      expect([status, Object.keys(body)]).toEqual([200, ['result']]);
      const page = await code.visit(body.result);
      expect(page.url.href).toContain(`${REDIRECT_URI}?code=`);
      const { claims, tokens } = await code.redeem(page);
      expect(claims).toMatchObject({ sub: userId, amr: ['eotp'], acr: '' });
      expect(Math.abs(Number(claims.auth_time) - Date.now() / 1000)).toBeLessThan(30);
      expect(tokens.refresh_token).toEqual(expect.any(String));
    });

    it('sends a text message in the words of the caller (section 1)', async () => {
      const phone = newPhone();
      const userId = await code.newMember({ email: newEmail(), phone_number: phone });
      const sent = await text(phone, {
        custom_message: '{otp} opens {app}',
        sender_id: 'SHOP',
        approval_data: { order: '17', total: 9.5 },
      });
      expect([sent.status, sent.body]).toEqual([
        200,
        { message: 'SMS sent', approval_data: { order: '17', total: 9.5 } },
      ]);
      const [message] = await code.messagesTo(phone);
      expect(message?.text).toMatch(/^\d{6} opens Shop /);
      expect(message?.sender_id).toBe('SHOP');
      const passcode = await code.codeTo(phone);
      const { body } = await backend.post('/v1/auth/otp/sms/validation', { phone_number: phone, passcode });
      const { claims } = await code.redeem(await code.visit(body.result));
      expect(claims).toMatchObject({
        sub: userId,
        amr: ['sms'],
        approval_data: { order: '17', total: 9.5 },
      });
    });

    it('puts an ID token with the nonce into the fragment, where the client has the response type (C33)', async () => {
      const { email, userId } = await member();
      await send(email, { approval_data: { order: '18' } });
      const { body } = await validate(email, await code.codeTo(email), {
        response_type: 'id_token',
        nonce: 'n-1',
      });
      const page = await code.visit(body.result);
      expect(page.url.origin + page.url.pathname).toBe(REDIRECT_URI);
      expect([...page.url.searchParams.keys()]).toEqual([]);
      const fragment = new URLSearchParams(page.url.hash.slice(1));
      expect(fragment.has('code')).toBe(false);
      expect(decodeJwt(String(fragment.get('id_token')))).toMatchObject({
        sub: userId,
        aud: code.scene.clientId,
        nonce: 'n-1',
        amr: ['eotp'],
        approval_data: { order: '18' },
      });
    });

    it('refuses an ID token to a client without the response type, and keeps the code good (C33)', async () => {
      const { email } = await member();
      const limited = await code.anotherClient({ response_types: ['code'] });
      await send(email, {}, limited.backend);
      const passcode = await code.codeTo(email);
      const refused = await validate(email, passcode, { response_type: 'id_token' }, limited.backend);
      expect([refused.status, refused.body]).toEqual([
        400,
        { message: [expect.stringContaining('response_type')], error_code: 400 },
      ]);
      expect((await validate(email, passcode, {}, limited.backend)).status).toBe(200);
    });

    it('makes a user when the code is validated, never before, and only with public sign-up (section 1)', async () => {
      const email = newEmail();
      const known = () => code.admin.get(`/v1/users/email/${email}`);
      await code.allowSignUp(false);
      expect((await send(email)).status).toBe(404);
      const closed = await send(email, { create_new_user: true });
      expect([closed.status, closed.body]).toEqual([
        403,
        { message: 'Public signup is not allowed for this application', error_code: 403 },
      ]);
      expect(await code.messagesTo(email)).toEqual([]);
      await code.allowSignUp(true);
      expect((await send(email)).body).toEqual({ message: 'User not found', error_code: 404 });
      expect((await send(email, { create_new_user: true })).status).toBe(200);
      expect((await known()).status).toBe(404);
      const passcode = await code.codeTo(email);
      expect((await validate(email, otherThan(passcode))).status).toBe(400);
      expect((await known()).status).toBe(404);
      const { body } = await validate(email, passcode);
      const user = (await known()).body.result;
      expect(user.email).toMatchObject({ value: email, email_verified: true });
      const page = await code.visit(body.result);
      const exchanged = await api(app).post('/v1/token', {
        code: page.url.searchParams.get('code'),
        client_id: code.scene.clientId,
        client_secret: code.scene.clientSecret,
      });
      expect([exchanged.status, exchanged.body.is_user_created]).toEqual([200, true]);
      await code.allowSignUp(false);
    });

    it('makes nobody where public sign-up was closed between the message and the code', async () => {
      const email = newEmail();
      await code.allowSignUp(true);
      await send(email, { create_new_user: true });
      await code.allowSignUp(false);
      expect((await validate(email, await code.codeTo(email))).status).toBe(403);
      expect((await code.admin.get(`/v1/users/email/${email}`)).status).toBe(404);
    });

    it('asks for a second factor over another channel, and then says mfa (section 7)', async () => {
      const phone = newPhone();
      const { email, userId } = await member({ phone_number: phone });
      const browser = new Browser(app);
      const byMail = async () => {
        await send(email, { require_mfa: true });
        return code.visit((await validate(email, await code.codeTo(email))).body.result, browser);
      };
      const first = await byMail();
      expect(first.url.searchParams.get('error')).toBe('mfa_required');
      expect(first.url.searchParams.get('error_description')).toMatch(/: sms$/);
      const again = await byMail();
      expect(again.url.searchParams.get('error')).toBe('mfa_required');
      await text(phone, { require_mfa: true });
      const { body } = await backend.post('/v1/auth/otp/sms/validation', {
        phone_number: phone,
        passcode: await code.codeTo(phone),
      });
      const { claims } = await code.redeem(await code.visit(body.result, browser));
      expect(claims).toMatchObject({ sub: userId, amr: ['eotp', 'sms', 'mfa'], acr: 'mfa' });
    });

    it('does not join the factors of two browsers, or of two users', async () => {
      const [mine, hers] = [newPhone(), newPhone()];
      const { email } = await member({ phone_number: mine });
      await code.newMember({ email: newEmail(), phone_number: hers });
      const browser = new Browser(app);
      await send(email, { require_mfa: true });
      await code.visit((await validate(email, await code.codeTo(email))).body.result, browser);
      for (const [phone, place] of [
        [mine, new Browser(app)],
        [hers, browser],
      ] as const) {
        await text(phone, { require_mfa: true });
        const { body } = await backend.post('/v1/auth/otp/sms/validation', {
          phone_number: phone,
          passcode: await code.codeTo(phone),
        });
        const page = await code.visit(body.result, place);
        expect(page.url.searchParams.get('error')).toBe('mfa_required');
      }
    });

    it('is good once: neither the passcode nor the URL works again', async () => {
      const { email } = await member();
      await send(email);
      const passcode = await code.codeTo(email);
      const both = await Promise.all([validate(email, passcode), validate(email, passcode)]);
      expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
      const { result } = both.find(({ status }) => status === 200)?.body ?? {};
      expect((await code.visit(result)).url.searchParams.has('code')).toBe(true);
      expect((await code.visit(result)).status).toBe(400);
    });

    it('refuses the passcode of another client, unless crossClientsAllowed; of another user and channel always', async () => {
      const phone = newPhone();
      const { email } = await member({ phone_number: phone });
      const other = await member();
      const another = await code.anotherClient();
      await send(email);
      const passcode = await code.codeTo(email);
      expect((await validate(email, passcode, {}, another.backend)).status).toBe(400);
      expect((await validate(other.email, passcode)).status).toBe(400);
      const bySms = { phone_number: phone, passcode };
      expect((await backend.post('/v1/auth/otp/sms/validation', bySms)).status).toBe(400);
      expect((await validate(email, passcode)).status).toBe(200);

      const open = await CodeScene.set(app, {
        email_otp: { ...METHODS.email_otp, crossClientsAllowed: true },
      });
      const friend = await open.anotherClient();
      const own = newEmail();
      await open.newMember({ email: own });
      await send(own, {}, open.backend);
      expect((await validate(own, await open.codeTo(own), {}, backend)).status).toBe(400);
      expect((await validate(own, await open.codeTo(own), {}, friend.backend)).status).toBe(200);
    });

    it.each([
      ['a foreign redirect URI', { redirect_uri: 'https://evil.example/cb' }, 'redirect_uri'],
      ['a resource that the client does not have', { resource: 'https://other.example' }, 'resource'],
      ['an unknown member', { admin: true }, 'admin is not a known field'],
      ['approval data with a space in a name', { approval_data: { 'a b': 1 } }, 'approval_data'],
      ['a logo that is none', { email_content: { subject: 'x', base64logo: 'eA' } }, 'base64logo'],
    ])('refuses %s before a message is sent', async (_what, more, word) => {
      const { email } = await member();
      const answer = await send(email, more);
      expect([answer.status, answer.body]).toEqual([
        400,
        { message: [expect.stringContaining(word)], error_code: 400 },
      ]);
      expect(await code.messagesTo(email)).toEqual([]);
    });

    it('answers 400 for a method that the application has not set up (section 6)', async () => {
      const bare = await CodeScene.set(app, {});
      for (const answer of [
        await send('a@example.com', {}, bare.backend),
        await validate('a@example.com', '123456', {}, bare.backend),
      ])
        expect([answer.status, answer.body]).toEqual([
          400,
          { message: [expect.stringContaining('email_otp')], error_code: 400 },
        ]);
    });

    it('refuses an organization that the user is not in', async () => {
      const { email } = await member();
      await send(email, { org_id: 'nobody' });
      const { body } = await validate(email, await code.codeTo(email));
      const page = await code.visit(body.result);
      expect(page.url.searchParams.get('error')).toBe('access_denied');
      expect(page.url.searchParams.has('code')).toBe(false);
    });

    it('sends nothing more than a few times a minute to one address, whether or not it is known (429)', async () => {
      const { email } = await member();
      for (const address of [email, newEmail()]) {
        const statuses: number[] = [];
        for (let n = 0; n < 6; n++) statuses.push((await send(address)).status);
        expect(new Set(statuses.slice(0, 5)).size).toBe(1);
        expect(statuses[5]).toBe(429);
      }
      const refused = await send(email);
      expect([refused.status, refused.body.error_code]).toEqual([429, 429]);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await code.messagesTo(email)).toHaveLength(5);
    });
  });

  describe('the backend family', () => {
    const named = (email: string) => ({ identifier_type: 'email', identifier: email });
    const send = (email: string, more: Record<string, unknown> = {}, by = backend) =>
      by.post('/v1/auth/otp/send', { channel: 'email', ...named(email), ...more });
    const authenticate = (
      email: string,
      passcode: string,
      more: Record<string, unknown> = {},
      by = backend,
    ) => by.post('/v1/auth/otp/authenticate', { passcode, ...named(email), ...more });

    it('gives tokens for a mailed code, with the session, the claims and the approval data', async () => {
      const { email, userId } = await member();
      const sent = await send(email, { approval_data: { order: '1' } });
      expect([sent.status, sent.body]).toEqual([200, { message: 'OTP sent', approval_data: { order: '1' } }]);
      const { status, body } = await authenticate(email, await code.codeTo(email), {
        claims: { id_token: { email: null } },
      });
      expect([status, body]).toMatchObject([
        200,
        { token_type: 'Bearer', expires_in: 3600, session_id: expect.any(String) },
      ]);
      expect(decodeJwt(body.id_token)).toMatchObject({
        sub: userId,
        amr: ['eotp'],
        acr: '',
        email,
        approval_data: { order: '1' },
      });
      expect((await api(app, body.access_token).get('/v1/users/me')).status).toBe(200);
    });

    it.each([
      ['user_id', (who: { userId: string }) => who.userId],
      ['username', (who: { username: string }) => who.username],
      ['phone_number', (who: { phone: string }) => who.phone],
    ])('finds a user by %s, and hands out the code with channel direct', async (identifier_type, pick) => {
      const [phone, username] = [newPhone(), `name-${newPhone().slice(1)}`];
      const made = await member({ phone_number: phone, username });
      const who = { identifier_type, identifier: pick({ ...made, phone, username }) };
      const sent = await backend.post('/v1/auth/otp/send', { channel: 'direct', ...who });
      expect([sent.status, sent.body]).toEqual([
        200,
        { message: 'OTP sent', code: expect.stringMatching(/^\d{6}$/) },
      ]);
      expect(await code.messagesTo(made.email)).toEqual([]);
      const { status, body } = await backend.post('/v1/auth/otp/authenticate', {
        ...who,
        passcode: sent.body.code,
      });
      expect(status).toBe(200);
      expect(decodeJwt(body.id_token)).toMatchObject({
        sub: made.userId,
        amr: [identifier_type === 'phone_number' ? 'sms' : 'eotp'],
      });
    });

    it('sends to another address or number where the backend says so, which proves nothing about the user', async () => {
      const { email, userId } = await member();
      const [elsewhere, phone] = [newEmail(), newPhone()];
      await send(email, { custom_email: elsewhere });
      expect(await code.messagesTo(email)).toEqual([]);
      expect((await authenticate(email, await code.codeTo(elsewhere))).status).toBe(200);
      const missing = await send(email, { channel: 'sms' });
      expect([missing.status, missing.body.error_code]).toEqual([404, 'user_phone_number_missing']);
      await send(email, {
        channel: 'sms',
        custom_phone_number: phone,
        custom_sms_input: { custom_message: '{app}: {otp}', sender_id: 'SHOP' },
        expires_in: 1,
      });
      expect((await code.messagesTo(phone))[0]).toMatchObject({
        sender_id: 'SHOP',
        text: expect.stringMatching(/^Shop \w+: \d{6}$/),
      });
      expect((await authenticate(email, await code.codeTo(phone))).status).toBe(200);
      const user = (await code.admin.get(`/v1/users/${userId}`)).body.result;
      expect(user.email).toMatchObject({ value: email, email_verified: false });
    });

    it('adds a second factor to a session of the same user and application only (section 7)', async () => {
      const phone = newPhone();
      const { email, userId } = await member({ phone_number: phone });
      const stranger = await member();
      const first = (await send(email, { channel: 'direct' })).body.code;
      const { session_id } = (await authenticate(email, first)).body;
      await send(email, { channel: 'sms' });
      const { body } = await authenticate(email, await code.codeTo(phone), { session_id });
      expect(body.session_id).toBe(session_id);
      expect(decodeJwt(body.id_token)).toMatchObject({
        sub: userId,
        amr: ['eotp', 'sms', 'mfa'],
        acr: 'mfa',
      });
      const foreign = (await send(stranger.email, { channel: 'direct' })).body.code;
      const refused = await authenticate(stranger.email, foreign, { session_id });
      expect([refused.status, refused.body]).toEqual([
        400,
        { error_code: 'system_invalid_input', message: 'Session not found' },
      ]);
    });

    it('needs the request id where one was generated, and that very one', async () => {
      const { email } = await member();
      const sent = await send(email, { channel: 'direct', generate_request_id: true });
      const { code: passcode, request_id } = sent.body;
      expect(request_id).toEqual(expect.any(String));
      for (const more of [{}, { request_id: 'another' }]) {
        const refused = await authenticate(email, passcode, more);
        expect([refused.status, refused.body.error_code]).toEqual([400, 'auth_invalid_credentials']);
      }
      expect((await authenticate(email, passcode, { request_id })).status).toBe(200);
      const plain = (await send(email, { channel: 'direct' })).body.code;
      expect((await authenticate(email, plain, { request_id })).status).toBe(400);
      expect((await authenticate(email, plain)).status).toBe(200);
    });

    it('is for users of the application, who are there and active (the table of section 4)', async () => {
      const elsewhere = newEmail();
      const { email, userId } = await member();
      await code.admin.post('/v1/users', { email: elsewhere });
      for (const stranger of [elsewhere, 'nobody@example.com']) {
        const refused = await send(stranger);
        expect([refused.status, refused.body.error_code]).toEqual([404, 'user_not_found']);
        expect((await authenticate(stranger, '000000')).body.error_code).toBe('auth_otp_passcode_expired');
      }
      const passcode = (await send(email, { channel: 'direct' })).body.code;
      await code.admin.put(`/v1/users/${userId}`, { status: 'Disabled' });
      expect((await authenticate(email, passcode)).body.error_code).toBe('auth_invalid_credentials');
      const disabled = await send(email);
      expect([disabled.status, disabled.body.error_code]).toEqual([403, 'user_not_active']);
      const phone = newPhone();
      await code.newMember({ phone_number: phone });
      const noMail = await backend.post('/v1/auth/otp/send', {
        channel: 'email',
        identifier_type: 'phone_number',
        identifier: phone,
      });
      expect([noMail.status, noMail.body.error_code]).toEqual([404, 'user_email_address_missing']);
    });

    it('names a method that the application has not set up (section 6)', async () => {
      const bare = await CodeScene.set(app, {});
      const answer = await send('a@example.com', {}, bare.backend);
      expect([answer.status, answer.body.error_code]).toEqual([403, 'auth_login_preferences_missing']);
    });

    it('refuses the code of another client, application, user and purpose', async () => {
      const [mine, hers] = [await member(), await member()];
      const other = await CodeScene.set(app);
      await other.admin.post(`/v1/applications/${other.scene.appId}/users`, { email: newEmail() });
      const another = await code.anotherClient();
      const passcode = (await send(mine.email, { channel: 'direct' })).body.code;
      for (const by of [another.backend, other.backend])
        expect((await authenticate(mine.email, passcode, {}, by)).status).toBe(400);
      expect((await authenticate(hers.email, passcode)).status).toBe(400);
      const asRedirect = await backend.post('/v1/auth/otp/email/validation', {
        email: mine.email,
        passcode,
      });
      expect(asRedirect.status).toBe(400);
      expect((await authenticate(mine.email, passcode)).status).toBe(200);
      const replayed = await authenticate(mine.email, passcode);
      expect([replayed.status, replayed.body.error_code]).toEqual([400, 'auth_otp_passcode_expired']);
    });

    it('refuses an organization that the user is not in, and a resource that the client does not have', async () => {
      for (const more of [{ org_id: 'nobody' }, { resource: 'https://other.example' }]) {
        const { email } = await member();
        const passcode = (await send(email, { channel: 'direct' })).body.code;
        const refused = await authenticate(email, passcode, more);
        expect([refused.status, refused.body.error_code]).toEqual([400, 'system_invalid_input']);
        expect(refused.body.access_token).toBeUndefined();
      }
    });

    it('tells the caller what is wrong with a message, and sends none', async () => {
      const { email } = await member();
      for (const more of [
        { channel: 'pigeon' },
        { expires_in: 0 },
        { device_id: 'x'.repeat(81) },
        { custom_sms_input: { custom_message: 'no placeholders' } },
      ]) {
        const refused = await send(email, more);
        expect([refused.status, refused.body]).toEqual([
          400,
          {
            error_code: 'system_invalid_input',
            message: expect.stringContaining(Object.keys(more)[0] ?? ''),
          },
        ]);
      }
      expect(await code.messagesTo(email)).toEqual([]);
    });

    it('refuses a custom type of identifier by name, known user or not: users have none here (section 1)', async () => {
      const { email } = await member({ external_user_id: newEmail() });
      for (const identifier_type of ['external_user_id', 'loyalty_card', '__proto__', 'constructor']) {
        const who = { identifier_type, identifier: email };
        for (const [path, more] of [
          ['send', { channel: 'direct' }],
          ['authenticate', { passcode: '123456' }],
        ] as const) {
          const refused = await backend.post(`/v1/auth/otp/${path}`, { ...who, ...more });
          expect([refused.status, refused.body]).toEqual([
            400,
            {
              error_code: 'system_invalid_input',
              message: expect.stringMatching(
                /^identifier_type: must be email, phone_number, user_id or username/,
              ),
            },
          ]);
        }
      }
    });

    it('makes codes of the length, and locks after the failures, that the application has set', async () => {
      const set = { expiresIn: 5, maxFailures: 2, lockoutDuration: 30 };
      const own = await CodeScene.set(app, {
        email_otp: { ...set, codeLength: 4, message: { primaryColor: '#1f4fd1' } },
        sms: { ...set, codeLength: 8 },
      });
      const [email, phone] = [newEmail(), newPhone()];
      await own.newMember({ email, phone_number: phone });
      const who = { identifier_type: 'email', identifier: email };
      const direct = (named: object) =>
        own.backend.post('/v1/auth/otp/send', { channel: 'direct', ...named });
      const short = await direct(who);
      expect(short.body.code).toMatch(/^\d{4}$/);
      const byPhone = { identifier_type: 'phone_number', identifier: phone };
      expect((await direct(byPhone)).body.code).toMatch(/^\d{8}$/);
      const { code: right } = (await direct(who)).body;
      const guess = (passcode: string) => authenticate(email, passcode, {}, own.backend);
      for (let at = 1; at <= 2; at++)
        expect((await guess(otherThan(right, at))).body.error_code).toBe('auth_invalid_credentials');
      const locked = await guess(right);
      expect([locked.status, locked.body.error_code]).toEqual([403, 'auth_locked']);
      const until = Date.parse(/after (\S+)$/.exec(locked.body.message)?.[1] ?? '');
      expect(Math.abs(until - Date.now() - 30 * MINUTE * 1000)).toBeLessThan(MINUTE * 1000);
    });

    it('locks after five failures, sent at once or not, and says so until the lock ends (section 4)', async () => {
      const { email } = await member();
      const passcode = (await send(email, { channel: 'direct' })).body.code;
      const guesses = await Promise.all(
        Array.from({ length: 20 }, (_, at) => authenticate(email, otherThan(passcode, (at % 9) + 1))),
      );
      const codes = guesses.map(({ body }) => body.error_code);
      expect(codes.filter((word) => word === 'auth_invalid_credentials')).toHaveLength(5);
      expect(codes.filter((word) => word === 'auth_locked')).toHaveLength(15);
      const right = await authenticate(email, passcode);
      expect([right.status, right.body.error_code]).toEqual([403, 'auth_locked']);
      const fresh = (await send(email, { channel: 'direct' })).body.code;
      expect((await authenticate(email, fresh)).status).toBe(403);
    });
  });

  it('writes no code and no address of a message to the log', async () => {
    const { email } = await member();
    await backend.post('/v1/auth/otp/email', { email, redirect_uri: REDIRECT_URI });
    const passcode = await code.codeTo(email);
    const lines = app
      .output()
      .split('\n')
      .filter((line) => !line.includes('outbox'));
    expect(lines.join('\n')).not.toContain(passcode);
  });
});

describe('a code after its time', () => {
  it('is refused as expired by the backend family, and by the redirect family (section 4)', async () => {
    const clock = new Clock();
    const app = await startApp({ clock });
    try {
      const code = await CodeScene.set(app);
      const email = newEmail();
      await code.newMember({ email });
      const named = { identifier_type: 'email', identifier: email };
      const sent = await code.backend.post('/v1/auth/otp/send', { channel: 'direct', ...named });
      const second = newEmail();
      await code.newMember({ email: second });
      const patient = { identifier_type: 'email', identifier: second };
      const longer = await code.backend.post('/v1/auth/otp/send', {
        ...{ channel: 'direct', expires_in: 7, ...patient },
      });
      await code.backend.post('/v1/auth/otp/email', { email, redirect_uri: REDIRECT_URI });
      const passcode = await code.codeTo(email);
      clock.advance(6 * MINUTE);
      const late = await code.backend.post('/v1/auth/otp/authenticate', {
        ...named,
        passcode: sent.body.code,
      });
      expect([late.status, late.body.error_code]).toEqual([400, 'auth_otp_passcode_expired']);
      const inTime = { ...patient, passcode: longer.body.code };
      expect((await code.backend.post('/v1/auth/otp/authenticate', inTime)).status).toBe(200);
      const redirect = await code.backend.post('/v1/auth/otp/email/validation', { email, passcode });
      expect([redirect.status, redirect.body]).toEqual([
        400,
        { message: [expect.stringContaining('expired')], error_code: 400 },
      ]);
    } finally {
      await app.discard();
      clock.remove();
    }
  });
});

describe('codes over real transports and two processes', () => {
  it('arrive by SMTP and webhook; guesses are counted over both processes', async () => {
    const [storage] = [...policyStorages].reverse();
    const own = await (storage as (typeof policyStorages)[number]).options();
    const [mail, sms] = [await MailSink.start(), await SmsSink.start()];
    const app = await startApp({ ...own, env: { ...mail.env, ...sms.env } });
    const isShared = own.databaseUrl !== undefined;
    const twin = isShared ? await startApp({ ...own, like: app }) : app;
    try {
      const code = await CodeScene.set(app);
      const phone = newPhone();
      const email = newEmail();
      await code.newMember({ email, phone_number: phone });
      const send = { identifier_type: 'email', identifier: email };
      await code.backend.post('/v1/auth/otp/send', { channel: 'sms', ...send });
      const bySms = passcodeIn(await sms.waitForText(phone));
      const there = api(twin, await clientToken(twin, code.scene));
      const guess = (by: Api, passcode: string) =>
        by.post('/v1/auth/otp/authenticate', { ...send, passcode });
      expect((await guess(there, bySms)).status).toBe(200);

      await code.backend.post('/v1/auth/otp/send', { channel: 'email', ...send });
      const byMail = passcodeIn(await mail.waitForMail(email));
      const guesses = await Promise.all(
        Array.from({ length: 10 }, (_, at) =>
          guess(at % 2 ? there : code.backend, otherThan(byMail, (at % 9) + 1)),
        ),
      );
      expect(guesses.filter(({ status }) => status === 400)).toHaveLength(5);
      expect((await guess(there, byMail)).body.error_code).toBe('auth_locked');
      for (const output of [app.output(), twin.output()]) {
        expect(output).not.toContain(byMail);
        expect(output).not.toContain(bySms);
      }
    } finally {
      if (twin !== app) await twin.discard();
      await app.discard();
      await mail.close();
      await sms.close();
      await own.release();
    }
  });
});
