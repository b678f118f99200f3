/** Backend sessions at the authentication API (contract/tokens-and-sessions.md 5, 7; oidc.md 11; authentication.md 9). */
import { decodeJwt } from 'jose';
import { URI } from 'otpauth';
import { CodeScene, METHODS, otherThan } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, api, clientToken, postForm } from '../support/management.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty } from '../support/third-party.ts';

let count = 0;
const newEmail = (): string => `session-${++count}@example.com`;
const NOT_FOUND = { message: 'Session not found', error_code: 'invalid_request' };

describe.each(policyStorages)('backend sessions ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let code: CodeScene;
  let backend: Api;
  let other: CodeScene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    code = await CodeScene.set(app, { ...METHODS, totp: {} });
    backend = code.backend;
    other = await CodeScene.set(app);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  /** Signed in by a code that the backend delivered. */
  async function signIn(more: Record<string, unknown> = {}, at = code, email = newEmail()) {
    const known = await at.admin.get(`/v1/users/email/${email}`);
    const userId = known.status === 200 ? known.body.result.user_id : await at.newMember({ email });
    const named = { identifier_type: 'email', identifier: email };
    const sent = await at.backend.post('/v1/auth/otp/send', { channel: 'direct', ...named });
    const answer = await at.backend.post('/v1/auth/otp/authenticate', {
      ...named,
      passcode: sent.body.code,
      ...more,
    });
    expect(answer.status).toBe(200);
    return { email, userId, ...answer.body };
  }
  const authenticate = (session_id: string, more: Record<string, unknown> = {}, by = backend) =>
    by.post('/v1/auth/session/authenticate', { session_id, ...more });
  const refresh = (refresh_token: string, by = backend) =>
    by.post('/v1/auth/token/refresh', { refresh_token });
  const listOf = (userId: string, by = backend) => by.get(`/v1/auth/users/${userId}/sessions`);

  it('gives tokens for a session, always with an ID token and a refresh token', async () => {
    const { session_id, userId } = await signIn();
    const { status, body } = await authenticate(session_id, { resource: code.scene.resource.uri });
    expect([status, body]).toMatchObject([200, { session_id, token_type: 'Bearer', expires_in: 600 }]);
    expect(decodeJwt(body.id_token)).toMatchObject({ sub: userId, amr: ['eotp'] });
    expect(decodeJwt(body.access_token).aud).toEqual(expect.stringContaining(code.scene.resource.uri));
    expect(body.refresh_token).toEqual(expect.any(String));
  });

  it('answers `Session not found` for one that is over, of another application, or made up', async () => {
    const { session_id } = await signIn();
    for (const [id, by] of [
      [session_id, other.backend],
      ['made-up', backend],
    ] as const) {
      const refused = await authenticate(id, {}, by);
      expect([refused.status, refused.body]).toEqual([400, NOT_FOUND]);
    }
    await other.backend.post('/v1/auth/session/logout', { session_id });
    expect((await authenticate(session_id)).status).toBe(200);
    expect((await backend.post('/v1/auth/session/logout', { session_id })).status).toBe(204);
    expect((await authenticate(session_id)).body).toEqual(NOT_FOUND);
    expect((await backend.post('/v1/auth/session/logout', { session_id })).status).toBe(204);
  });

  it('is gone for a user who was taken out of the application, or disabled', async () => {
    const [left, disabled] = [await signIn(), await signIn()];
    expect((await backend.delete(`/v1/users/${left.userId}/apps`)).status).toBeLessThan(300);
    expect((await authenticate(left.session_id)).status).toBe(400);
    await code.admin.put(`/v1/users/${disabled.userId}`, { status: 'Disabled' });
    expect((await authenticate(disabled.session_id)).status).toBe(400);
    expect((await refresh(disabled.refresh_token)).status).toBe(400);
  });

  it('refreshes without a session id, and always gives a new refresh token', async () => {
    const { refresh_token, userId } = await signIn();
    const { status, body } = await refresh(refresh_token);
    expect([status, Object.keys(body).sort()]).toEqual([
      200,
      ['access_token', 'expires_in', 'id_token', 'refresh_token', 'scope', 'token_type'],
    ]);
    expect(body.refresh_token).not.toBe(refresh_token);
    expect(decodeJwt(body.id_token).sub).toBe(userId);
  });

  it('refuses the refresh token of another client and application, and what is none', async () => {
    const { refresh_token } = await signIn();
    const another = await code.anotherClient();
    for (const by of [another.backend, other.backend]) {
      const refused = await refresh(refresh_token, by);
      expect([refused.status, refused.body.error_code]).toEqual([400, 'invalid_request']);
    }
    expect((await refresh('made-up')).status).toBe(400);
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  it('ends with its refresh tokens (section 5)', async () => {
    const { session_id, refresh_token } = await signIn();
    const later = (await authenticate(session_id)).body.refresh_token;
    await backend.post('/v1/auth/session/logout', { session_id });
    for (const token of [refresh_token, later]) expect((await refresh(token)).status).toBe(400);
    const form = { grant_type: 'refresh_token', refresh_token: later };
    expect((await postForm(`${app.url}/oidc/token`, form, code.scene)).status).toBe(400);
  });

  it('is listed and ended by user, within the application', async () => {
    const first = await signIn();
    const second = await signIn({}, code, first.email);
    const { status, body } = await listOf(first.userId);
    expect(status).toBe(200);
    expect(body.map((one: { session_id: string }) => one.session_id)).toEqual([
      first.session_id,
      second.session_id,
    ]);
    for (const { start_time, expiration_time } of body) {
      expect(Math.abs(start_time - Date.now())).toBeLessThan(60_000);
      expect(Math.round((expiration_time - start_time) / 86_400_000)).toBe(14);
    }
    for (const path of [`/v1/auth/users/${first.userId}/sessions`, '/v1/auth/users/nobody/sessions'])
      for (const answer of [await other.backend.get(path), await other.backend.delete(path)])
        expect([answer.status, answer.body]).toEqual([
          404,
          { message: 'User not found', error_code: 'not_found' },
        ]);
    expect((await backend.delete(`/v1/auth/users/${first.userId}/sessions`)).status).toBe(204);
    expect((await listOf(first.userId)).body).toEqual([]);
    expect((await authenticate(first.session_id)).body).toEqual(NOT_FOUND);
    expect((await refresh(second.refresh_token)).status).toBe(400);
  });

  it('ends by the access token of its user, too (oidc.md 11), and of nobody else', async () => {
    const [mine, hers] = [await signIn(), await signIn()];
    const answer = await api(app, mine.access_token).post('/v1/auth/logout');
    expect([answer.status, answer.body]).toEqual([200, { sessions_count: 1, result: { sessions_count: 1 } }]);
    expect((await authenticate(mine.session_id)).body).toEqual(NOT_FOUND);
    expect((await refresh(mine.refresh_token)).status).toBe(400);
    expect((await authenticate(hers.session_id)).status).toBe(200);
    expect((await api(app, mine.access_token).post('/v1/auth/logout')).status).toBe(401);
  });

  it('refuses an organization that the user is not in, whatever the session is good for', async () => {
    const { session_id } = await signIn();
    const refused = await authenticate(session_id, { org_id: 'nobody' });
    expect([refused.status, refused.body.error_code]).toEqual([400, 'invalid_request']);
    expect((await authenticate(session_id)).status).toBe(200);
  });

  it('is closed to tokens of third parties, of users and of administrators', async () => {
    const party = await addThirdParty(app, code.scene);
    const { session_id, access_token } = await signIn();
    const outside = api(app, await clientToken(app, party));
    for (const by of [outside, code.admin, api(app, access_token)])
      for (const [path, body] of [
        ['/v1/auth/session/authenticate', { session_id }],
        ['/v1/auth/session/logout', { session_id }],
        ['/v1/auth/otp/send', { channel: 'direct', identifier_type: 'email', identifier: 'a@example.com' }],
        ['/v1/auth/links/email', { email: 'a@example.com', redirect_uri: 'https://rp.example.com/callback' }],
      ] as const)
        expect([path, (await by.post(path, body)).status]).toEqual([path, 403]);
    expect((await authenticate(session_id)).status).toBe(200);
  });

  describe('an authenticator app (authentication.md 9)', () => {
    async function enrolled() {
      const user = await signIn();
      const me = api(app, user.access_token);
      const started = await me.post('/v1/users/me/totp');
      const totp = URI.parse(started.body.uri) as { generate(at: { timestamp: number }): string };
      const at = (offset: number) => totp.generate({ timestamp: Date.now() + offset * 30_000 });
      const confirmed = await me.post(`/v1/users/me/totp/${started.body.totp_id}/confirm`, { code: at(-1) });
      return { ...user, at, recoveryCodes: confirmed.body.recovery_codes as string[] };
    }
    const byTotp = (email: string, more: Record<string, unknown>) =>
      backend.post('/v1/auth/totp/authenticate', { identifier_type: 'email', identifier: email, ...more });

    it('is a second factor for a session, each code once', async () => {
      const user = await enrolled();
      const passcode = user.at(0);
      const wrong = await byTotp(user.email, { passcode: otherThan(passcode) });
      expect([wrong.status, wrong.body.error_code]).toEqual([400, 'auth_invalid_credentials']);
      // The published name of the code, and the published default of the type.
      const published = { identifier: user.email, token: passcode, session_id: user.session_id };
      const { status, body } = await backend.post('/v1/auth/totp/authenticate', published);
      expect([status, body.session_id]).toEqual([200, user.session_id]);
      expect(decodeJwt(body.id_token)).toMatchObject({ amr: ['eotp', 'otp', 'mfa'], acr: 'mfa' });
      expect((await byTotp(user.email, { passcode })).body.error_code).toBe('auth_invalid_credentials');
    });

    it('may be replaced by a recovery code, once; a stranger gets the same words as a wrong code', async () => {
      const user = await enrolled();
      const [recovery_code] = user.recoveryCodes;
      expect((await byTotp(user.email, { recovery_code })).status).toBe(200);
      const used = await byTotp(user.email, { recovery_code });
      const stranger = await byTotp('nobody@example.com', { passcode: '123456' });
      expect([used.status, used.body]).toEqual([stranger.status, stranger.body]);
      expect((await byTotp(user.email, { passcode: '123456', recovery_code })).status).toBe(400);
      expect((await byTotp(user.email, {})).status).toBe(400);
    });
  });

  it('refuses a made-up answer of a passkey, and names missing settings (authentication.md 6, 8)', async () => {
    const credential = {
      id: 'AAAA',
      type: 'public-key',
      response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' },
    };
    const body = { webauthn_encoded_result: { webauthn_session_id: 'made-up', ...credential } };
    const missing = await backend.post('/v1/auth/webauthn/authenticate', body);
    expect([missing.status, missing.body.error_code]).toEqual([403, 'auth_login_preferences_missing']);
    const keys = await CodeScene.set(app, { webauthn_api: { rpId: 'localhost', rpWebOrigins: [app.url] } });
    const refused = await keys.backend.post('/v1/auth/webauthn/authenticate', body);
    expect([refused.status, refused.body]).toEqual([
      400,
      { error_code: 'invalid_request', message: expect.stringContaining('webauthn_session_id') },
    ]);
  });
});
