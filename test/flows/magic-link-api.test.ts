/** Magic links at the authentication API (contract/authentication.md 1, 3, 7). */
import { request as httpRequest } from 'node:http';
import { decodeJwt } from 'jose';
import { Browser } from '../support/browser.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { CodeScene, METHODS, newPhone } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { linkIn, MailSink } from '../support/mail-sink.ts';
import { type Api, api, clientToken } from '../support/management.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

let count = 0;
const newEmail = (): string => `link-${++count}@example.com`;

describe.each(policyStorages)('magic links at the authentication API ($name)', ({ options }) => {
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
      by.post('/v1/auth/links/email', { email, redirect_uri: REDIRECT_URI, ...more });
    const linkFor = async (email: string, more: Record<string, unknown> = {}) => {
      const sent = await send(email, more);
      expect([sent.status, sent.body]).toEqual([200, { message: 'Email sent successfully' }]);
      return code.linkTo(email);
    };

    it('mails a link below the public address that ends in a code, which openid-client redeems, once', async () => {
      const { email, userId } = await member();
      const link = await linkFor(email, { claims: { id_token: { email: null } } });
      expect(link.origin).toBe(new URL(app.issuer).origin);
      expect(link.pathname).toBe('/auth/link');
      const { claims } = await code.redeem(await code.visit(link));
      expect(claims).toMatchObject({ sub: userId, amr: ['eml'], acr: '', email });
      const again = await code.visit(link);
      expect([again.status, again.html]).toEqual([400, expect.stringContaining('no longer valid')]);
      expect((await code.admin.get(`/v1/users/${userId}`)).body.result.email.email_verified).toBe(true);
    });

    it('opens for one of two visitors at the same moment', async () => {
      const link = await linkFor((await member()).email);
      const pages = await Promise.all([code.visit(link), code.visit(link)]);
      expect(pages.map(({ status }) => status).sort()).toEqual([0, 400]);
    });

    it('is not used up by a mail scanner that asks for its head', async () => {
      const link = await linkFor((await member()).email);
      const target = `${app.url}${link.pathname}${link.search}`;
      expect((await fetch(target, { method: 'HEAD', redirect: 'manual' })).status).toBe(204);
      expect((await code.visit(link)).url.searchParams.has('code')).toBe(true);
    });

    it('says the same for a made-up, a missing and a repeated token, in the language of the browser', async () => {
      for (const query of ['?token=made-up', '', '?token=a&token=b']) {
        const page = await fetch(`${app.url}/auth/link${query}`, { headers: { 'accept-language': 'fr' } });
        expect(page.status).toBe(400);
        expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
        const text = await page.text();
        expect(text).toContain('Ce lien n’est plus valable');
        expect(text).toContain('<html lang="fr">');
      }
    });

    it('answers 404 for an unknown user who is not to be created, and makes one at the visit (section 1)', async () => {
      const email = newEmail();
      const unknown = await send(email);
      expect([unknown.status, unknown.body]).toEqual([404, { message: 'User not found', error_code: 404 }]);
      const closed = await send(email, { create_new_user: true });
      expect([closed.status, closed.body]).toEqual([
        403,
        { message: 'Public signup is not allowed for this application', error_code: 403 },
      ]);
      await code.allowSignUp(true);
      const link = await linkFor(email, { create_new_user: true });
      expect((await code.admin.get(`/v1/users/email/${email}`)).status).toBe(404);
      const page = await code.visit(link);
      expect((await code.admin.get(`/v1/users/email/${email}`)).status).toBe(200);
      const { claims } = await code.redeem(page);
      expect(claims.amr).toEqual(['eml']);
      const late = await linkFor(newEmail(), { create_new_user: true });
      await code.allowSignUp(false);
      expect((await code.visit(late)).status).toBe(400);
    });

    it('opens only on the device that the backend saw; elsewhere it stays good and is written down', async () => {
      const { email, userId } = await member();
      const attributes = { user_agent: 'Phone/1.0', ip_address: '127.0.0.1' };
      const link = await linkFor(email, { client_attributes: attributes });
      const target = `${app.url}${link.pathname}${link.search}`;
      const open = (agent: string) => fetch(target, { headers: { 'user-agent': agent }, redirect: 'manual' });
      const stolen = await open('Thief/2.0');
      expect([stolen.status, await stolen.text()]).toEqual([403, expect.stringContaining('other device')]);
      const elsewhere = await linkFor(email, { client_attributes: { ip_address: '192.0.2.7' } });
      expect((await code.visit(elsewhere)).status).toBe(403);
      const own = await open('Phone/1.0');
      expect(own.status).toBe(303);
      const page = await code.visit(String(own.headers.get('location')));
      expect((await code.redeem(page)).claims.sub).toBe(userId);
    });

    it('lies at the configured address, whatever Host and X-Forwarded-Host say', async () => {
      const { email } = await member();
      const bearer = await clientToken(app, code.scene);
      const status = await new Promise<number>((resolve, reject) => {
        const body = JSON.stringify({ email, redirect_uri: REDIRECT_URI });
        const headers = {
          ...{ host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' },
          ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
          authorization: `Bearer ${bearer}`,
        };
        const url = new URL(`${app.url}/v1/auth/links/email`);
        httpRequest(url, { method: 'POST', headers }, (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        })
          .on('error', reject)
          .end(body);
      });
      expect(status).toBe(200);
      const [message] = await code.messagesTo(email);
      expect((await code.linkTo(email)).origin).toBe(new URL(app.issuer).origin);
      expect(JSON.stringify(message)).not.toContain('evil.example');
    });
    it('counts as a mail: with a code to the same mailbox there is one factor, with a text message two (section 7)', async () => {
      const phone = newPhone();
      const { email, userId } = await member({ phone_number: phone });
      const browser = new Browser(app);
      const first = await code.visit(await linkFor(email, { require_mfa: true }), browser);
      expect(first.url.searchParams.get('error')).toBe('mfa_required');
      const byMail = { email, redirect_uri: REDIRECT_URI, require_mfa: true };
      await backend.post('/v1/auth/otp/email', byMail);
      const mailed = await backend.post('/v1/auth/otp/email/validation', {
        email,
        passcode: await code.codeTo(email),
      });
      const second = await code.visit(mailed.body.result, browser);
      expect(second.url.searchParams.get('error')).toBe('mfa_required');
      await backend.post('/v1/auth/otp/sms', {
        phone_number: phone,
        redirect_uri: REDIRECT_URI,
        require_mfa: true,
      });
      const texted = await backend.post('/v1/auth/otp/sms/validation', {
        phone_number: phone,
        passcode: await code.codeTo(phone),
      });
      const { claims } = await code.redeem(await code.visit(texted.body.result, browser));
      expect(claims).toMatchObject({ sub: userId, acr: 'mfa' });
      expect((claims.amr as string[]).at(-1)).toBe('mfa');
      expect(claims.amr).toEqual(expect.arrayContaining(['eml', 'sms']));
    });

    it('opens no longer for a user who was disabled meanwhile', async () => {
      const { email, userId } = await member();
      const link = await linkFor(email);
      await code.admin.put(`/v1/users/${userId}`, { status: 'Disabled' });
      expect((await code.visit(link)).status).toBe(400);
    });

    it('sends as many links a minute as the application allows, then 429 with Retry-After', async () => {
      const few = await CodeScene.set(app, { email: { ...METHODS.email, linksPerUser: 2 } });
      const email = newEmail();
      await few.newMember({ email });
      const statuses: number[] = [];
      for (let n = 0; n < 3; n++) statuses.push((await send(email, {}, few.backend)).status);
      expect(statuses).toEqual([200, 200, 429]);
      const refused = await send(email, {}, few.backend);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    });

    it('needs its settings (section 6), and a redirect URI of the client', async () => {
      const bare = await CodeScene.set(app, {});
      for (const answer of [
        await send('a@example.com', {}, bare.backend),
        await send((await member()).email, { redirect_uri: 'https://evil.example/cb' }),
      ])
        expect([answer.status, answer.body]).toEqual([
          400,
          { message: [expect.any(String)], error_code: 400 },
        ]);
    });
  });

  describe('the backend family', () => {
    const send = (more: Record<string, unknown>, by = backend) =>
      by.post('/v1/auth/link/email/send', { redirect_uri: `${REDIRECT_URI}`, ...more });
    const direct = async (email: string, more: Record<string, unknown> = {}) => {
      const { status, body } = await send({
        ...{ identifier: email, identifier_type: 'email', channel: 'direct' },
        ...more,
      });
      expect(status).toBe(200);
      const link = new URL(body.link);
      return { link, code: String(link.searchParams.get('code')), requestId: body.request_id };
    };
    const authenticate = (more: Record<string, unknown>, by = backend) =>
      by.post('/v1/auth/link/email/authenticate', more);
    const INVALID = { message: 'Invalid magic link code', error_code: '400' };

    it('mails a link to the application with a code and the state, and gives tokens for the code once', async () => {
      const { email, userId } = await member();
      const sent = await send({ email, state: 'a b&c' });
      expect([sent.status, sent.body]).toEqual([200, { message: 'Email sent successfully' }]);
      const link = await code.linkTo(email);
      expect(link.origin + link.pathname).toBe(REDIRECT_URI);
      expect(link.searchParams.get('state')).toBe('a b&c');
      const secret = link.searchParams.get('code');
      const { status, body } = await authenticate({ code: secret });
      expect(status).toBe(200);
      expect(decodeJwt(body.id_token)).toMatchObject({ sub: userId, amr: ['eml'], acr: '' });
      expect((await api(app, body.access_token).get('/v1/users/me')).status).toBe(200);
      const replayed = await authenticate({ code: secret });
      expect([replayed.status, replayed.body]).toEqual([400, INVALID]);
      expect((await code.admin.get(`/v1/users/${userId}`)).body.result.email.email_verified).toBe(true);
    });

    it('hands out the link with channel direct, sends nothing, and proves no address (C19)', async () => {
      const { email, userId } = await member();
      const made = await direct(email);
      expect(await code.messagesTo(email)).toEqual([]);
      expect((await authenticate({ code: made.code })).status).toBe(200);
      expect((await code.admin.get(`/v1/users/${userId}`)).body.result.email.email_verified).toBe(false);
    });

    it('needs the request id where one was generated; a wrong one does not use the code up (C19)', async () => {
      const { email } = await member();
      const made = await direct(email, { generate_request_id: true });
      for (const more of [{}, { request_id: 'another' }])
        expect((await authenticate({ code: made.code, ...more })).body).toEqual(INVALID);
      expect((await authenticate({ code: made.code, request_id: made.requestId })).status).toBe(200);
      const plain = await direct(email);
      expect((await authenticate({ code: plain.code, request_id: made.requestId })).body).toEqual(INVALID);
    });

    it('refuses the code of another client, application and purpose, and keeps it good', async () => {
      const { email } = await member();
      const made = await direct(email);
      const other = await CodeScene.set(app);
      const another = await code.anotherClient();
      for (const by of [another.backend, other.backend])
        expect((await authenticate({ code: made.code }, by)).body).toEqual(INVALID);
      expect((await fetch(`${app.url}/auth/link?token=${made.code}`)).status).toBe(400);
      expect((await authenticate({ code: made.code })).status).toBe(200);
      await backend.post('/v1/auth/links/email', { email, redirect_uri: REDIRECT_URI });
      const token = (await code.linkTo(email)).searchParams.get('token');
      expect((await authenticate({ code: token })).body).toEqual(INVALID);
    });

    it('adds a factor to the session of the same user; another user gets no such session', async () => {
      const phone = newPhone();
      const mine = await member({ phone_number: phone });
      const hers = await member();
      const sent = await backend.post('/v1/auth/otp/send', {
        channel: 'direct',
        identifier_type: 'phone_number',
        identifier: phone,
      });
      const first = await backend.post('/v1/auth/otp/authenticate', {
        passcode: sent.body.code,
        identifier_type: 'phone_number',
        identifier: phone,
      });
      const { session_id } = first.body;
      const stolen = await authenticate({ code: (await direct(hers.email)).code, session_id });
      expect([stolen.status, stolen.body]).toEqual([
        400,
        { message: 'Session not found', error_code: '400' },
      ]);
      const { body } = await authenticate({ code: (await direct(mine.email)).code, session_id });
      expect(decodeJwt(body.id_token)).toMatchObject({
        sub: mine.userId,
        amr: ['sms', 'eml', 'mfa'],
        acr: 'mfa',
      });
    });

    it('says what is wrong in the words of section 3', async () => {
      const { email, userId } = await member();
      const foreign = await send({ email, redirect_uri: 'https://evil.example/cb' });
      expect([foreign.status, foreign.body]).toEqual([
        400,
        {
          message: 'redirect_uri is not one of the allowed redirect URIs configured for this app',
          error_code: '400',
        },
      ]);
      const elsewhere = newEmail();
      await code.admin.post('/v1/users', { email: elsewhere });
      for (const stranger of [elsewhere, 'nobody@example.com']) {
        const unknown = await send({ email: stranger });
        expect([unknown.status, unknown.body]).toEqual([
          404,
          { message: 'User not found', error_code: '404' },
        ]);
      }
      const disabled = await member();
      await code.admin.put(`/v1/users/${disabled.userId}`, { status: 'Disabled' });
      const inactive = await send({ email: disabled.email });
      expect([inactive.status, inactive.body]).toEqual([
        403,
        { message: 'User is not active', error_code: '403' },
      ]);
      const custom = await send({ identifier: email, identifier_type: 'loyalty_card' });
      expect([custom.status, custom.body]).toEqual([
        400,
        { message: expect.stringContaining('identifier_type: must be email'), error_code: '400' },
      ]);
      expect((await send({ email, device_id: 'x'.repeat(80) })).status).toBe(200);
      for (const more of [{ device_id: 'x'.repeat(81) }, { email_expiration: 0 }, { channel: 'sms' }]) {
        const refused = await send({ email, ...more });
        expect([refused.status, refused.body]).toEqual([
          400,
          { message: expect.stringContaining(`${Object.keys(more)[0]}: `), error_code: '400' },
        ]);
      }
      const made = await direct(email);
      expect((await backend.delete(`/v1/users/${userId}/apps`)).status).toBeLessThan(300);
      expect((await authenticate({ code: made.code })).body).toEqual({
        message: 'User not found',
        error_code: '400',
      });
      const bare = await CodeScene.set(app, {});
      const missing = await send({ email }, bare.backend);
      expect([missing.status, missing.body.error_code]).toEqual([403, 'auth_login_preferences_missing']);
      for (const body of [{ email, identifier: email, identifier_type: 'email' }, {}])
        expect((await send(body)).body.error_code).toBe('400');
    });
  });
});

