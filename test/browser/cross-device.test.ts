/** Passkeys of a second device, with real Chromiums for the phone (contract/authentication.md 8; tokens-and-sessions.md 7). */
import { decodeJwt } from 'jose';
import { URI } from 'otpauth';
import type { Browser } from 'playwright-core';
import { describeWithChromium, launchChromium } from '../support/chromium.ts';
import { Clock, MINUTE } from '../support/clock.ts';
import { CodeScene, METHODS } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, api } from '../support/management.ts';
import { PasskeyBrowser } from '../support/passkey-browser.ts';
import { type App, startApp } from '../support/start-app.ts';

const at = (path: string): string => `/v1/auth/webauthn/${path}`;
const cross = (path: string): string => at(`cross-device/${path}`);
const NO_TICKET = [404, 'cross_device_ticket_not_found'];
const brief = ({ status, body }: { status: number; body: { error_code?: unknown } }) => [
  status,
  body?.error_code,
];

let count = 0;
const newName = (): string => `two-devices-${++count}@example.com`;

/** Two devices of one application: the first one only calls the API, the phone has the authenticator. */
class Devices {
  readonly app: App;
  readonly code: CodeScene;
  readonly phone: PasskeyBrowser;
  readonly open: Api;
  constructor(app: App, code: CodeScene, phone: PasskeyBrowser) {
    [this.app, this.code, this.phone] = [app, code, phone];
    this.open = api(app);
  }

  static async set(app: App, phone: PasskeyBrowser): Promise<Devices> {
    const webauthn_api = { rpId: 'localhost', rpWebOrigins: [phone.origin] };
    return new Devices(app, await CodeScene.set(app, { ...METHODS, totp: {}, webauthn_api }), phone);
  }

  /** A member who has signed in by a code. */
  async person(name = newName(), fields: object = {}) {
    const userId = await this.code.newMember({ email: name, ...fields });
    const named = { identifier_type: 'email', identifier: name };
    const sent = await this.code.backend.post('/v1/auth/otp/send', { channel: 'direct', ...named });
    const { body } = await this.code.backend.post('/v1/auth/otp/authenticate', {
      ...named,
      passcode: sent.body.code,
    });
    return { name, userId, me: api(this.app, body.access_token), refreshToken: body.refresh_token };
  }

  async ticket(path: string, body: object, by: Api): Promise<string> {
    const made = await by.post(cross(path), body);
    expect([made.status, made.body]).toEqual([
      200,
      { cross_device_ticket_id: expect.stringMatching(/^[\w-]{43}$/) },
    ]);
    return made.body.cross_device_ticket_id;
  }
  forSignIn = (more: object = {}): Promise<string> =>
    this.ticket('authenticate/init', { client_id: this.code.scene.clientId, ...more }, this.open);

  with = (path: string, cross_device_ticket_id: string, by = this.open) =>
    by.post(cross(path), { cross_device_ticket_id });
  async status(ticket: string) {
    const answer = await this.open.get(cross(`status?cross_device_ticket_id=${ticket}`));
    expect(answer.status).toBe(200);
    return answer.body;
  }

  /** Begun on the phone, and answered by its authenticator. */
  async created(ticket: string, phone = this.phone) {
    const { status, body } = await this.with('register/start', ticket);
    expect(status).toBe(200);
    const { webauthn_session_id, credential_creation_options: options } = body;
    return { ...(await phone.create(options)), webauthn_session_id };
  }
  async answered(ticket: string, phone = this.phone) {
    const { status, body } = await this.with('authenticate/start', ticket);
    expect(status).toBe(200);
    const { webauthn_session_id, credential_request_options: options } = body;
    return { ...(await phone.get(options)), webauthn_session_id };
  }

  register = (webauthn_encoded_result: object, by = this.code.backend) =>
    by.post(cross('register'), { webauthn_encoded_result });
  authenticate = (webauthn_encoded_result: object, by = this.code.backend, more: object = {}) =>
    by.post(at('authenticate'), { webauthn_encoded_result, ...more });
  redeem = (session_id: string, by = this.code.backend) =>
    by.post('/v1/auth/session/authenticate', { session_id });

