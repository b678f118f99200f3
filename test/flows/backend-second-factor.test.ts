/** An application that asks for two factors gives tokens for two only, at every door of the API (contract/authentication.md 2, 7, 8; tokens-and-sessions.md 7). */
import { decodeJwt } from 'jose';
import { AuthenticatorApp } from '../support/authenticator-app.ts';
import { Browser } from '../support/browser.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { CodeScene, METHODS, newPhone, otherThan } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, api, postForm } from '../support/management.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import { SoftAuthenticator } from '../support/soft-authenticator.ts';
import { type App, startApp } from '../support/start-app.ts';

const SHOP = 'https://shop.example';
const PASSWORD = 'Some-Good-Pass9-of-mine';
const NOT_FOUND = [400, 'Session not found'];

interface Person {
  readonly email: string;
  readonly userId: string;
  readonly device: SoftAuthenticator;
  readonly totp: AuthenticatorApp;
}
type Bare = Omit<Person, 'totp'>;
type Way<Who = Person> = (person: Who, more?: Record<string, unknown>, by?: Api) => Promise<Answer>;

let count = 0;

describe.each(policyStorages)(
  'a backend of an application that asks for two factors ($name)',
  ({ options }) => {
    let storage: StorageOptions;
    let app: App;
    let code: CodeScene;
    let backend: Api;
    let open: Api;
    beforeAll(async () => {
      storage = await options();
      app = await startApp(storage);
      const webauthn_api = { rpId: 'shop.example', rpWebOrigins: [SHOP] };
      code = await CodeScene.set(app, { ...METHODS, totp: {}, webauthn_api });
      open = api(app);
      backend = code.backend;
    });
    afterAll(async () => {
      await app?.discard();
      await storage?.release();
    });

    const setMfa = async (mfa: 'off' | 'required'): Promise<void> => {
      const set = await code.admin.put(`/v1/applications/${code.scene.appId}`, { hosted_login: { mfa } });
      expect(set.status).toBe(200);
    };
    const named = ({ email }: Pick<Person, 'email'>) => ({ identifier_type: 'email', identifier: email });

    const byPassword: Way<Bare> = ({ email }, more = {}, by = backend) =>
      by.post('/v1/auth/password/authenticate', {
        ...{ username: email, username_type: 'email', password: PASSWORD },
        ...more,
      });
    const byOtp: Way<Bare> = async (person, more = {}, by = backend) => {
      const sent = await backend.post('/v1/auth/otp/send', { channel: 'direct', ...named(person) });
      return by.post('/v1/auth/otp/authenticate', { ...named(person), passcode: sent.body.code, ...more });
    };
    const byLink: Way = async (person, more = {}, by = backend) => {
      const wish = { ...named(person), redirect_uri: REDIRECT_URI, channel: 'direct' };
      const { body } = await backend.post('/v1/auth/link/email/send', wish);
      const proof = new URL(body.link).searchParams.get('code');
      return by.post('/v1/auth/link/email/authenticate', { code: proof, ...more });
    };
    const byTotp: Way = (person, more = {}, by = backend) =>
      by.post('/v1/auth/totp/authenticate', { ...named(person), passcode: person.totp.code(), ...more });
    const answered = async ({ device }: Person, path: string, body: object) => {
      const started = await open.post(`/v1/auth/webauthn/${path}`, body);
      const { webauthn_session_id, credential_request_options: asked } = started.body;
      return { ...device.get(asked), webauthn_session_id };
    };
    const byPasskey: Way = async (person, more = {}, by = backend) => {
      const result = await answered(person, 'authenticate/start', { client_id: code.scene.clientId });
      return by.post('/v1/auth/webauthn/authenticate', { webauthn_encoded_result: result, ...more });
    };

    /** Everything that somebody can prove, set while one factor was enough. */
    async function newPerson(): Promise<Person> {
      const email = `two-factors-${++count}@example.com`;
      const credentials = { password: PASSWORD, force_replace: false };
      const userId = await code.newMember({ email, phone_number: newPhone(), credentials });
      await setMfa('off');
      const bare = { email, userId, device: new SoftAuthenticator(SHOP) };
      const { access_token, session_id } = (await byPassword(bare)).body;
      const me = api(app, access_token);
      const { uri, totp_id } = (await me.post('/v1/users/me/totp')).body;
      const person = { ...bare, totp: new AuthenticatorApp(uri) };
      const path = `/v1/users/me/totp/${totp_id}/confirm`;
      expect((await me.post(path, { code: person.totp.code() })).status).toBe(200);
      // Who has an app adds a passkey with two factors.
      await givePasskey(person, (await byOtp(bare, { session_id })).body.access_token);
      await backend.delete(`/v1/auth/users/${userId}/sessions`);
      await setMfa('required');
      return person;
    }
    async function givePasskey({ email, device }: Person, token: string): Promise<void> {
      const wish = { client_id: code.scene.clientId, username: email };
      const { webauthn_session_id, credential_creation_options: asked } = (
        await open.post('/v1/auth/webauthn/register/start', wish)
      ).body;
      const webauthn_encoded_result = { ...device.create(asked), webauthn_session_id };
      const done = await api(app, token).post('/v1/auth/webauthn/register', { webauthn_encoded_result });
      expect(done.status).toBe(200);
    }
    /** The first factor was right, and gave nothing but the name of what waits. */
    function waiting({ status, body }: Answer): string {
      expect([status, body]).toEqual([
        403,
        {
          error_code: 'mfa_required',
          message: expect.any(String),
          session_id: expect.stringMatching(/^[\w-]{43}$/),
        },
      ]);
      return body.session_id;
    }
    async function expectNoCode(url: string): Promise<void> {
      const { searchParams } = (await new Browser(app).open(new URL(url))).url;
      expect([searchParams.get('error'), searchParams.get('code')]).toEqual(['mfa_required', null]);
    }
    const authenticate = (session_id: string, by = backend) =>
      by.post('/v1/auth/session/authenticate', { session_id });
    const sessionsOf = async ({ userId }: Person) =>
      (await backend.get(`/v1/auth/users/${userId}/sessions`)).body;

    const WAYS: readonly (readonly [string, string, Way])[] = [
      ['password', 'pwd', byPassword],
      ['one-time code', 'eotp', byOtp],
      ['magic link', 'eml', byLink],
      ['authenticator app', 'otp', byTotp],
      ['passkey', 'webauthn', byPasskey],
    ];

    it.each(WAYS)('gives no token for a %s alone, but 403 mfa_required (section 2)', async (_, __, way) => {
      const person = await newPerson();
      const id = waiting(await way(person));
      expect(await sessionsOf(person)).toEqual([]);
      // What waits is no session: it cannot be traded, looked at or refreshed.
      waiting(await authenticate(id));
      expect((await backend.post('/v1/auth/token/refresh', { refresh_token: id })).status).toBe(400);
      expect(await sessionsOf(person)).toEqual([]);
    });

    it.each([
      ['password', 'one-time code'],
      ['one-time code', 'password'],
      ['magic link', 'authenticator app'],
      ['authenticator app', 'passkey'],
      ['passkey', 'magic link'],
    ])('gives them for a %s and a %s: amr of both and mfa, acr mfa (section 7)', async (one, two) => {
      const [[, firstAmr, first], [, secondAmr, second]] = [one, two].map((name) =>
        WAYS.find(([way]) => way === name),
      ) as [(typeof WAYS)[number], (typeof WAYS)[number]];
      const person = await newPerson();
      const session_id = waiting(await first(person));
      const { status, body } = await second(person, { session_id });
      expect(status).toBe(200);
      expect(decodeJwt(body.id_token)).toMatchObject({
        sub: person.userId,
        amr: [firstAmr, secondAmr, 'mfa'],
        acr: 'mfa',
      });
      expect((await authenticate(body.session_id)).status).toBe(200);
      expect(
        (await backend.post('/v1/auth/token/refresh', { refresh_token: body.refresh_token })).status,
      ).toBe(200);
      expect(await sessionsOf(person)).toMatchObject([{ session_id: body.session_id }]);
    });

    it('counts neither the same factor twice nor two messages to one mailbox as two', async () => {
      const person = await newPerson();
      const byPwd = waiting(await byPassword(person));
      expect(waiting(await byPassword(person, { session_id: byPwd }))).toBe(byPwd);
      const mailed = waiting(await byLink(person));
      expect(waiting(await byOtp(person, { session_id: mailed }))).toBe(mailed);
      expect(await sessionsOf(person)).toEqual([]);
    });

    it('goes on from a first factor once, even where two calls come at the same moment', async () => {
      const person = await newPerson();
      const session_id = waiting(await byPassword(person));
      const answers = await Promise.all([byOtp(person, { session_id }), byPasskey(person, { session_id })]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
      const later = await byTotp(person, { session_id });
      expect([later.status, later.body.message]).toEqual(NOT_FOUND);
      expect((await authenticate(session_id)).status).toBe(400);
    });

    it('goes on for the same user, client and application only', async () => {
      const [person, attacker] = [await newPerson(), await newPerson()];
      const session_id = waiting(await byPassword(person));
      const sibling = await code.anotherClient();
      const stranger = await CodeScene.set(app);
      const refused = [
        await byOtp(attacker, { session_id }),
        await byTotp(person, { session_id }, sibling.backend),
        await authenticate(session_id, sibling.backend),
        await authenticate(session_id, stranger.backend),
        await byOtp(person, { session_id: otherThan(session_id) }),
      ];
      for (const { status, body } of refused) expect([status, body.message]).toEqual(NOT_FOUND);
      expect((await byOtp(person, { session_id })).status).toBe(200);
    });

    it('does not go on where the sessions of the user were ended, or the user was disabled', async () => {
      const person = await newPerson();
      const ended = waiting(await byPassword(person));
      await backend.delete(`/v1/auth/users/${person.userId}/sessions`);
      expect((await byOtp(person, { session_id: ended })).status).toBe(400);
      const old = waiting(await byPassword(person));
      const disabled = await code.admin.put(`/v1/users/${person.userId}`, { status: 'Disabled' });
      expect(disabled.status).toBe(200);
      expect((await byPasskey(person, { session_id: old })).status).toBe(403);
    });

    it('still counts wrong answers of the second factor, and locks', async () => {
      const person = await newPerson();
      const session_id = waiting(await byPassword(person));
      const sent = await backend.post('/v1/auth/otp/send', { channel: 'direct', ...named(person) });
      const guess = (passcode: string) =>
        backend.post('/v1/auth/otp/authenticate', { ...named(person), passcode, session_id });
      for (let n = 1; n <= 5; n++)
        expect((await guess(otherThan(sent.body.code, n))).body.error_code).toBe('auth_invalid_credentials');
      expect((await guess(sent.body.code)).body.error_code).toBe('auth_locked');
    });

    it('gives nothing for an older session of one factor before a second one is added to it', async () => {
      const person = await newPerson();
      await setMfa('off');
      const { session_id } = (await byPassword(person)).body;
      await setMfa('required');
      expect(waiting(await authenticate(session_id))).toBe(session_id);
      const { status, body } = await byOtp(person, { session_id });
      expect([status, body.session_id]).toEqual([200, session_id]);
      expect((await authenticate(session_id)).status).toBe(200);
    });

    it('gives the first of two devices a second question, too (section 8)', async () => {
      const person = await newPerson();
      const init = { client_id: code.scene.clientId };
      const { cross_device_ticket_id } = (
        await open.post('/v1/auth/webauthn/cross-device/authenticate/init', init)
      ).body;
      const result = await answered(person, 'cross-device/authenticate/start', { cross_device_ticket_id });
      waiting(await backend.post('/v1/auth/webauthn/authenticate', { webauthn_encoded_result: result }));
      const status = `/v1/auth/webauthn/cross-device/status?cross_device_ticket_id=${cross_device_ticket_id}`;
      const told = (await open.get(status)).body;
      expect(told).toEqual({ status: 'success', session_id: expect.any(String) });
      const session_id = waiting(await authenticate(told.session_id));
      expect(decodeJwt((await byOtp(person, { session_id })).body.id_token).amr).toEqual([
        'webauthn',
        'eotp',
        'mfa',
      ]);
    });

    it('gives no token by the grant type password, and no code at the URL of a sign-in or a reset (section 7)', async () => {
      const person = await newPerson();
      const { email } = person;
      const form = { grant_type: 'password', username: email, username_type: 'email', password: PASSWORD };
      expect((await postForm(`${app.url}/oidc/token`, form, code.scene)).body.error).toBe('mfa_required');
      const { clientId: client_id } = code.scene;
      const login = { email, password: PASSWORD, client_id, redirect_uri: REDIRECT_URI };
      await expectNoCode((await open.post('/v1/auth/password/login', login)).body.result.url);
      const old = { email, password: PASSWORD };
      const proof = await backend.post('/v1/auth/password/reset/password/validate', old);
      const reset = await open.post('/v1/auth/password/reset', {
        reset_token: proof.body.result,
        new_password: `${PASSWORD}-2`,
        redirect_uri: REDIRECT_URI,
      });
      await expectNoCode(reset.body.url);
    });
  },
);

describe('a first factor of the backend family', () => {
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

  it('waits for a quarter of an hour, as the one of a browser does (section 7)', async () => {
    const code = await CodeScene.set(app);
    const { admin, backend, scene } = code;
    await admin.put(`/v1/applications/${scene.appId}`, { hosted_login: { mfa: 'required' } });
    const email = 'slow@example.com';
    await code.newMember({ email, credentials: { password: PASSWORD, force_replace: false } });
    const login = { username: email, username_type: 'email', password: PASSWORD };
    const named = { identifier_type: 'email', identifier: email };
    for (const [seconds, status] of [
      [14 * MINUTE, 200],
      [16 * MINUTE, 400],
    ] as const) {
      const { session_id } = (await backend.post('/v1/auth/password/authenticate', login)).body;
      clock.advance(seconds);
      const sent = await backend.post('/v1/auth/otp/send', { channel: 'direct', ...named });
      const proof = { ...named, passcode: sent.body.code, session_id };
      expect((await backend.post('/v1/auth/otp/authenticate', proof)).status).toBe(status);
    }
  });
});
