/** Wrong answers of passkeys lock, as the application has set it (contract/authentication.md 6), and so do too many starts. */
import { AccountVisitor } from '../support/account.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { CodeScene, METHODS } from '../support/code-scene.ts';
import { alertOf, HostedScene } from '../support/hosted-login.ts';
import { type Api, api, clientToken } from '../support/management.ts';
import { answerField, givePasskey, newAuthenticator, startCeremony } from '../support/own-passkeys.ts';
import { setScene } from '../support/scene.ts';
import { type Lies, SoftAuthenticator } from '../support/soft-authenticator.ts';
import { type App, startApp } from '../support/start-app.ts';

const SHOP = 'https://shop.example';
const WRONG: readonly Lies[] = [
  { wrongKey: true },
  { challenge: Buffer.alloc(32, 7).toString('base64url') },
  { origin: 'https://evil.example' },
];

/** An application with passkeys on its own pages, and the lock that it has set. */
class Shop {
  readonly code: CodeScene;
  readonly #app: App;

  private constructor(app: App, code: CodeScene) {
    this.#app = app;
    this.code = code;
  }

  static async set(app: App, lock: object): Promise<Shop> {
    const webauthn_api = { rpId: 'shop.example', rpWebOrigins: [SHOP], ...lock };
    return new Shop(app, await CodeScene.set(app, { ...METHODS, webauthn_api }));
  }

  #anybody = (): Api => api(this.#app);

  /** A member with a passkey. */
  async member(name: string): Promise<SoftAuthenticator> {
    const email = `${name}@example.com`;
    await this.code.newMember({ email });
    const named = { identifier_type: 'email', identifier: email };
    const sent = await this.code.backend.post('/v1/auth/otp/send', { channel: 'direct', ...named });
    const signedIn = await this.code.backend.post('/v1/auth/otp/authenticate', {
      ...named,
      passcode: sent.body.code,
    });
    const device = new SoftAuthenticator(SHOP);
    const started = await this.#anybody().post('/v1/auth/webauthn/register/start', {
      client_id: this.code.scene.clientId,
      username: name,
    });
    const { webauthn_session_id, credential_creation_options } = started.body;
    const result = { ...device.create(credential_creation_options), webauthn_session_id };
    const done = await api(this.#app, signedIn.body.access_token).post('/v1/auth/webauthn/register', {
      webauthn_encoded_result: result,
    });
    expect(done.status).toBe(200);
    return device;
  }

  async answer(device: SoftAuthenticator, lies: Lies = {}) {
    const started = await this.#anybody().post('/v1/auth/webauthn/authenticate/start', {
      client_id: this.code.scene.clientId,
    });
    const { webauthn_session_id, credential_request_options } = started.body;
    // The clock may have ended an older token.
    const backend = api(this.#app, await clientToken(this.#app, this.code.scene));
    return backend.post('/v1/auth/webauthn/authenticate', {
      webauthn_encoded_result: { ...device.get(credential_request_options, lies), webauthn_session_id },
    });
  }
}

