/** The older cross-device family: sessions that bind their devices and end in a code (contract/authentication.md 8; members as published). */
import { decodeJwt } from 'jose';
import { Clock, MINUTE } from '../support/clock.ts';
import { CodeScene, METHODS } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, api, postForm } from '../support/management.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import { SoftAuthenticator } from '../support/soft-authenticator.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty } from '../support/third-party.ts';

const SHOP = 'https://shop.example';
const HEADER = 'x-ts-device-binding-token';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1';
const cross = (path: string): string => `/v1/auth/webauthn/cross-device/${path}`;
const brief = ({ status, body }: Answer) => [status, body?.error_code];
const NOT_FOUND = [404, 'auth_session_not_found'];
const WRONG_TOKEN = [401, 'invalid_device_binding_token'];

let count = 0;
const newName = (): string => `older-${++count}@example.com`;

interface Session {
  readonly id: string;
  /** Of the device that began. */
  readonly token: string;
}
interface Person {
  readonly name: string;
  readonly userId: string;
  readonly me: Api;
}

/** One application, its backend, and devices that only call the API. */
class Family {
  readonly app: App;
  readonly code: CodeScene;
  readonly backend: Api;

  private constructor(app: App, code: CodeScene) {
    [this.app, this.code, this.backend] = [app, code, code.backend];
  }

  static async set(app: App, client: Record<string, unknown> = {}): Promise<Family> {
    const webauthn_api = { rpId: 'shop.example', rpWebOrigins: [SHOP] };
    return new Family(app, await CodeScene.set(app, { ...METHODS, webauthn_api }, client));
  }

  /** From a device, with its token. */
  async send(path: string, body: object, token = '', userAgent = IPHONE): Promise<Answer> {
    const headers = { 'content-type': 'application/json', 'user-agent': userAgent, [HEADER]: token };
    const url = this.app.url + (path.startsWith('/') ? path : `/v1/auth-session/${path}`);
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  }

  async start(more: object = {}): Promise<Session> {
    const answer = await this.send('start-restricted', { client_id: this.code.scene.clientId, ...more });
    expect([answer.status, answer.body]).toEqual([200, { auth_session_id: expect.any(String) }]);
    return { id: answer.body.auth_session_id, token: newToken(answer) };
  }
  async startFor(username: string, by = this.backend): Promise<string> {
    const answer = await by.post('/v1/auth-session/start-with-authorization', { username });
    expect([answer.status, answer.body]).toEqual([200, { auth_session_id: expect.any(String) }]);
    return answer.body.auth_session_id;
  }
  /** @returns the token of the attached device */
  async attached(id: string): Promise<string> {
    const answer = await this.send('attach-device', { auth_session_id: id });
    expect(answer.status).toBe(200);
    return newToken(answer);
  }
  authorize = (id: string, username: string, by = this.backend) =>
    by.post('/v1/auth-session/authorize', { auth_session_id: id, username });
  status = (id: string, token: string) => this.send('status', { auth_session_id: id }, token);
  detach = (id: string, token: string) => this.send('detach-device', { auth_session_id: id }, token);
  begin = (what: 'register' | 'authenticate', id: string, token: string) =>
    this.send(cross(`${what}/start`), { cross_device_ticket_id: id }, token);

  async register(id: string, token: string, device: SoftAuthenticator, by = this.backend): Promise<Answer> {
    const { body } = await this.begin('register', id, token);
    const { webauthn_session_id, credential_creation_options: options } = body;
    const webauthn_encoded_result = { ...device.create(options), webauthn_session_id };
    return by.post(cross('register'), { webauthn_encoded_result });
  }
  async authenticate(
    id: string,
    token: string,
    device: SoftAuthenticator,
    by = this.backend,
  ): Promise<Answer> {
    const { body } = await this.begin('authenticate', id, token);
    const { webauthn_session_id, credential_request_options: options } = body;
    const webauthn_encoded_result = { ...device.get(options), webauthn_session_id };
    return by.post('/v1/auth/webauthn/authenticate', { webauthn_encoded_result });
  }
  exchange(code: string, redirect_uri = REDIRECT_URI, client: Client = this.code.scene) {
    const form = { grant_type: 'authorization_code', code, redirect_uri };
    return postForm(`${this.app.url}/oidc/token`, form, client);
  }

