/** Signed-in users verify contact data of their own (contract/authentication.md 9). */
import { Browser } from '../support/browser.ts';
import { Clock, DAY, MINUTE } from '../support/clock.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken } from '../support/management.ts';
import { codeTo, linkTo, messagesTo } from '../support/outbox-reader.ts';
import { rawPost } from '../support/raw-post.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

const AT = '/v1/verification';
const brief = ({ status, body }: Answer) => [status, body.error_code];
const open = (app: App, link: URL) => new Browser(app).open(link);

interface Person {
  readonly me: Api;
  readonly token: string;
  readonly userId: string;
  readonly email: string;
  readonly second: string;
  readonly phone: string;
}

/** Somebody signed in, with a second email and a phone number. */
async function newPerson(app: App, scene: Scene, admin: Api): Promise<Person> {
  const tag = Math.random().toString(36).slice(2, 10);
  const [email, second] = [`own-${tag}@example.com`, `second-${tag}@example.com`];
  const phone = `+1415${String(Math.floor(Math.random() * 10_000_000)).padStart(7, '0')}`;
  const password = `Aa1!own-${tag}-secret`;
  const made = await admin.post('/v1/users', {
    email,
    secondary_emails: [second],
    phone_number: phone,
    credentials: { password, force_replace: false },
  });
  expect(made.status).toBe(201);
  const userId = String(made.body.result.user_id);
  const tokens = await scene.rp.signIn(app, { identifier: email, password });
  const token = tokens.access_token;
  return { me: api(app, token), token, userId, email, second, phone };
}