describe('a magic link over SMTP', () => {
  it('arrives as text and HTML in the words of the caller, and expires', async () => {
    const mail = await MailSink.start();
    const clock = new Clock();
    const app = await startApp({ env: { ...mail.env }, clock });
    try {
      const code = await CodeScene.set(app);
      const email = newEmail();
      await code.newMember({ email });
      await code.backend.post('/v1/auth/links/email', {
        email,
        redirect_uri: REDIRECT_URI,
        email_content: { subject: 'Your door', linkText: 'Open it' },
      });
      const received = await mail.waitForMail(email);
      expect(received.subject).toBe('Your door');
      expect(received.html).toContain('Open it');
      const link = linkIn(received);
      expect(app.output()).not.toContain(new URL(link).searchParams.get('token'));
      expect((await code.visit(link)).url.searchParams.has('code')).toBe(true);
      await code.backend.post('/v1/auth/links/email', { email, redirect_uri: REDIRECT_URI });
      const late = linkIn(await mail.waitForMail(email));
      const direct = async (email_expiration: number) => {
        const wish = { email, email_expiration, channel: 'direct', redirect_uri: REDIRECT_URI };
        const { link } = (await code.backend.post('/v1/auth/link/email/send', wish)).body;
        return { code: new URL(link).searchParams.get('code') };
      };
      const [short, long] = [await direct(10), await direct(12)];
      clock.advance(11 * MINUTE);
      expect((await code.visit(late)).html).toContain('no longer valid');
      const redeem = (body: object) => code.backend.post('/v1/auth/link/email/authenticate', body);
      expect((await redeem(short)).body).toEqual({ message: 'Invalid magic link code', error_code: '400' });
      expect((await redeem(long)).status).toBe(200);
    } finally {
      await app.discard();
      clock.remove();
      await mail.close();
    }
  });
});