  async person(name = newName()): Promise<Person> {
    const userId = await this.code.newMember({ email: name });
    const named = { identifier_type: 'email', identifier: name };
    const sent = await this.backend.post('/v1/auth/otp/send', { channel: 'direct', ...named });
    const proof = { ...named, passcode: sent.body.code };
    const { body } = await this.backend.post('/v1/auth/otp/authenticate', proof);
    return { name, userId, me: api(this.app, body.access_token) };
  }
  /** With a passkey on a device of their own. */
  async withPasskey(): Promise<Person & { device: SoftAuthenticator }> {
    const person = await this.person();
    const device = new SoftAuthenticator(SHOP);
    const id = await this.startFor(person.name);
    expect((await this.register(id, await this.attached(id), device)).status).toBe(200);
    return { ...person, device };
  }
}

type Client = { readonly clientId: string; readonly clientSecret: string };
const newToken = ({ headers }: Answer): string => {
  const token = headers.get('set-device-binding-token') ?? '';
  expect(token).toMatch(/^[\w-]{43}$/);
  return token;
};

describe.each(policyStorages)('sessions on two devices, the older family ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let shop: Family;
  let stranger: Family;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    shop = await Family.set(app);
    stranger = await Family.set(app);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  describe('what they are for', () => {
    it('signs the first device in with the passkey of the second one, and shows the code once', async () => {
      const { userId, device } = await shop.withPasskey();
      const approval_data = { order: '17' };
      const { id, token } = await shop.start({ cross_device: { binding_message: 'Blue 42' }, approval_data });
      const pending = { session_status: 'in-progress', cross_device_status: 'pending-attachment' };
      expect((await shop.status(id, token)).body).toEqual(pending);
      const attached = await shop.send('attach-device', { auth_session_id: id });
      const device_info = { osType: 'iOS', osVersion: '17.4', browserType: 'Safari', browserVersion: '17.4' };
      expect([attached.status, attached.body]).toEqual([
        200,
        {
          binding_info: {
            binding_message: 'Blue 42',
            originating_device: { device_info },
            approval_data,
          },
        },
      ]);
      const second = newToken(attached);
      expect((await shop.status(id, token)).body.cross_device_status).toBe('attached');
      expect((await shop.authenticate(id, second, device)).status).toBe(200);
      const done = { cross_device_status: 'authenticated' };
      // The code is for the device that began: the other one has been signed in by its own answer.
      expect((await shop.status(id, second)).body).toEqual({ session_status: 'completed', ...done });
      const { status, body } = await shop.status(id, token);
      expect([status, body]).toEqual([
        200,
        { session_status: 'in-progress', ...done, cross_device_result: { auth_code: expect.any(String) } },
      ]);
      const { auth_code } = body.cross_device_result;
      const tokens = await shop.exchange(auth_code);
      expect(tokens.status).toBe(200);
      expect(decodeJwt(tokens.body.id_token)).toMatchObject({
        sub: userId,
        amr: ['webauthn'],
        approval_data,
      });
      expect((await api(app, tokens.body.access_token).get('/v1/users/me')).status).toBe(200);
      expect((await shop.status(id, token)).body).toEqual({ session_status: 'completed', ...done });
      expect((await shop.exchange(auth_code)).body.error).toBe('invalid_grant');
    });

    it('registers a passkey where the backend has vouched, and signs the device in that has made it', async () => {
      const { name, userId } = await shop.person();
      const id = await shop.startFor(name);
      const attached = await shop.send('attach-device', { auth_session_id: id });
      const none = { osType: '', osVersion: '', browserType: '', browserVersion: '' };
      expect(attached.body.binding_info.originating_device.device_info).toEqual(none);
      const token = newToken(attached);
      const registered = await shop.register(id, token, new SoftAuthenticator(SHOP));
      expect([registered.status, registered.body.user_id]).toEqual([200, userId]);
      const { body } = await shop.status(id, token);
      expect(body).toMatchObject({ session_status: 'in-progress', cross_device_status: 'registered' });
      const { clientId: client_id, clientSecret: client_secret } = shop.code.scene;
      const { auth_code: code } = body.cross_device_result;
      const older = await api(app).post('/v1/token', { code, client_id, client_secret });
      expect(older.status).toBe(200);
      expect(decodeJwt(older.body.id_token)).toMatchObject({ sub: userId, amr: ['webauthn'] });
    });

    it.each(['user', 'client'] as const)(
      'lets a restricted session register where a %s token authorizes it, and gives the first device the code',
      async (kind) => {
        const { name, userId, me } = await shop.person();
        const { id, token } = await shop.start();
        const second = await shop.attached(id);
        const authorized = await shop.authorize(id, name, kind === 'user' ? me : shop.backend);
        expect([authorized.status, authorized.body]).toEqual([200, {}]);
        expect((await shop.register(id, second, new SoftAuthenticator(SHOP))).body.user_id).toBe(userId);
        expect((await shop.status(id, second)).body.cross_device_result).toBeUndefined();
        const { body } = await shop.status(id, token);
        expect(body.cross_device_status).toBe('registered');
        const tokens = await shop.exchange(body.cross_device_result.auth_code);
        expect(decodeJwt(tokens.body.id_token).sub).toBe(userId);
      },
    );

    it('is over for a device that detaches; what is finished stays finished', async () => {
      const { device } = await shop.withPasskey();
      const { id, token } = await shop.start();
      const second = await shop.attached(id);
      expect((await shop.authenticate(id, second, device)).status).toBe(200);
      const detached = await shop.detach(id, second);
      expect([detached.status, detached.body]).toEqual([200, {}]);
      expect(brief(await shop.status(id, second))).toEqual(WRONG_TOKEN);
      expect(brief(await shop.detach(id, second))).toEqual(WRONG_TOKEN);
      expect((await shop.status(id, token)).body).toEqual({
        session_status: 'in-progress',
        cross_device_status: 'completed',
        cross_device_result: { auth_code: expect.any(String) },
      });
    });

    it('ends unfinished with the device, and its ceremony with it', async () => {
      const { device } = await shop.withPasskey();
      const { id, token } = await shop.start();
      const second = await shop.attached(id);
      const { body } = await shop.begin('authenticate', id, second);
      const { webauthn_session_id, credential_request_options: asked } = body;
      expect((await shop.detach(id, second)).status).toBe(200);
      const late = await shop.backend.post('/v1/auth/webauthn/authenticate', {
        webauthn_encoded_result: { ...device.get(asked), webauthn_session_id },
      });
      expect(brief(late)).toEqual([404, 'cross_device_ticket_not_found']);
      const over = { session_status: 'completed', cross_device_status: 'completed' };
      expect((await shop.status(id, token)).body).toEqual(over);
    });
  });

  describe('who has not the right device', () => {
    it('can do nothing with the id alone, nor with the token of another session', async () => {
      const { name } = await shop.person();
      const [one, other] = [await shop.start(), await shop.start()];
      const second = await shop.attached(one.id);
      const otherSecond = await shop.attached(other.id);
      expect((await shop.authorize(other.id, name)).status).toBe(200);
      for (const call of [shop.status, shop.detach]) {
        expect(brief(await call(one.id, ''))).toEqual([401, 'device_binding_token_not_provided']);
        for (const token of ['made-up', other.token, otherSecond])
          expect(brief(await call(one.id, token))).toEqual(WRONG_TOKEN);
      }
      const missing = [401, 'device_binding_token_not_provided'];
      expect(brief(await shop.begin('authenticate', one.id, ''))).toEqual(missing);
      expect(brief(await shop.begin('register', other.id, ''))).toEqual(missing);
      for (const token of ['made-up', one.token, otherSecond])
        expect(brief(await shop.begin('authenticate', one.id, token))).toEqual(WRONG_TOKEN);
      for (const token of ['made-up', other.token, second])
        expect(brief(await shop.begin('register', other.id, token))).toEqual(WRONG_TOKEN);
      // The first device does not detach the second one.
      expect(brief(await shop.detach(one.id, one.token))).toEqual(WRONG_TOKEN);
    });

    it('is too late once a device is attached, and cannot guess ids', async () => {
      const { id } = await shop.start();
      const racing = await Promise.all(
        Array.from({ length: 6 }, () => shop.send('attach-device', { auth_session_id: id })),
      );
      expect(racing.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400, 400, 400]);
      expect(racing.find(({ status }) => status === 400)?.body.error_code).toBe('device_already_attached');
      for (const guess of ['made-up', `${id}x`, id.toLowerCase()]) {
        expect(brief(await shop.send('attach-device', { auth_session_id: guess }))).toEqual(NOT_FOUND);
        expect(brief(await shop.status(guess, 'x'))).toEqual(NOT_FOUND);
        expect(brief(await shop.detach(guess, 'x'))).toEqual(NOT_FOUND);
        expect(brief(await shop.authorize(guess, (await shop.person()).name))).toEqual(NOT_FOUND);
      }
    });

    it('gets past no binding by the other family: neither takes the ids of the other one', async () => {
      const { id } = await shop.start();
      const NO_TICKET = [404, 'cross_device_ticket_not_found'];
      expect(brief(await shop.send(cross('attach-device'), { cross_device_ticket_id: id }))).toEqual(
        NO_TICKET,
      );
      const status = await api(app).get(cross(`status?cross_device_ticket_id=${id}`));
      expect(brief(status)).toEqual(NO_TICKET);
      const newer = await shop.send(cross('authenticate/init'), { client_id: shop.code.scene.clientId });
      const ticket = newer.body.cross_device_ticket_id;
      expect(brief(await shop.send('attach-device', { auth_session_id: ticket }))).toEqual(NOT_FOUND);
      expect(brief(await shop.status(ticket, 'x'))).toEqual(NOT_FOUND);
      expect(brief(await shop.authorize(ticket, (await shop.person()).name))).toEqual(NOT_FOUND);
    });
  });

  describe('who authorizes', () => {
    it('as a user vouches for nobody else', async () => {
      const [ada, bob] = [await shop.person(), await shop.person()];
      const { id } = await shop.start();
      const second = await shop.attached(id);
      for (const name of [bob.name, 'nobody@example.com'])
        for (const [path, body] of [
          ['authorize', { auth_session_id: id, username: name }],
          ['start-with-authorization', { username: name }],
        ] as const) {
          const refused = await ada.me.post(`/v1/auth-session/${path}`, body);
          expect([...brief(refused), refused.body.message]).toEqual([
            ...[400, 'invalid_request'],
            expect.stringContaining('username'),
          ]);
        }
      // Nothing was allowed by that.
      expect(brief(await shop.begin('register', id, second))).toEqual([404, 'cross_device_ticket_not_found']);
    });

    it('as a backend vouches for active users of its application only', async () => {
      const [gone, foreign] = [await shop.person(), await stranger.person()];
      await shop.code.admin.put(`/v1/users/${gone.userId}`, { status: 'Disabled' });
      const { id } = await shop.start();
      await shop.attached(id);
      for (const [name, refusal] of [
        [gone.name, [403, 'user_not_active']],
        [foreign.name, [404, 'user_not_found']],
        ['nobody@example.com', [404, 'user_not_found']],
      ] as const) {
        expect(brief(await shop.authorize(id, name))).toEqual(refusal);
        const start = { username: name };
        expect(brief(await shop.backend.post('/v1/auth-session/start-with-authorization', start))).toEqual(
          refusal,
        );
      }
    });

    it('reaches no session of another client or application', async () => {
      const ada = await shop.person();
      const both = await stranger.person();
      const { id } = await shop.start();
      const second = await shop.attached(id);
      const another = await shop.code.anotherClient();
      expect(brief(await shop.authorize(id, ada.name, another.backend))).toEqual(NOT_FOUND);
      expect(brief(await shop.authorize(id, both.name, stranger.backend))).toEqual(NOT_FOUND);
      expect(brief(await shop.authorize(id, both.name, both.me))).toEqual(NOT_FOUND);
      const client_id = stranger.code.scene.clientId;
      for (const by of [shop.backend, ada.me])
        for (const path of ['authorize', 'start-with-authorization']) {
          const session = path === 'authorize' ? { auth_session_id: id } : {};
          const body = { ...session, username: ada.name, client_id };
          expect(brief(await by.post(`/v1/auth-session/${path}`, body))).toEqual([400, 'invalid_request']);
        }
      expect((await shop.authorize(id, ada.name)).status).toBe(200);
      const stolen = await shop.register(id, second, new SoftAuthenticator(SHOP), another.backend);
      expect(brief(stolen)).toEqual([404, 'cross_device_ticket_not_found']);
    });

    it('does it once, after a device is there, and never for a session that is authorized', async () => {
      const [ada, bob] = [await shop.person(), await shop.person()];
      const { id } = await shop.start();
      const INVALID = [400, 'invalid_auth_session'];
      // Else whoever comes next would get what was allowed to the user's own device.
      expect(brief(await shop.authorize(id, ada.name, ada.me))).toEqual(INVALID);
      const second = await shop.attached(id);
      const racing = await Promise.all(
        [ada, bob, ada, bob].map(({ name, me }) => shop.authorize(id, name, me)),
      );
      expect(racing.map(({ status }) => status).sort()).toEqual([200, 400, 400, 400]);
      const winner = racing.findIndex(({ status }) => status === 200) % 2 === 0 ? ada : bob;
      expect(brief(await shop.authorize(id, ada.name, ada.me))).toEqual(INVALID);
      expect(brief(await shop.send('attach-device', { auth_session_id: id }))).toEqual([
        ...[400, 'device_already_attached'],
      ]);
      const done = await shop.register(id, second, new SoftAuthenticator(SHOP));
      expect(done.body.user_id).toBe(winner.userId);
      for (const call of [
        await shop.authorize(id, ada.name, ada.me),
        await shop.send('attach-device', { auth_session_id: id }),
      ])
        expect(brief(call)).toEqual(NOT_FOUND);
      const begun = await shop.startFor(ada.name);
      await shop.attached(begun);
      expect(brief(await shop.authorize(begun, bob.name))).toEqual(INVALID);
    });

    it('leaves no sign-in behind that was begun before', async () => {
      const { device, name } = await shop.withPasskey();
      const { id } = await shop.start();
      const second = await shop.attached(id);
      const { body } = await shop.begin('authenticate', id, second);
      const { webauthn_session_id, credential_request_options: asked } = body;
      expect((await shop.authorize(id, name)).status).toBe(200);
      const late = await shop.backend.post('/v1/auth/webauthn/authenticate', {
        webauthn_encoded_result: { ...device.get(asked), webauthn_session_id },
      });
      expect(brief(late)).toEqual([400, 'invalid_request']);
    });
  });

  describe('the code', () => {
    it('is good for the client and the redirect URI of the session alone', async () => {
      const another = await shop.code.anotherClient();
      const codeOf = async () => {
        const { name } = await shop.person();
        const id = await shop.startFor(name);
        const token = await shop.attached(id);
        await shop.register(id, token, new SoftAuthenticator(SHOP));
        return String((await shop.status(id, token)).body.cross_device_result.auth_code);
      };
      expect((await shop.exchange(await codeOf(), 'https://evil.example/cb')).body.error).toBe(
        'invalid_grant',
      );
      expect((await shop.exchange(await codeOf(), REDIRECT_URI, another)).body.error).toBe('invalid_grant');
    });

    it('is shown to one of many that ask at once', async () => {
      const { device } = await shop.withPasskey();
      const { id, token } = await shop.start();
      await shop.authenticate(id, await shop.attached(id), device);
      const polls = await Promise.all(Array.from({ length: 6 }, () => shop.status(id, token)));
      expect(polls.filter(({ body }) => body.cross_device_result)).toHaveLength(1);
    });

    it('is not made for a user who was taken out of the application meanwhile', async () => {
      const { device, userId } = await shop.withPasskey();
      const { id, token } = await shop.start();
      await shop.authenticate(id, await shop.attached(id), device);
      expect((await shop.backend.delete(`/v1/users/${userId}/apps`)).status).toBeLessThan(300);
      const { status, body } = await shop.status(id, token);
      expect([status, body.cross_device_result]).toEqual([400, undefined]);
    });

    it('does not go where the client has not registered, nor around what the client demands', async () => {
      const start = async (client_id: string, more: object = {}) =>
        brief(await shop.send('start-restricted', { client_id, ...more }));
      const foreign = { redirect_uri: 'https://evil.example/cb' };
      expect(await start(shop.code.scene.clientId, foreign)).toEqual([400, 'invalid_redirect_uri']);
      expect(await start('nobody')).toEqual([404, 'client_not_found']);
      const party = await addThirdParty(app, shop.code.scene);
      expect(await start(party.clientId)).toEqual([403, 'forbidden']);
      const strict = await shop.code.anotherClient({ enforce_par: true });
      expect(await start(strict.clientId)).toEqual([400, 'invalid_request']);
      const bare = await shop.code.anotherClient({ redirect_uris: [] });
      expect(await start(bare.clientId)).toEqual([400, 'missing_redirect_uri']);
      for (const session_expiration of [29, 601])
        expect(await start(shop.code.scene.clientId, { session_expiration })).toEqual([
          400,
          'invalid_request',
        ]);
      // Nobody may believe that the device's key was bound to the passkey.
      const { name } = await shop.person();
      const bound = { username: name, device_public_key: 'x' };
      const refused = await shop.backend.post('/v1/auth-session/start-with-authorization', bound);
      expect([refused.status, refused.body.message]).toEqual([400, 'device_public_key is not a known field']);
    });
  });
});