describe.each(policyStorages)('verifying contact data ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  let shop: Scene;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
    shop = await setScene(app);
  });
  beforeEach(async () => {
    [ada, bob] = [await newPerson(app, shop, admin), await newPerson(app, shop, admin)];
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const verified = async ({ userId }: Person) => {
    const { result } = (await admin.get(`/v1/users/${userId}`)).body;
    return {
      email: result.email?.email_verified,
      second: result.secondary_emails?.[0]?.email_verified,
      phone: result.phone_number?.phone_number_verified,
    };
  };
  const none = { email: false, second: false, phone: false };
  const sendLink = (person: Person, more: object = {}) =>
    person.me.post(`${AT}/links/email`, { email: person.email, redirect_uri: REDIRECT_URI, ...more });

  it('verifies the primary email with a mailed code, once', async () => {
    expect(await verified(ada)).toEqual(none);
    expect((await ada.me.post(`${AT}/otp/email/send`, { email: ada.email })).status).toBe(200);
    const passcode = await codeTo(app, ada.email);
    const validate = (more: object = {}) =>
      ada.me.post(`${AT}/otp/email/validate`, { email: ada.email, passcode, ...more });
    const primary = await validate({ update_primary: true });
    expect([...brief(primary), primary.body.message]).toEqual([
      ...[400, 'invalid_request'],
      expect.stringContaining('account page'),
    ]);
    const right = await validate({ update_primary: false });
    expect([right.status, right.body]).toEqual([200, { result: true, message: expect.any(String) }]);
    expect(await verified(ada)).toEqual({ ...none, email: true });
    expect(brief(await validate())).toEqual([400, 'auth_otp_passcode_expired']);
  });

  it('verifies a secondary email, which stays secondary', async () => {
    await ada.me.post(`${AT}/otp/email/send`, { email: ada.second });
    const passcode = await codeTo(app, ada.second);
    // A code for one address verifies no other.
    expect((await ada.me.post(`${AT}/otp/email/validate`, { email: ada.email, passcode })).status).toBe(400);
    expect((await ada.me.post(`${AT}/otp/email/validate`, { email: ada.second, passcode })).status).toBe(200);
    expect(await verified(ada)).toEqual({ ...none, second: true });
  });

  it('verifies the phone number; without one in the body the primary one is meant', async () => {
    const words = { custom_message: 'Is {otp} yours, {app}?', sender_id: 'SHOP' };
    expect((await ada.me.post(`${AT}/otp/sms/send`, words)).status).toBe(200);
    expect((await messagesTo(app, ada.phone))[0]?.text).toMatch(/^Is \d{6} yours, Shop/);
    const passcode = await codeTo(app, ada.phone);
    expect((await ada.me.post(`${AT}/otp/sms/validate`, { passcode })).status).toBe(200);
    expect(await verified(ada)).toEqual({ ...none, phone: true });
  });

  it('verifies an email with a mailed link, in any browser, once', async () => {
    expect((await sendLink(ada)).status).toBe(200);
    const link = await linkTo(app, ada.email);
    expect(link.origin).toBe(app.url);
    // A mail scanner that only looks is not the owner of the address.
    expect((await fetch(link, { method: 'HEAD', redirect: 'manual' })).status).toBe(204);
    expect(await verified(ada)).toEqual(none);
    expect((await open(app, link)).url.href).toBe(`${REDIRECT_URI}?result=true`);
    expect(await verified(ada)).toEqual({ ...none, email: true });
    expect((await open(app, link)).url.href).toBe(`${REDIRECT_URI}?result=false`);
  });

  it('answers result=false where the address is not the user’s any more', async () => {
    await sendLink(ada);
    const link = await linkTo(app, ada.email);
    await admin.put(`/v1/users/${ada.userId}`, { email: `new-${ada.email}` });
    expect((await open(app, link)).url.href).toBe(`${REDIRECT_URI}?result=false`);
    expect(await verified(ada)).toEqual(none);
  });

  it('is nothing for an address of somebody else, and sends nothing there', async () => {
    for (const answer of [
      await bob.me.post(`${AT}/otp/email/send`, { email: ada.email }),
      await bob.me.post(`${AT}/otp/sms/send`, { phone_number: ada.phone }),
      await bob.me.post(`${AT}/otp/email/validate`, { email: ada.email, passcode: '123456' }),
      await sendLink(bob, { email: ada.email }),
    ])
      expect(brief(answer)).toEqual([404, 'not_found']);
    expect(await messagesTo(app, ada.email)).toEqual([]);
  });

  it('takes no code or link of another user: it verifies for whom it was made', async () => {
    await ada.me.post(`${AT}/otp/email/send`, {});
    const passcode = await codeTo(app, ada.email);
    expect((await bob.me.post(`${AT}/otp/email/validate`, { passcode })).status).toBe(400);
    await sendLink(ada);
    const link = await linkTo(app, ada.email);
    link.searchParams.set('email', bob.email);
    link.searchParams.set('user_id', bob.userId);
    await open(app, link);
    expect(await verified(bob)).toEqual(none);
    expect(await verified(ada)).toEqual({ ...none, email: true });
  });

  it('cannot be guessed: five wrong codes lock, the right one included', async () => {
    await ada.me.post(`${AT}/otp/email/send`, {});
    const right = await codeTo(app, ada.email);
    const wrong = right.replace(/^\d/, (first) => String((Number(first) + 1) % 10));
    const guess = (passcode: string) => ada.me.post(`${AT}/otp/email/validate`, { passcode });
    for (let at = 0; at < 5; at++)
      expect(brief(await guess(wrong))).toEqual([400, 'auth_invalid_credentials']);
    expect(brief(await guess(right))).toEqual([403, 'auth_locked']);
    expect(await verified(ada)).toEqual(none);
  });

  it('leads to no address that the client has not registered, and is no link that was made up', async () => {
    expect(brief(await sendLink(ada, { redirect_uri: 'https://evil.example/cb' }))).toEqual([
      400,
      'invalid_request',
    ]);
    const made = new URL(`${app.url}${AT}/links/email/visit?token=made-up&redirect_uri=https://evil.example`);
    expect((await open(app, made)).status).toBe(404);
    await sendLink(ada);
    await admin.put(`/v1/applications/${shop.appId}/clients/${shop.clientId}`, {
      redirect_uris: ['https://moved.example.com/cb'],
    });
    const late = await open(app, await linkTo(app, ada.email));
    await admin.put(`/v1/applications/${shop.appId}/clients/${shop.clientId}`, {
      redirect_uris: [REDIRECT_URI],
    });
    expect(late.status).toBe(400);
    expect(await verified(ada)).toEqual(none);
  });

  it('links to the configured address, whatever the Host header says', async () => {
    const headers = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      authorization: `Bearer ${ada.token}`,
    };
    const body = { email: ada.email, redirect_uri: REDIRECT_URI };
    expect(await rawPost(app, `${AT}/links/email`, body, headers)).toBe(200);
    const [message] = await messagesTo(app, ada.email);
    expect(JSON.stringify(message)).not.toContain('evil.example');
    expect((await linkTo(app, ada.email)).origin).toBe(app.url);
  });

  it('floods nobody: the sixth message within a minute is refused', async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 6; at++) statuses.push((await ada.me.post(`${AT}/otp/email/send`, {})).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('is for the tokens of users, and not of third-party clients (tokens-and-sessions.md 1, R97)', async () => {
    const party = await addThirdParty(app, shop);
    const tokens = await tokensByConsent(app, shop, party, { scope: 'openid' });
    const client = api(app, await clientToken(app, shop));
    for (const path of [
      'links/email',
      'otp/email/send',
      'otp/email/validate',
      'otp/sms/send',
      'otp/sms/validate',
    ]) {
      expect((await api(app).post(`${AT}/${path}`, {})).status).toBe(401);
      for (const by of [client, admin, api(app, tokens.access_token)])
        expect((await by.post(`${AT}/${path}`, {})).status).toBe(403);
    }
  });
});

describe('a verification link in time', () => {
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

  it('answers result=false when it is too old, and is forgotten a day later', async () => {
    const admin = api(app, await adminToken(app));
    const ada = await newPerson(app, await setScene(app), admin);
    const body = { email: ada.email, redirect_uri: REDIRECT_URI };
    expect((await ada.me.post(`${AT}/links/email`, body)).status).toBe(200);
    const link = await linkTo(app, ada.email);
    clock.advance(16 * MINUTE);
    expect((await open(app, link)).url.href).toBe(`${REDIRECT_URI}?result=false`);
    clock.advance(DAY);
    expect((await open(app, link)).status).toBe(404);
  });
});