  /** Somebody with a passkey on the phone, and nobody else's, who has signed in with it. */
  async withPasskey() {
    await this.phone.takeNewAuthenticator();
    const person = await this.person();
    const ticket = await this.ticket('register/init', { username: person.name }, person.me);
    const registered = await this.register(await this.created(ticket));
    expect([registered.status, registered.body.user_id]).toEqual([200, person.userId]);
    // Who has a passkey adds another one with it.
    const { access_token } = (await this.redeem(await this.handed())).body;
    return { ...person, me: api(this.app, access_token) };
  }

  /** Signed in on the phone. @returns the session id for the first device */
  async handed(): Promise<string> {
    const ticket = await this.forSignIn();
    expect((await this.authenticate(await this.answered(ticket))).status).toBe(200);
    return (await this.status(ticket)).session_id;
  }
}

describeWithChromium.each(policyStorages)('passkeys of a second device ($name)', ({ options }) => {
  let storage: StorageOptions;
  let chromium: Browser;
  let phone: PasskeyBrowser;
  let app: App;
  let devices: Devices;
  beforeAll(async () => {
    storage = await options();
    chromium = await launchChromium();
    phone = await PasskeyBrowser.open(chromium);
    app = await startApp(storage);
    devices = await Devices.set(app, phone);
  });
  afterAll(async () => {
    await phone?.close();
    await chromium?.close();
    await app?.discard();
    await storage?.release();
  });
  beforeEach(() => phone.takeNewAuthenticator());

  describe('registering', () => {
    it('gives the signed-in user a passkey on the phone, and tells the first device how far it is', async () => {
      const { name, userId, me } = await devices.person();
      const ticket = await devices.ticket('register/init', { username: name }, me);
      expect(await devices.status(ticket)).toEqual({ status: 'pending' });
      const attached = await devices.with('attach-device', ticket);
      expect([attached.status, attached.body]).toEqual([
        200,
        { status: 'scanned', started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) },
      ]);
      expect(await devices.status(ticket)).toEqual({ status: 'scanned' });
      const result = await devices.created(ticket);
      const answer = await devices.register(result);
      expect([answer.status, answer.body]).toEqual([
        200,
        {
          webauthn_session_id: result.webauthn_session_id,
          user_id: userId,
          webauthn_username: name,
          credential_id: result.id,
          authenticator_attachment: 'platform',
          aaguid: expect.stringMatching(/^[\da-f-]{36}$/),
        },
      ]);
      expect(await devices.status(ticket)).toEqual({ status: 'success' });
    });

    it('gives one to a user whom the application knows by its own id, and makes a new one as on one device', async () => {
      const external_user_id = `ext-${newName()}`;
      const { userId, name } = await devices.person(newName(), { external_user_id });
      const known = await devices.ticket(
        'external/register/init',
        { external_user_id, username: name },
        devices.code.backend,
      );
      expect((await devices.register(await devices.created(known))).body.user_id).toBe(userId);

      await phone.takeNewAuthenticator();
      const init = (more: object = {}) =>
        devices.code.backend.post(cross('external/register/init'), {
          external_user_id: `${external_user_id}-new`,
          username: 'new',
          ...more,
        });
      const email = newName();
      expect(brief(await init({ email }))).toEqual([403, 'public_signup_not_allowed']);
      await devices.code.allowSignUp(true);
      expect(brief(await init())).toEqual([400, 'invalid_request']);
      const ticket = (await init({ email })).body.cross_device_ticket_id;
      const made = await devices.register(await devices.created(ticket));
      expect(made.body).toMatchObject({
        external_user_id: `${external_user_id}-new`,
        is_user_created: true,
      });
      await devices.code.allowSignUp(false);
      expect((await devices.code.admin.get(`/v1/users/email/${email}`)).body.result.user_id).toBe(
        made.body.user_id,
      );
      const { access_token, id_token } = (await devices.redeem(await devices.handed())).body;
      expect(decodeJwt(id_token)).toMatchObject({ sub: made.body.user_id, amr: ['webauthn'] });
      expect(access_token).toEqual(expect.any(String));
    });

    it('gives a device that has a passkey of the user a second one, unless that is not wished', async () => {
      const { name, me } = await devices.withPasskey();
      const init = (limit_single_credential_to_device: boolean) =>
        devices.ticket('register/init', { username: name, limit_single_credential_to_device }, me);
      const only = await init(true);
      await expect(devices.created(only)).rejects.toThrow('InvalidStateError');
      expect(await devices.status(only)).toEqual({ status: 'scanned' });
      expect((await devices.register(await devices.created(await init(false)))).status).toBe(200);
    });

    it('needs a sign-in with both factors where the user has an authenticator app', async () => {
      const { name, me } = await devices.person();
      const started = await me.post('/v1/users/me/totp');
      const totp = URI.parse(started.body.uri);
      if (!('period' in totp)) throw new Error('not time based');
      const code = totp.generate({ timestamp: Date.now() });
      const confirmed = await me.post(`/v1/users/me/totp/${started.body.totp_id}/confirm`, { code });
      expect(confirmed.status).toBe(200);
      const refused = await me.post(cross('register/init'), { username: name });
      expect(brief(refused)).toEqual([403, 'mfa_required']);
    });

    it('gives a ticket’s passkey to nobody but its user, and under no other user’s name', async () => {
      const [ada, bob] = [await devices.person(), await devices.person()];
      const stolenName = await devices.ticket('register/init', { username: bob.name }, ada.me);
      const refused = await devices.register(await devices.created(stolenName));
      expect(brief(refused)).toEqual([400, 'invalid_request']);
      expect(await devices.status(stolenName)).toEqual({ status: 'error' });
      await phone.takeNewAuthenticator();
      const ticket = await devices.ticket('register/init', { username: ada.name }, ada.me);
      const result = await devices.created(ticket);
      const elsewhere = await bob.me.post(at('register'), { webauthn_encoded_result: result });
      expect(brief(elsewhere)).toEqual([400, 'invalid_request']);
      const own = await ada.me.post(at('register'), { webauthn_encoded_result: result });
      expect(brief(own)).toEqual([400, 'invalid_request']);
      expect((await devices.register(result)).body.user_id).toBe(ada.userId);
    });
  });

  describe('signing in', () => {
    it('signs the first device in by a session id that is good once, with the approved data', async () => {
      const { name, userId } = await devices.withPasskey();
      const approval_data = { order: '7' };
      const ticket = await devices.forSignIn({ username: name, approval_data });
      const attached = await devices.with('attach-device', ticket);
      expect(attached.body).toMatchObject({ status: 'scanned', approval_data });
      const onPhone = await devices.authenticate(await devices.answered(ticket));
      expect(onPhone.status).toBe(200);
      expect(decodeJwt(onPhone.body.id_token)).toMatchObject({ sub: userId, approval_data });

      const { status, session_id } = await devices.status(ticket);
      expect([status, session_id]).toEqual(['success', expect.stringMatching(/^[\w-]{43}$/)]);
      const first = await devices.redeem(session_id);
      expect(first.status).toBe(200);
      expect(decodeJwt(first.body.id_token)).toMatchObject({ sub: userId, amr: ['webauthn'], approval_data });
      expect([session_id, onPhone.body.session_id]).not.toContain(first.body.session_id);
      expect(brief(await devices.redeem(session_id))).toEqual([400, 'invalid_request']);
      expect(await devices.status(ticket)).toEqual({ status: 'success' });
      expect((await devices.redeem(first.body.session_id)).status).toBe(200);
    });

    it('redeems one session id for one of two calls at the same time', async () => {
      await devices.withPasskey();
      const id = await devices.handed();
      const both = await Promise.all([devices.redeem(id), devices.redeem(id)]);
      expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
    });

    it('hands the session to no other client and no other application, nor lets them spend it', async () => {
      await devices.withPasskey();
      const id = await devices.handed();
      const another = await devices.code.anotherClient();
      const other = await CodeScene.set(app);
      for (const by of [another.backend, other.backend])
        expect(brief(await devices.redeem(id, by))).toEqual([400, 'invalid_request']);
      expect((await devices.redeem(id)).status).toBe(200);
    });

    it('refuses the passkey of another user than the one of the ticket', async () => {
      const ada = await devices.person();
      await devices.withPasskey();
      const ticket = await devices.forSignIn({ username: ada.name });
      expect(brief(await devices.authenticate(await devices.answered(ticket)))).toEqual([
        400,
        'invalid_request',
      ]);
      expect(await devices.status(ticket)).toEqual({ status: 'error' });
    });

    it('lets nobody in who was disabled or taken out of the application meanwhile', async () => {
      const disable = ({ userId }: { userId: string }) =>
        devices.code.admin.put(`/v1/users/${userId}`, { status: 'Disabled' });
      const before = await devices.withPasskey();
      const ticket = await devices.forSignIn();
      const result = await devices.answered(ticket);
      await disable(before);
      expect(brief(await devices.authenticate(result))).toEqual([403, 'user_not_active']);
      expect(await devices.status(ticket)).toEqual({ status: 'error' });

      const after = await devices.withPasskey();
      const ofDisabled = await devices.handed();
      await disable(after);
      expect((await devices.redeem(ofDisabled)).status).toBe(400);

      const left = await devices.withPasskey();
      const ofLeft = await devices.handed();
      expect((await devices.code.backend.delete(`/v1/users/${left.userId}/apps`)).status).toBeLessThan(300);
      expect((await devices.redeem(ofLeft)).status).toBe(400);

      const registering = await devices.person();
      const own = await devices.ticket('register/init', { username: registering.name }, registering.me);
      await phone.takeNewAuthenticator();
      const passkey = await devices.created(own);
      await disable(registering);
      expect((await devices.register(passkey)).status).toBeGreaterThanOrEqual(403);
    });
  });

  describe('a ticket', () => {
    it('is known by nobody who guesses, and names its client', async () => {
      for (const path of ['attach-device', 'authenticate/start', 'register/start'])
        expect(brief(await devices.with(path, 'made-up'))).toEqual(NO_TICKET);
      expect(brief(await devices.with('abort', 'made-up', devices.code.backend))).toEqual(NO_TICKET);
      expect(brief(await devices.open.get(cross('status?cross_device_ticket_id=made-up')))).toEqual(
        NO_TICKET,
      );
      expect(brief(await devices.open.get(cross('status')))).toEqual([400, 'invalid_request']);
      const init = await devices.open.post(cross('authenticate/init'), { client_id: 'nobody' });
      expect(brief(init)).toEqual([404, 'client_not_found']);
      const approval_data = { order: 'x'.repeat(1025) };
      const tooLong = { client_id: devices.code.scene.clientId, approval_data };
      expect(brief(await devices.open.post(cross('authenticate/init'), tooLong))).toEqual([
        400,
        'invalid_request',
      ]);
    });

    it('is said to be the same for every username (enumeration)', async () => {
      const { name } = await devices.withPasskey();
      const shapes = [name, (await devices.person()).name, newName()].map(async (username) => {
        const { body } = await devices.with('authenticate/start', await devices.forSignIn({ username }));
        return { ...body.credential_request_options, challenge: '' };
      });
      const [known, without, nobody] = await Promise.all(shapes);
      expect(without).toEqual(known);
      expect(nobody).toEqual(known);
    });

    it('is for one purpose', async () => {
      const { name, me } = await devices.withPasskey();
      const toRegister = await devices.ticket('register/init', { username: name }, me);
      const toSignIn = await devices.forSignIn();
      expect(brief(await devices.with('authenticate/start', toRegister))).toEqual(NO_TICKET);
      expect(brief(await devices.with('register/start', toSignIn))).toEqual(NO_TICKET);

      const { webauthn_session_id } = (await devices.with('register/start', toRegister)).body;
      const answer = { ...(await devices.answered(toSignIn)), webauthn_session_id };
      expect(brief(await devices.authenticate(answer))).toEqual([400, 'invalid_request']);
      expect(await devices.status(toRegister)).toEqual({ status: 'scanned' });
    });

    it('finishes no ceremony but its own: none without a ticket, and its own nowhere else', async () => {
      const { name, userId } = await devices.person();
      const started = await devices.open.post(at('register/start'), {
        client_id: devices.code.scene.clientId,
        username: name,
      });
      const { webauthn_session_id, credential_creation_options: creation } = started.body;
      const plain = { ...(await phone.create(creation)), webauthn_session_id };
      expect(brief(await devices.register(plain))).toEqual(NO_TICKET);

      const external_user_id = `ext-${newName()}`;
      await devices.code.backend.put(`/v1/users/${userId}`, { external_user_id });
      const body = { external_user_id, username: name };
      const ticket = await devices.ticket('external/register/init', body, devices.code.backend);
      await phone.takeNewAuthenticator();
      const bound = await devices.created(ticket);
      await devices.with('abort', ticket, devices.code.backend);
      const elsewhere = await devices.code.backend.post(at('external/register'), {
        webauthn_encoded_result: bound,
        external_user_id,
      });
      expect(brief(elsewhere)).toEqual([400, 'invalid_request']);
    });

    it('is of use to its client alone', async () => {
      const { name, me } = await devices.withPasskey();
      const another = (await devices.code.anotherClient()).backend;
      const other = (await CodeScene.set(app)).backend;
      const toSignIn = await devices.forSignIn();
      const answer = await devices.answered(toSignIn);
      await phone.takeNewAuthenticator();
      const toRegister = await devices.ticket('register/init', { username: name }, me);
      const passkey = await devices.created(toRegister);
      for (const by of [another, other]) {
        expect(brief(await devices.register(passkey, by))).toEqual(NO_TICKET);
        expect((await devices.authenticate(answer, by)).status).toBeGreaterThanOrEqual(400);
        for (const ticket of [toSignIn, toRegister]) {
          expect(brief(await devices.with('abort', ticket, by))).toEqual(NO_TICKET);
          expect(await devices.status(ticket)).toEqual({ status: 'scanned' });
        }
      }
      expect((await devices.register(passkey)).status).toBe(200);
      expect((await devices.authenticate(answer)).status).toBe(200);
    });

    it('belongs to the first device that comes, by attaching or by starting', async () => {
      const ticket = await devices.forSignIn();
      const both = await Promise.all([1, 2].map(() => devices.with('attach-device', ticket)));
      expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
      expect(brief(await devices.with('attach-device', ticket))).toEqual([400, 'invalid_request']);
      const started = await devices.forSignIn();
      await devices.with('authenticate/start', started);
      expect(await devices.status(started)).toEqual({ status: 'scanned' });
      expect(brief(await devices.with('attach-device', started))).toEqual([400, 'invalid_request']);
    });

    it('is finished once, even by two answers at the same time', async () => {
      const { name, me } = await devices.withPasskey();
      const toSignIn = await devices.forSignIn();
      const answers = [await devices.answered(toSignIn), await devices.answered(toSignIn)];
      const both = await Promise.all(answers.map((answer) => devices.authenticate(answer)));
      expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);

      const toRegister = await devices.ticket('register/init', { username: name }, me);
      const passkeys: object[] = [];
      for (const _ of [1, 2]) {
        await phone.takeNewAuthenticator();
        passkeys.push(await devices.created(toRegister));
      }
      const made = await Promise.all(passkeys.map((passkey) => devices.register(passkey)));
      expect(made.map(({ status }) => status).sort()).toEqual([200, 404]);
    });

    it('is over when it is finished or aborted, and says which', async () => {
      await devices.withPasskey();
      const finished = await devices.forSignIn();
      const answer = await devices.answered(finished);
      await devices.authenticate(answer);
      const aborted = await devices.forSignIn();
      const late = await devices.answered(aborted);
      expect((await devices.with('abort', aborted, devices.code.backend)).status).toBe(204);
      expect(await devices.status(aborted)).toEqual({ status: 'aborted' });
      for (const result of [answer, late])
        expect(brief(await devices.authenticate(result))).toEqual(NO_TICKET);
      for (const ticket of [finished, aborted]) {
        for (const path of ['attach-device', 'authenticate/start'])
          expect(brief(await devices.with(path, ticket))).toEqual(NO_TICKET);
        expect(brief(await devices.with('abort', ticket, devices.code.backend))).toEqual(NO_TICKET);
      }
      expect((await devices.status(finished)).status).toBe('success');
      expect(await devices.status(aborted)).toEqual({ status: 'aborted' });
    });

    it('ends with an error after an answer from another origin, or to another challenge', async () => {
      const { name } = await devices.withPasskey();
      const ticket = await devices.forSignIn({ username: name });
      const ofAnother = await devices.answered(await devices.forSignIn());
      const { webauthn_session_id } = (await devices.with('authenticate/start', ticket)).body;
      const wrongChallenge = await devices.authenticate({ ...ofAnother, webauthn_session_id });
      expect([wrongChallenge.status, wrongChallenge.body.message]).toEqual([
        400,
        expect.stringContaining('challenge'),
      ]);
      expect(await devices.status(ticket)).toEqual({ status: 'error' });
      expect(brief(await devices.with('authenticate/start', ticket))).toEqual(NO_TICKET);

      const evil = await PasskeyBrowser.open(chromium);
      try {
        const { me, name: username } = await devices.person();
        const own = await devices.ticket('register/init', { username }, me);
        const phished = await devices.register(await devices.created(own, evil));
        expect([phished.status, phished.body.message]).toEqual([400, expect.stringContaining('origin')]);
        expect(await devices.status(own)).toEqual({ status: 'error' });
      } finally {
        await evil.close();
      }
    });
  });
});

