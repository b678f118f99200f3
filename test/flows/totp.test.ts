/** Authenticator apps over the API: enrolment by the signed-in user, its limits, and what a stolen token cannot do. */
import { URI } from 'otpauth';
import { Clock, MINUTE } from '../support/clock.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

const PATH = '/v1/users/me/totp';
const codeOf = (uri: string, now = Date.now()): string => {
  const totp = URI.parse(uri);
  if (!('period' in totp)) throw new Error('not time based');
  return totp.generate({ timestamp: now });
};
const allow = async (app: App, scene: Scene, totp: object = {}): Promise<void> => {
  const admin = api(app, await adminToken(app));
  expect((await admin.put(`/loginPreferences/${scene.appId}/authMethods`, { totp })).status).toBe(200);
};
/** Signed in with the password and a second factor. */
async function signedInByBoth(app: App, scene: Scene, recovery_code: string): Promise<Api> {
  const { identifier, password } = scene.person;
  const backend = api(app, await clientToken(app, scene));
  const first = await backend.post('/v1/auth/password/authenticate', {
    username: identifier,
    username_type: 'email',
    password,
  });
  const { session_id } = first.body;
  const both = await backend.post('/v1/auth/totp/authenticate', {
    ...{ identifier_type: 'email', identifier, recovery_code, session_id },
  });
  expect(both.status).toBe(200);
  return api(app, both.body.access_token);
}

describe.each(policyStorages)('an authenticator app ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });
  const signedIn = async (person = scene.person): Promise<Api> =>
    api(app, (await scene.rp.signIn(app, person)).access_token);
  async function newPerson(tag: string): Promise<Scene['person']> {
    const person = { identifier: `${tag}@example.com`, password: scene.person.password };
    const made = await api(app, await adminToken(app)).post('/v1/users', {
      email: person.identifier,
      credentials: { password: person.password, force_replace: false },
    });
    return { ...person, userId: made.body.result.user_id };
  }

  it('needs the application to have settings for it (authentication.md 6)', async () => {
    const answer = await (await signedIn()).post(PATH);
    expect([answer.status, answer.body]).toEqual([
      403,
      { error_code: 'auth_login_preferences_missing', message: expect.any(String) },
    ]);
  });

  it('is added with its first code, which shows ten recovery codes once, listed and removed', async () => {
    await allow(app, scene, { issuer: 'Shop' });
    const me = await signedIn();
    const started = await me.post(PATH);
    expect(started.status).toBe(201);
    const { totp_id, uri, secret } = started.body;
    expect(uri).toContain(`secret=${secret}`);
    expect(await me.get(PATH)).toMatchObject({ status: 200, body: { result: [], recovery_codes_left: 0 } });
    const wrong = await me.post(`${PATH}/${totp_id}/confirm`, { code: '00000000' });
    expect([wrong.status, wrong.body.error_code]).toEqual([400, 'auth_invalid_credentials']);
    const confirmed = await me.post(`${PATH}/${totp_id}/confirm`, { code: codeOf(uri) });
    expect([confirmed.status, confirmed.body.recovery_codes]).toEqual([200, expect.any(Array)]);
    expect(new Set(confirmed.body.recovery_codes).size).toBe(10);
    const listed = await me.get(PATH);
    expect(listed.body).toEqual({
      result: [{ totp_id, created_at: expect.any(String) }],
      recovery_codes_left: 10,
    });
    const strong = await signedInByBoth(app, scene, confirmed.body.recovery_codes[0]);
    const renewed = await strong.post(`${PATH}/recovery-codes`);
    expect(renewed.status).toBe(201);
    expect(renewed.body.recovery_codes).not.toEqual(
      expect.arrayContaining([confirmed.body.recovery_codes[0]]),
    );
    expect((await strong.post(PATH)).body.error_code).toBe('totp_limit_reached');
    expect((await me.post(`${PATH}/revoke`)).body.error_code).toBe('mfa_required');
    expect((await strong.delete(`${PATH}/${totp_id}`)).status).toBe(204);
    expect((await strong.delete(`${PATH}/${totp_id}`)).body.error_code).toBe('not_found');
    expect((await me.get(PATH)).body).toEqual({ result: [], recovery_codes_left: 0 });
  });

  it('can be neither removed, replaced nor joined by another way in with the password alone (issue 5)', async () => {
    const person = await newPerson('careful');
    const me = await signedIn(person);
    const { totp_id, uri } = (await me.post(PATH)).body;
    const confirmed = await me.post(`${PATH}/${totp_id}/confirm`, { code: codeOf(uri) });
    const weak = await signedIn(person);
    const answers = [
      await weak.post(PATH),
      await weak.post(`${PATH}/recovery-codes`),
      await weak.delete(`${PATH}/${totp_id}`),
      await weak.post('/v1/auth/webauthn/register', { webauthn_encoded_result: 'e30' }),
      await weak.post('/v1/users/me/password-credentials', { password: 'another-Secret-9x' }),
    ];
    for (const { status, body } of answers) expect([status, body.error_code]).toEqual([403, 'mfa_required']);
    expect((await weak.get(PATH)).body.result).toHaveLength(1);
    const strong = await signedInByBoth(app, { ...scene, person }, confirmed.body.recovery_codes[0]);
    expect((await strong.delete(`${PATH}/${totp_id}`)).status).toBe(204);
  });

  it('is removed by the published name as well (revoke), of the caller alone', async () => {
    const [me, other] = [await signedIn(), await signedIn()];
    const { totp_id, uri } = (await me.post(PATH)).body;
    const { recovery_codes } = (await me.post(`${PATH}/${totp_id}/confirm`, { code: codeOf(uri) })).body;
    const strong = await signedInByBoth(app, scene, recovery_codes[0]);
    expect((await other.post(`${PATH}/revoke`)).body.error_code).toBe('mfa_required');
    expect((await strong.post(`${PATH}/revoke`)).status).toBe(204);
    expect((await strong.get(PATH)).body).toEqual({ result: [], recovery_codes_left: 0 });
    expect((await strong.post(`${PATH}/revoke`)).status).toBe(204);
  });

  it('has the name that the caller gives it, and overrides no other one', async () => {
    const me = await signedIn();
    const { uri } = (await me.post(PATH, { label: 'Ada & co?secret=x' })).body;
    const { label, secret } = URI.parse(uri);
    expect([label, secret.base32]).toEqual(['Ada & co?secret=x', new URL(uri).searchParams.get('secret')]);
    const refused = await me.post(PATH, { allow_override: true });
    expect([refused.status, refused.body]).toEqual([
      400,
      { error_code: 'invalid_request', message: expect.stringContaining('allow_override') },
    ]);
  });

  it('of another user can be neither confirmed nor removed', async () => {
    const [me, other] = [await signedIn(await newPerson('one')), await signedIn(await newPerson('two'))];
    const { totp_id, uri } = (await me.post(PATH)).body;
    expect((await other.post(`${PATH}/${totp_id}/confirm`, { code: codeOf(uri) })).status).toBe(404);
    expect((await me.post(`${PATH}/${totp_id}/confirm`, { code: codeOf(uri) })).status).toBe(200);
    expect((await other.delete(`${PATH}/${totp_id}`)).status).toBe(404);
    expect((await me.get(PATH)).body.result).toHaveLength(1);
  });

  it('is not finished by who began it with the first factor, once the owner has a second one', async () => {
    await allow(app, scene, { issuer: 'Shop', maxTotpPerUser: 2 });
    const person = await newPerson('raced');
    const [thief, owner] = [await signedIn(person), await signedIn(person)];
    const begun = (await thief.post(PATH)).body;
    const own = (await owner.post(PATH)).body;
    expect((await owner.post(`${PATH}/${own.totp_id}/confirm`, { code: codeOf(own.uri) })).status).toBe(200);
    const late = await thief.post(`${PATH}/${begun.totp_id}/confirm`, { code: codeOf(begun.uri) });
    expect([late.status, late.body.error_code]).toEqual([403, 'mfa_required']);
    expect((await owner.get(PATH)).body.result).toHaveLength(1);
  });

  it('stays out of reach of a third-party client that the user has allowed something (C25, R97)', async () => {
    const partner = await addThirdParty(app, scene);
    const { access_token } = await tokensByConsent(app, scene, partner, { scope: 'openid' });
    for (const answer of [await api(app, access_token).get(PATH), await api(app, access_token).post(PATH)])
      expect(answer.status).toBe(403);
  });

  it('goes with its user', async () => {
    const person = await newPerson('leaver');
    const me = await signedIn(person);
    const { totp_id, uri } = (await me.post(PATH)).body;
    expect((await me.post(`${PATH}/${totp_id}/confirm`, { code: codeOf(uri) })).status).toBe(200);
    const admin = api(app, await adminToken(app));
    expect((await admin.delete(`/v1/manage/users/${person.userId}`)).status).toBeLessThan(300);
    expect((await me.get(PATH)).status).toBe(401);
  });
});