describe('sessions on two devices in time', () => {
  let clock: Clock;
  let app: App;
  beforeAll(async () => {
    clock = new Clock();
    const env = { PASSKEY_STARTS_PER_ADDRESS: '6', TRUSTED_PROXIES: '127.0.0.1,::1' };
    app = await startApp({ clock, env });
  });
  afterAll(async () => {
    await app?.discard();
    clock?.remove();
  });

  it('are over when their time is, and need a sign-in of the last ten minutes from a user', async () => {
    const shop = await Family.set(app);
    const { name, me } = await shop.person();
    const [short, long] = [await shop.start({ session_expiration: 30 }), await shop.start()];
    const second = await shop.attached(short.id);
    clock.advance(MINUTE);
    expect(brief(await shop.status(short.id, short.token))).toEqual(NOT_FOUND);
    expect(brief(await shop.authorize(short.id, name))).toEqual(NOT_FOUND);
    expect((await shop.begin('authenticate', short.id, second)).status).toBe(404);
    expect((await shop.status(long.id, long.token)).status).toBe(200);
    clock.advance(5 * MINUTE);
    expect(brief(await shop.status(long.id, long.token))).toEqual(NOT_FOUND);
    expect(brief(await shop.send('attach-device', { auth_session_id: long.id }))).toEqual(NOT_FOUND);
    clock.advance(5 * MINUTE);
    const late = await me.post('/v1/auth-session/start-with-authorization', { username: name });
    expect(brief(late)).toEqual([403, 'reauthentication_required']);
  });

  it('are begun and attached only so often from one address; then 429 with Retry-After', async () => {
    const call = (path: string, body: object) =>
      fetch(`${app.url}/v1/auth-session/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.9' },
        body: JSON.stringify(body),
      });
    const statuses: number[] = [];
    for (let at = 0; at < 3; at++) {
      statuses.push((await call('start-restricted', { client_id: 'nobody' })).status);
      statuses.push((await call('attach-device', { auth_session_id: 'made-up' })).status);
    }
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404]);
    for (const [path, body] of [
      ['start-restricted', { client_id: 'nobody' }],
      ['attach-device', { auth_session_id: 'made-up' }],
    ] as const) {
      const flooded = await call(path, body);
      expect([flooded.status, Number(flooded.headers.get('retry-after')) > 0]).toEqual([429, true]);
    }
  });
});
