/** Registering, validating and resetting passwords through the authentication API (contract/authentication.md 5). */
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Browser } from '../support/browser.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { policyStorages, postgresUrl, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { codeTo, linkTo, messagesTo } from '../support/outbox-reader.ts';
import { setPasswordMethod } from '../support/password-method.ts';
import { rawPost } from '../support/raw-post.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const RESET = '/v1/auth/password/reset';
const NEW = ['Meadow-lantern-42', 'Harbour!violet-77', 'Copper_sunrise-19'] as const;
const other = (code: string): string => code.replace(/^\d/, (first) => String((Number(first) + 1) % 10));
const brief = ({ status, body }: Answer) => [status, body.error_code];

describe.each(policyStorages)('resetting a password at the API ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  let shop: Scene;
  let stranger: Scene;
  let backend: Api;

  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
    shop = await setScene(app);
    stranger = await setScene(app);
    backend = api(app, await clientToken(app, shop));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  /** Somebody new: limits and locks of one test leave the others alone. */
  const person = async (more: Record<string, unknown> = {}) => {
    const tag = Math.random().toString(36).slice(2, 10);
    const email = `reset-${tag}@example.com`;
    const phone_number = `+1415555${String(Math.floor(Math.random() * 10_000)).padStart(4, '0')}${String(Math.floor(Math.random() * 100)).padStart(2, '0')}`;
    const password = `Aa1!first-${tag}-xyz`;
    const made = await admin.post('/v1/users', {
      email,
      phone_number,
      credentials: { password, force_replace: false },
      ...more,
    });
    expect(made.status).toBe(201);
    return { email, phone_number, password, userId: String(made.body.result.user_id) };
  };
  /** Of the shop, and of no other application. */
  const member = async () => {
    const tag = Math.random().toString(36).slice(2, 10);
    const email = `member-${tag}@example.com`;
    const credentials = { password: `Aa1!first-${tag}-xyz`, force_replace: false };
    const made = await backend.post('/v1/users', { email, credentials });
    expect(made.status).toBe(201);
    return { email, userId: String(made.body.result.user_id) };
  };
  const tokenByMail = async (email: string, by = backend, more: object = {}): Promise<string> => {
    expect((await by.post(`${RESET}/email/otp`, { email })).status).toBe(200);
    const passcode = await codeTo(app, email);
    const answer = await by.post(`${RESET}/email/otp/validate`, { email, passcode, ...more });
    expect(answer.status).toBe(200);
    return answer.body.result;
  };
  const reset = (reset_token: unknown, more: Record<string, unknown> = {}, at = app) =>
    api(at).post(RESET, { reset_token, new_password: NEW[0], ...more });
  const signIn = (email: string, password: string) =>
    backend.post('/v1/auth/password/authenticate', { username: email, username_type: 'email', password });

  describe('from the message to the new password', () => {
    it('sets the password with a mailed code and signs in at the redirect URI with the URL it answers', async () => {
      const { email, password, userId } = await person();
      const answer = await reset(await tokenByMail(email), { redirect_uri: REDIRECT_URI });
      expect([answer.status, answer.body]).toEqual([
        200,
        { message: expect.any(String), url: expect.stringContaining(`${app.issuer}/auth?`), email },
      ]);
      const page = await new Browser(app).open(new URL(answer.body.url));
      const code = String(page.url.searchParams.get('code'));
      const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
      const tokens = await postForm(`${app.url}/oidc/token`, form, shop);
      // What was proved is the mailbox, and no second factor may be made of it.
      expect(decodeJwt(tokens.body.id_token)).toMatchObject({ sub: userId, amr: ['eotp'] });
      expect(brief(await signIn(email, password))).toEqual([400, 'auth_invalid_credentials']);
      expect((await signIn(email, NEW[0])).status).toBe(200);
    });

    it('sets it with a code by text message, and without a URL where none is asked for', async () => {
      const { email, phone_number } = await person();
      expect((await backend.post(`${RESET}/sms/otp`, { phone_number })).body).toEqual({
        message: 'SMS sent',
      });
      const code = await codeTo(app, phone_number);
      const { body } = await backend.post(`${RESET}/sms/otp/validate`, { phone_number, passcode: code });
      expect((await reset(body.result)).body).toEqual({ message: expect.any(String), url: '', email });
      expect((await signIn(email, NEW[0])).status).toBe(200);
    });

    it.each(['code', 'reset_token'])(
      'sets it with the mailed link, which leads to the redirect URI with the token as %s',
      async (parameter) => {
        const { email } = await person();
        const sent = await backend.post(`${RESET}/email/link`, { email, redirect_uri: REDIRECT_URI });
        expect(sent.status).toBe(200);
        const link = await linkTo(app, email);
        expect(link.origin + link.pathname).toBe(REDIRECT_URI);
        expect((await reset(link.searchParams.get(parameter))).status).toBe(200);
        expect((await signIn(email, NEW[0])).status).toBe(200);
      },
    );

    it('hands the link of /reset/link to the backend, which proves no mailbox', async () => {
      const { email, userId } = await member();
      const made = await backend.post(`${RESET}/link`, { email, redirect_uri: REDIRECT_URI });
      expect([made.status, made.body]).toEqual([200, { reset_link: expect.any(String) }]);
      expect(await messagesTo(app, email)).toEqual([]);
      const link = new URL(made.body.reset_link);
      expect(link.origin + link.pathname).toBe(REDIRECT_URI);
      const token = link.searchParams.get('code');
      expect((await reset(token)).status).toBe(200);
      expect((await signIn(email, NEW[0])).status).toBe(200);
      expect((await admin.get(`/v1/users/${userId}`)).body.result.email.email_verified).toBe(false);
      expect(brief(await reset(token))).toEqual([400, 'invalid_reset_token']);
    });

    it('hands out no link for a stranger, or for whom another application knows as well', async () => {
      const ask = (email: string, redirect_uri = REDIRECT_URI) =>
        backend.post(`${RESET}/link`, { email, redirect_uri });
      const [shared, own] = [await member(), await member()];
      const elsewhere = api(app, await clientToken(app, stranger));
      expect((await elsewhere.post('/v1/users', { email: shared.email })).status).toBeLessThan(300);
      expect(brief(await ask(shared.email))).toEqual([403, 'forbidden']);
      // Of the tenant, but not of this application.
      for (const { email } of [await person(), { email: 'nobody@example.com' }])
        expect(brief(await ask(email))).toEqual([404, 'not_found']);
      expect(brief(await ask(own.email, 'https://evil.example/cb'))).toEqual([400, 'invalid_request']);
      expect(
        (await elsewhere.post(`${RESET}/link`, { email: own.email, redirect_uri: REDIRECT_URI })).status,
      ).toBe(404);
      await admin.put(`/v1/users/${own.userId}`, { status: 'Disabled' });
      expect(brief(await ask(own.email))).toEqual([404, 'not_found']);
    });

    it('sets it with the old password, and with the token of an expired or temporary one (403 at the sign-in)', async () => {
      const { email, password } = await person();
      const old = await backend.post(`${RESET}/password/validate`, { email, password });
      expect((await reset(old.body.result)).status).toBe(200);
      const temporary = await person({ credentials: { password: `Aa1!${NEW[2]}`, force_replace: true } });
      const refused = await api(app).post('/v1/auth/password/login', {
        email: temporary.email,
        password: `Aa1!${NEW[2]}`,
        client_id: shop.clientId,
        redirect_uri: REDIRECT_URI,
      });
      expect(refused).toMatchObject({
        status: 403,
        body: { message: 'temporary_password', error_code: 403 },
      });
      expect((await reset(refused.body.reset_token)).status).toBe(200);
      expect((await signIn(temporary.email, NEW[0])).status).toBe(200);
    });

    it('ends the sessions of browsers and backends and the refresh tokens, and lifts a lock', async () => {
      const { email, password, userId } = await person();
      const browser = new Browser(app);
      const own = { ...shop.person, identifier: email, password, userId };
      await shop.rp.signIn(app, own, { browser });
      const { refresh_token, session_id } = (await signIn(email, password)).body;
      const goOn = () => backend.post('/v1/auth/session/authenticate', { session_id });
      expect((await goOn()).status).toBe(200);
      for (let at = 0; at < 5; at++) await signIn(email, 'wrong');
      expect(brief(await signIn(email, password))).toEqual([403, 'auth_locked']);
      expect((await reset(await tokenByMail(email))).status).toBe(200);
      expect([(await goOn()).status, (await goOn()).body.message]).toEqual([400, 'Session not found']);
      const page = await browser.open((await shop.rp.authorize({ prompt: 'none' })).url);
      expect(page.url.searchParams.get('error')).toBe('login_required');
      const form = { grant_type: 'refresh_token', refresh_token };
      expect((await postForm(`${app.url}/oidc/token`, form, shop)).body.error).toBe('invalid_grant');
      expect((await signIn(email, NEW[0])).status).toBe(200);
    });

    it('mails the owner where the application wants it (notifyOnPasswordUpdate)', async () => {
      const noisy = await setScene(app);
      await setPasswordMethod(app, noisy, { notifyOnPasswordUpdate: true, codeLength: 8 });
      const by = api(app, await clientToken(app, noisy));
      const { email } = await person();
      await by.post(`${RESET}/email/otp`, { email });
      const code = await codeTo(app, email);
      expect(code).toMatch(/^\d{8}$/);
      const token = (await by.post(`${RESET}/email/otp/validate`, { email, passcode: code })).body.result;
      expect((await reset(token)).status).toBe(200);
      expect((await messagesTo(app, email))[0]?.subject).toMatch(/^Your password at Shop .* was changed$/);
    });

    it('asks for two factors where the application does (requireMFA), over different channels', async () => {
      const strict = await setScene(app);
      await setPasswordMethod(app, strict, { requireMFA: true });
      const by = api(app, await clientToken(app, strict));
      const { email, phone_number } = await person();
      const first = await tokenByMail(email, by);
      expect(brief(await reset(first))).toEqual([403, 'mfa_required']);
      const mailedTwice = await tokenByMail(email, by, { reset_token: first });
      expect(brief(await reset(mailedTwice))).toEqual([403, 'mfa_required']);
      await by.post(`${RESET}/sms/otp`, { phone_number });
      const passcode = await codeTo(app, phone_number);
      const both = await by.post(`${RESET}/sms/otp/validate`, {
        phone_number,
        passcode,
        reset_token: mailedTwice,
      });
      expect(decodeJwt(both.body.result).amr).toEqual(['eotp', 'sms']);
      expect((await reset(both.body.result)).status).toBe(200);
    });

    it('joins the first factor to the second one when that is sent (prev_reset_token), of the same user only', async () => {
      const strict = await setScene(app);
      await setPasswordMethod(app, strict, { requireMFA: true });
      const by = api(app, await clientToken(app, strict));
      const [mine, hers] = [await person(), await person()];
      const viaText = async (phone_number: string, prev_reset_token: string) => {
        expect((await by.post(`${RESET}/sms/otp`, { phone_number, prev_reset_token })).status).toBe(200);
        const passcode = await codeTo(app, phone_number);
        return by.post(`${RESET}/sms/otp/validate`, { phone_number, passcode });
      };
      const first = await tokenByMail(mine.email, by);
      expect(brief(await viaText(hers.phone_number, first))).toEqual([400, 'invalid_reset_token']);
      const both = await viaText(mine.phone_number, first);
      expect(decodeJwt(both.body.result).amr).toEqual(['eotp', 'sms']);
      expect(brief(await viaText(mine.phone_number, first))).toEqual([400, 'invalid_reset_token']);
      expect((await reset(both.body.result)).status).toBe(200);
      const hersFirst = await tokenByMail(hers.email, by);
      const wish = { redirect_uri: REDIRECT_URI, prev_reset_token: hersFirst };
      const before = await messagesTo(app, mine.email);
      for (const email of [mine.email, 'nobody@example.com'])
        expect((await by.post(`${RESET}/email/link`, { email, ...wish })).status).toBe(200);
      expect(await messagesTo(app, mine.email)).toEqual(before);
    });

    it('says the same of a first factor that is none, whoever is named, and waives no factor (ignore_mfa)', async () => {
      const strict = await setScene(app);
      await setPasswordMethod(app, strict, { requireMFA: true });
      const by = api(app, await clientToken(app, strict));
      const { email } = await person();
      for (const path of ['email/otp', 'email/link'])
        for (const who of [email, 'nobody@example.com']) {
          const body = { email: who, ...(path === 'email/link' && { redirect_uri: REDIRECT_URI }) };
          const forged = await by.post(`${RESET}/${path}`, { ...body, prev_reset_token: 'made-up' });
          expect(brief(forged)).toEqual([400, 'invalid_reset_token']);
          const waived = await by.post(`${RESET}/${path}`, { ...body, ignore_mfa: true });
          expect([...brief(waived), waived.body.message]).toEqual([
            ...[400, 'invalid_request'],
            expect.stringContaining('ignore_mfa'),
          ]);
        }
      expect(await messagesTo(app, email)).toEqual([]);
    });
  });

  describe('a reset token', () => {
    const bad = [400, 'invalid_reset_token'];

    it('is good once, and not after the password was changed', async () => {
      const { email, userId } = await person();
      const [first, second] = [await tokenByMail(email), await tokenByMail(email)];
      expect((await reset(first)).status).toBe(200);
      expect(brief(await reset(first, { new_password: NEW[1] }))).toEqual(bad);
      expect(brief(await reset(second, { new_password: NEW[1] }))).toEqual(bad);
      const third = await tokenByMail(email);
      await admin.put(`/v1/users/${userId}/password`, { password: NEW[2], force_replace: false });
      expect(brief(await reset(third))).toEqual(bad);
      expect((await signIn(email, NEW[2])).status).toBe(200);
    });

    it('is not used up by a password that is too weak, or a redirect URI of another client', async () => {
      const { email } = await person();
      const token = await tokenByMail(email);
      expect(brief(await reset(token, { new_password: 'weak' }))).toEqual([400, 'auth_password_weak']);
      expect(brief(await reset(token, { redirect_uri: 'https://evil.example/cb' }))).toEqual([
        400,
        'invalid_request',
      ]);
      expect((await reset(token)).status).toBe(200);
    });

    it('cannot be forged: not with another key, without one, nor by changing a claim', async () => {
      const { email, userId } = await person();
      const token = await tokenByMail(email);
      const [head = '', , signature = ''] = token.split('.');
      const claims = decodeJwt(token);
      const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const { privateKey } = await generateKeyPair('ES256');
      const forged = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', typ: 'reset+jwt' })
        .sign(privateKey);
      const unsigned = `${encoded({ alg: 'none', typ: 'reset+jwt' })}.${encoded(claims)}.`;
      const changed = `${head}.${encoded({ ...claims, sub: shop.person.userId })}.${signature}`;
      for (const one of [forged, unsigned, changed, `${token}x`, 'a.b.c', userId, ''])
        expect((await reset(one)).status).toBe(400);
      expect((await signIn(shop.person.identifier, shop.person.password)).status).toBe(200);
    });

    it('cannot be signed with the key that an application has of its own', async () => {
      const { email } = await person();
      const claims = decodeJwt(await tokenByMail(email));
      const { privateKey } = await generateKeyPair('ES256', { extractable: true });
      const jwk = { ...(await exportJWK(privateKey)), kid: 'known' };
      const made = await backend.post('/v1/applications/signing-keys/upload', { name: 'Known', jwk });
      expect(made.status).toBe(201);
      await admin.put(`/v1/applications/${shop.appId}`, { signing_key_enabled: true });
      const forged = await new SignJWT({ ...claims, jti: 'forged' })
        .setProtectedHeader({ alg: 'ES256', typ: 'reset+jwt', kid: 'known' })
        .sign(privateKey);
      await admin.put(`/v1/applications/${shop.appId}`, { signing_key_enabled: false });
      expect(brief(await reset(forged))).toEqual(bad);
    });

    it('is no access token, ID token or hint, and none of these is a reset token', async () => {
      const { email, password } = await person();
      const tokens = (await signIn(email, password)).body;
      const client = await clientToken(app, shop);
      for (const one of [tokens.access_token, tokens.id_token, tokens.refresh_token, client])
        expect(brief(await reset(one))).toEqual(bad);
      const token = await tokenByMail(email);
      expect((await api(app, token).get('/v1/users/me')).status).toBe(401);
      expect((await api(app, token).post(`${RESET}/email/otp`, { email })).status).toBe(401);
      const me = await fetch(`${app.url}/oidc/me`, { headers: { authorization: `Bearer ${token}` } });
      expect(me.status).toBe(401);
      const seen = await postForm(`${app.url}/oidc/token/introspection`, { token }, shop);
      expect(seen.body).toEqual({ active: false });
      const hinted = await new Browser(app).open((await shop.rp.authorize({ id_token_hint: token })).url);
      expect(hinted.url.searchParams.get('error')).toBe('invalid_request');
      const out = new URL(`${app.url}/oidc/session/end`);
      out.searchParams.set('id_token_hint', token);
      expect((await fetch(out, { redirect: 'manual' })).status).toBe(400);
    });

    it('leads to the client that asked for it, and to no other application', async () => {
      const redirect = 'https://second.example.com/callback';
      const other = await setScene(app, { redirect_uris: [redirect] });
      const { email } = await person();
      const token = await tokenByMail(email);
      expect((await reset(token, { redirect_uri: redirect })).status).toBe(400);
      const foreign = await backend.post(`${RESET}/email/link`, { email, redirect_uri: redirect });
      expect(brief(foreign)).toEqual([400, 'invalid_request']);
      const by = api(app, await clientToken(app, other));
      const sent = await by.post(`${RESET}/email/link`, { email, redirect_uri: redirect });
      expect(sent.status).toBe(200);
    });

    it('ends with the user', async () => {
      const { email, userId } = await person();
      const token = await tokenByMail(email);
      await admin.put(`/v1/users/${userId}`, { status: 'Disabled' });
      expect(brief(await reset(token))).toEqual(bad);
      await admin.delete(`/v1/manage/users/${userId}`);
      expect(brief(await reset(token))).toEqual(bad);
    });

    const itOnLarge = name === 'embedded' || !postgresUrl ? () => undefined : it;
    itOnLarge('is good for exactly one of many requests at two processes', async () => {
      const second = await startApp({ ...storage, like: app });
      try {
        const { email } = await person();
        const token = await tokenByMail(email);
        const passwords = Array.from({ length: 8 }, (_, at) => `${NEW[1]}-${at}`);
        const answers = await Promise.all(
          passwords.map((new_password, at) => reset(token, { new_password }, at % 2 ? second : app)),
        );
        const winners = passwords.filter((_, at) => answers[at]?.status === 200);
        expect(winners).toHaveLength(1);
        expect((await signIn(email, String(winners[0]))).status).toBe(200);
      } finally {
        await second.discard();
      }
    });
  });

  describe('who tries', () => {
    it('learns nothing about who exists: the same answers, nothing sent', async () => {
      const { email, phone_number } = await person();
      const nobody = `nobody-${Date.now()}@example.com`;
      const pairs: [string, object, object][] = [
        [`${RESET}/email/otp`, { email }, { email: nobody }],
        [`${RESET}/sms/otp`, { phone_number }, { phone_number: '+14155559999' }],
        [
          `${RESET}/email/link`,
          { email, redirect_uri: REDIRECT_URI },
          { email: nobody, redirect_uri: REDIRECT_URI },
        ],
        [`${RESET}/email/otp/validate`, { email, passcode: 'x' }, { email: nobody, passcode: 'x' }],
        [`${RESET}/password/validate`, { email, password: 'x' }, { email: nobody, password: 'x' }],
      ];
      for (const [path, known, unknown] of pairs) {
        const [left, right] = [await backend.post(path, known), await backend.post(path, unknown)];
        expect([path, right.status, right.body]).toEqual([path, left.status, left.body]);
      }
      expect(await messagesTo(app, nobody)).toEqual([]);
    });

    it('cannot guess a code: the account is locked, a right code and a fresh one included, known or not', async () => {
      const { email } = await person();
      const nobody = `nobody-${Date.now()}@example.com`;
      for (const who of [email, nobody]) {
        await backend.post(`${RESET}/email/otp`, { email: who });
        const right = who === email ? await codeTo(app, email) : '123456';
        const guess = (passcode: string) =>
          backend.post(`${RESET}/email/otp/validate`, { email: who, passcode });
        for (let at = 0; at < 5; at++)
          expect(brief(await guess(other(right)))).toEqual([400, 'auth_invalid_credentials']);
        expect(brief(await guess(right))).toEqual([403, 'auth_locked']);
        await backend.post(`${RESET}/email/otp`, { email: who });
        expect(brief(await guess(right))).toEqual([403, 'auth_locked']);
      }
    });

    it('cannot use a code twice, at another application, or over the other channel', async () => {
      const { email, phone_number } = await person();
      await backend.post(`${RESET}/email/otp`, { email });
      const passcode = await codeTo(app, email);
      const elsewhere = api(app, await clientToken(app, stranger));
      const path = `${RESET}/email/otp/validate`;
      expect((await elsewhere.post(path, { email, passcode })).status).toBe(400);
      expect((await backend.post(`${RESET}/sms/otp/validate`, { phone_number, passcode })).status).toBe(400);
      expect((await backend.post(path, { email, passcode })).status).toBe(200);
      expect((await backend.post(path, { email, passcode })).status).toBe(400);
    });

    it('floods nobody: the sixth message within a minute is refused with the time to wait, known or not', async () => {
      const { email } = await person();
      for (const who of [email, `flood-${Date.now()}@example.com`]) {
        const statuses: number[] = [];
        for (let at = 0; at < 6; at++)
          statuses.push((await backend.post(`${RESET}/email/otp`, { email: who })).status);
        expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
      }
      expect(await messagesTo(app, email)).toHaveLength(5);
    });

    it('cannot turn a mailed link elsewhere with a Host or X-Forwarded-Host header', async () => {
      const { email } = await person();
      const token = await clientToken(app, shop);
      const status = await rawPost(
        app,
        `${RESET}/email/link`,
        { email, redirect_uri: REDIRECT_URI },
        {
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
          authorization: `Bearer ${token}`,
        },
      );
      expect(status).toBe(200);
      const [message] = await messagesTo(app, email);
      expect(JSON.stringify(message)).not.toContain('evil.example');
    });

    it('needs a client token', async () => {
      const user = api(app, (await shop.rp.signIn(app, shop.person)).access_token);
      for (const path of ['email/otp', 'sms/otp', 'link', 'email/otp/validate', 'password/validate']) {
        expect((await user.post(`${RESET}/${path}`, {})).status).toBe(403);
        expect((await api(app).post(`${RESET}/${path}`, {})).status).toBe(401);
      }
    });
  });

  describe('registering and validating', () => {
    it('names every rule that a password breaks', async () => {
      const judge = async (password: string) =>
        (await backend.post('/v1/auth/password/validate', { password })).body.result;
      expect(await judge(NEW[0])).toEqual({ valid_password: true, errors: [] });
      const { valid_password, errors } = await judge('aaa');
      expect(valid_password).toBe(false);
      expect(errors.length).toBeGreaterThan(2);
      expect(errors[0]).toEqual({ code: 'auth_password_weak', message: expect.any(String) });
      const owner = { username: 'meadowlantern' };
      const own = { ...owner, password: 'Meadowlantern!42-x' };
      const { result } = (await backend.post('/v1/auth/password/validate', own)).body;
      expect([result.valid_password, JSON.stringify(result.errors)]).toEqual([
        false,
        expect.stringContaining('must not contain your'),
      ]);
    });

    it('takes the client_id of the token alone for the old password', async () => {
      const { email, password } = await person();
      const check = (client_id: string) =>
        backend.post(`${RESET}/password/validate`, { email, password, client_id });
      expect((await check(shop.clientId)).status).toBe(200);
      expect(brief(await check(stranger.clientId))).toEqual([400, 'invalid_request']);
    });

    it('makes a user of the application where sign-up is allowed, once per username', async () => {
      const path = '/v1/auth/password/register';
      const username = `ada-${Date.now()}`;
      const body = { username, password: NEW[0] };
      expect(brief(await backend.post(path, body))).toEqual([403, 'forbidden']);
      const allowed = await admin.put(`/v1/applications/${shop.appId}`, { allow_public_signup: true });
      expect(allowed.status).toBe(200);
      expect(brief(await backend.post(path, { username, password: 'weak' }))).toEqual([
        400,
        'auth_password_weak',
      ]);
      const made = await backend.post(path, body);
      expect([made.status, made.body]).toEqual([
        200,
        { message: expect.any(String), user_id: expect.any(String) },
      ]);
      expect(brief(await backend.post(path, body))).toEqual([409, 'conflict']);
      const signedIn = await backend.post('/v1/auth/password/authenticate', body);
      expect(decodeJwt(signedIn.body.id_token).sub).toBe(made.body.user_id);
    });
  });
});