describe('adding a way to sign in with an old sign-in (issue 5: enrolment without re-authentication)', () => {
  let clock: Clock;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    clock = new Clock();
    app = await startApp({ clock });
    scene = await setScene(app);
    await allow(app, scene);
  });
  afterAll(async () => {
    await app?.discard();
    clock?.remove();
  });

  it('is refused ten minutes after it, a refreshed token included, until the user signs in again', async () => {
    const parameters = { scope: 'openid offline_access', prompt: 'consent' };
    const tokens = await scene.rp.signIn(app, scene.person, { parameters });
    const first = api(app, tokens.access_token);
    const { totp_id, uri } = (await first.post(PATH)).body;
    const code = codeOf(uri, clock.now() * 1000);
    const confirmed = await first.post(`${PATH}/${totp_id}/confirm`, { code });
    expect(confirmed.status).toBe(200);
    clock.advance(11 * MINUTE);
    const refreshed = await scene.rp.refresh(String(tokens.refresh_token));
    const old = api(app, refreshed.access_token);
    expect((await old.get(PATH)).status).toBe(200);
    const answers = [
      await old.post(PATH),
      await old.post(`${PATH}/recovery-codes`),
      await old.delete(`${PATH}/${totp_id}`),
      await old.post('/v1/auth/webauthn/register', { webauthn_encoded_result: 'e30' }),
    ];
    for (const { status, body } of answers)
      expect([status, body]).toEqual([
        403,
        { error_code: 'reauthentication_required', message: expect.any(String) },
      ]);
    const again = await signedInByBoth(app, scene, confirmed.body.recovery_codes[0]);
    expect((await again.delete(`${PATH}/${totp_id}`)).status).toBe(204);
  });
});