describe('wrong answers of a passkey', () => {
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
  const brief = ({ status, body }: { status: number; body: { error_code?: string } }) => [
    status,
    body.error_code,
  ];

  it('lock the passkeys of their user for the time that is set, the right answer too, and nobody else’s', async () => {
    const shop = await Shop.set(app, { maxFailures: 3, lockoutDuration: 20, failuresExpireIn: 30 });
    const [ada, bob] = [await shop.member('ada'), await shop.member('bob')];
    for (const lies of WRONG) expect(brief(await shop.answer(ada, lies))).toEqual([400, 'invalid_request']);
    const locked = await shop.answer(ada);
    expect(brief(locked)).toEqual([403, 'auth_locked']);
    const wait = Number(locked.headers.get('retry-after'));
    expect([wait > 19 * MINUTE, wait <= 20 * MINUTE]).toEqual([true, true]);
    expect((await shop.answer(bob)).status).toBe(200);
    clock.advance(21 * MINUTE);
    expect((await shop.answer(ada)).status).toBe(200);
  });

  it('lock for longer with every tier (lockoutTiers), and are forgotten after failuresExpireIn', async () => {
    const lockoutTiers = [
      { attempts: 2, duration: 1 },
      { attempts: 3, duration: 60 },
    ];
    const shop = await Shop.set(app, { lockoutTiers, failuresExpireIn: 30 });
    const device = await shop.member('tiers');
    const [wrong = {}] = WRONG;
    for (let attempt = 0; attempt < 2; attempt++) await shop.answer(device, wrong);
    expect(brief(await shop.answer(device))).toEqual([403, 'auth_locked']);
    clock.advance(2 * MINUTE);
    await shop.answer(device, wrong);
    clock.advance(2 * MINUTE);
    expect(brief(await shop.answer(device))).toEqual([403, 'auth_locked']);
    clock.advance(95 * MINUTE);
    expect(brief(await shop.answer(device, wrong))).toEqual([400, 'invalid_request']);
    expect((await shop.answer(device)).status).toBe(200);
  });

  it('begin anew after a right answer', async () => {
    const shop = await Shop.set(app, { maxFailures: 2, lockoutDuration: 20 });
    const device = await shop.member('anew');
    for (const lies of WRONG) {
      expect((await shop.answer(device, lies)).status).toBe(400);
      expect((await shop.answer(device)).status).toBe(200);
    }
  });

  it('are counted before they are looked at: of many at once no more than the limit are', async () => {
    const shop = await Shop.set(app, { maxFailures: 3, lockoutDuration: 20 });
    const device = await shop.member('parallel');
    const answers = await Promise.all(
      Array.from({ length: 9 }, () => shop.answer(device, { wrongKey: true })),
    );
    const codes = answers.map(({ body }) => body.error_code);
    expect(codes.filter((code) => code === 'invalid_request')).toHaveLength(3);
    expect(codes.filter((code) => code === 'auth_locked')).toHaveLength(6);
  });

  it('lock on the hosted pages as well, whatever application asks, and say for how long', async () => {
    const hosted = await HostedScene.set(app);
    const { scene, admin } = hosted;
    const webauthn_api = { rpId: 'localhost', maxFailures: 2, lockoutDuration: 20 };
    expect((await admin.put(`/loginPreferences/${scene.appId}/authMethods`, { webauthn_api })).status).toBe(
      200,
    );
    const device = await givePasskey(app, await AccountVisitor.enter(app, scene.person));
    const answer = async (lies: Lies = {}) => {
      const walk = await hosted.begin({ prompt: 'login' });
      const { body } = await startCeremony(app, walk.browser, `/login/${walk.uid}/passkey/start`);
      return walk.send(answerField(body.webauthn_session_id, device.get(body.options, lies)));
    };
    // Made at the account, it is good at the application.
    expect(await (await answer()).claims()).toMatchObject({
      sub: scene.person.userId,
      amr: ['webauthn'],
    });
    for (const lies of WRONG.slice(0, 2)) expect((await answer(lies)).page.status).toBe(401);
    const { page } = await answer();
    expect([page.status, alertOf(page)]).toEqual([429, expect.stringContaining('20 minutes')]);
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(19 * MINUTE);
    clock.advance(21 * MINUTE);
    expect(await (await answer()).claims()).toMatchObject({ amr: ['webauthn'] });
  });

  it('of a passkey that is not known here lock nobody', async () => {
    const shop = await Shop.set(app, { maxFailures: 1, lockoutDuration: 20 });
    const device = await shop.member('bystander');
    for (let attempt = 0; attempt < 3; attempt++)
      expect(brief(await shop.answer(newAuthenticator(app)))).toEqual([404, 'no_credentials_registered']);
    expect((await shop.answer(device)).status).toBe(200);
  });
});

describe('the starts of passkey ceremonies, which anybody may call', () => {
  let app: App;
  beforeAll(async () => {
    app = await startApp({ env: { PASSKEY_STARTS_PER_ADDRESS: '6', TRUSTED_PROXIES: '127.0.0.1,::1' } });
  });
  afterAll(() => app?.discard());

  it('are counted per address, both together, whatever they name; then 429 with Retry-After', async () => {
    const scene = await setScene(app);
    const start = async (path: string, from: string, client_id = scene.clientId) => {
      const answer = await fetch(`${app.url}/v1/auth/webauthn/${path}/start`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
        body: JSON.stringify({ client_id, username: 'x' }),
      });
      const { error_code } = (await answer.json()) as { error_code?: string };
      return { status: answer.status, error_code, retry: Number(answer.headers.get('retry-after')) };
    };
    const PATHS = ['authenticate', 'register'];
    for (const client of [scene.clientId, 'nobody', 'nobody-else'])
      for (const path of PATHS) expect((await start(path, '203.0.113.7', client)).status).not.toBe(429);
    for (const path of PATHS) {
      const { status, retry } = await start(path, '203.0.113.7');
      expect([status, retry > 0 && retry <= 60]).toEqual([429, true]);
      expect((await start(path, '203.0.113.8')).status).toBe(403);
    }
  });
});