describe('reset tokens and first passwords in time', () => {
  let clock: Clock;
  let app: App;
  beforeAll(async () => {
    clock = new Clock();
    app = await startApp({ clock });
  });
  afterAll(async () => {
    await app?.discard();
    clock?.remove();
  });

  it('a reset token lives as long as the application says, and no longer (tokens-and-sessions.md 4)', async () => {
    const scene = await setScene(app);
    const by = api(app, await clientToken(app, scene));
    const { identifier: email, password } = scene.person;
    const issue = async () =>
      String((await by.post(`${RESET}/password/validate`, { email, password })).body.result);
    const token = await issue();
    const { iat, exp } = decodeJwt(token);
    expect(Number(exp) - Number(iat)).toBe(5 * MINUTE);
    clock.advance(5 * MINUTE + 10);
    expect(brief(await api(app).post(RESET, { reset_token: token, new_password: NEW[0] }))).toEqual([
      400,
      'invalid_reset_token',
    ]);
    const fresh = await issue();
    expect((await api(app).post(RESET, { reset_token: fresh, new_password: NEW[0] })).status).toBe(200);
  });

  it('a first password of one’s own needs a sign-in of the last ten minutes', async () => {
    const scene = await setScene(app);
    const me = api(app, (await scene.rp.signIn(app, scene.person)).access_token);
    clock.advance(11 * MINUTE);
    expect(brief(await me.post('/v1/users/me/password-credentials', { password: NEW[0] }))).toEqual([
      403,
      'reauthentication_required',
    ]);
  });
});