describeWithChromium('a cross-device ticket after its time', () => {
  it('times out, and so does what it led to', async () => {
    const clock = new Clock();
    const chromium = await launchChromium();
    const phone = await PasskeyBrowser.open(chromium);
    const app = await startApp({ clock });
    try {
      const devices = await Devices.set(app, phone);
      const { me, name, refreshToken: refresh_token } = await devices.withPasskey();
      const [ticket, unused] = [await devices.forSignIn(), await devices.forSignIn()];
      const answer = await devices.answered(ticket);
      const id = await devices.handed();
      clock.advance(5 * MINUTE + 1);
      for (const late of [ticket, unused]) expect(await devices.status(late)).toEqual({ status: 'timeout' });
      expect(brief(await devices.authenticate(answer))).toEqual(NO_TICKET);
      for (const path of ['attach-device', 'authenticate/start'])
        expect(brief(await devices.with(path, unused))).toEqual(NO_TICKET);
      expect(brief(await devices.redeem(id))).toEqual([400, 'invalid_request']);
      expect((await me.post(cross('register/init'), { username: name })).status).toBe(200);
      clock.advance(5 * MINUTE + 1);
      const { body } = await devices.code.backend.post('/v1/auth/token/refresh', { refresh_token });
      const tooOld = await api(app, body.access_token).post(cross('register/init'), { username: name });
      expect(brief(tooOld)).toEqual([403, 'reauthentication_required']);
      clock.advance(10 * MINUTE);
      expect(brief(await devices.open.get(cross(`status?cross_device_ticket_id=${ticket}`)))).toEqual(
        NO_TICKET,
      );
    } finally {
      await phone.close();
      await chromium.close();
      await app.discard();
      clock.remove();
    }
  });
});
