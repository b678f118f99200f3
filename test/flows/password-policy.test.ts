/** What an application asks of passwords, at the operations that set them (authentication.md 5, management-api.md 12). */
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { attempts, openDoor, setPasswordMethod } from '../support/password-method.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const LEAKED = 'Leaked-Horse-7-Battery';
const choice = (n: number): string => `Another-Zebra-${n}-Walks`;

const refused = (code: string, sentence: RegExp) => ({
  status: 400,
  body: { error_code: code, message: expect.stringMatching(sentence) },
});

describe.each(policyStorages)('password policy of an application ($name)', ({ options }) => {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-breached-'));
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  beforeAll(async () => {
    const digest = hash('sha1', LEAKED).toUpperCase();
    writeFileSync(join(folder, `${digest.slice(0, 5)}.txt`), `${digest.slice(5)}:12\r\n`);
    storage = await options();
    app = await startApp({ ...storage, env: { BREACHED_PASSWORDS_DIR: folder } });
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
    rmSync(folder, { recursive: true });
  });

  /** A scene with these settings, and PUT of its person's password by the application's own client. */
  async function open(settings: Record<string, unknown>) {
    const scene = await setScene(app);
    await setPasswordMethod(app, scene, settings);
    const own = api(app, await clientToken(app, scene));
    // A member of the application from here on.
    await scene.rp.signIn(app, scene.person);
    const put = (password: string) =>
      own.put(`/v1/users/${scene.person.userId}/password`, { password, force_replace: false });
    return { scene, own, put };
  }
  const canSignIn = async (scene: Scene, password: string): Promise<boolean> =>
    (await attempts(await openDoor(app, scene), scene.person.identifier, [password]))[0] === 0;

  it('sets no password for an application that neither offers passwords nor has settings for them (management-api.md 12)', async () => {
    const scene = await setScene(app);
    const own = api(app, await clientToken(app, scene));
    const other = await own.post('/v1/users', { email: 'no-password-yet@example.com' });
    const before = `/v1/users/${other.body.result.user_id}/password`;
    const present = `/v1/users/${scene.person.userId}/password`;
    await scene.rp.signIn(app, scene.person);
    const hosted_login = { primary_method: 'passkey', secondary_methods: ['email_otp'] };
    expect((await admin.put(`/v1/applications/${scene.appId}`, { hosted_login })).status).toBe(200);
    const disabled = refused('auth_password_policy_disabled', /auth_methods\.password/);
    const password = choice(1);
    expect(await own.post(before, { password })).toMatchObject(disabled);
    expect(await own.post(before, { password, enforce_complexity: false })).toMatchObject(disabled);
    expect(await own.put(present, { password })).toMatchObject(disabled);
    await setPasswordMethod(app, scene, {});
    expect((await own.post(before, { password })).status).toBe(201);
    expect((await own.put(present, { password })).status).toBe(200);
    const offering = await setScene(app);
    const theirs = api(app, await clientToken(app, offering));
    await offering.rp.signIn(app, offering.person);
    await admin.put(`/v1/applications/${offering.appId}`, {
      hosted_login: { ...hosted_login, secondary_methods: ['password'] },
    });
    const at = `/v1/users/${offering.person.userId}/password`;
    expect((await theirs.put(at, { password })).status).toBe(200);
  });

  it('asks for the length and the complexity that the application has set', async () => {
    const { put, scene } = await open({ passwordMinLength: 8, passwordComplexity: 2 });
    expect(await put('abc1')).toMatchObject(refused('auth_password_weak', /at least 8/));
    expect(await put('abcdefgh')).toMatchObject(refused('auth_password_weak', /2 of/));
    expect((await put('abcdefg1')).status).toBe(200);
    expect(await canSignIn(scene, 'abcdefg1')).toBe(true);
  });

  it('holds for a management token, too: the policy is the one of the user’s application', async () => {
    const { own, scene } = await open({ passwordMinLength: 8, passwordComplexity: 2 });
    const credentials = { password: choice(1) };
    const user = await own.post('/v1/users', { email: `theirs-${scene.appId}@example.com`, credentials });
    const at = `/v1/users/${user.body.result.user_id}/password`;
    expect(await admin.put(at, { password: 'abc1' })).toMatchObject(refused('auth_password_weak', /least 8/));
    expect((await admin.put(at, { password: 'abcdefg1' })).status).toBe(200);
  });

  it('refuses words of the dictionary (checkDictionary) and the user’s own identifiers', async () => {
    const { put, scene } = await open({ passwordMinLength: 8, checkDictionary: true });
    expect(await put('P@ssw0rd2024')).toMatchObject(refused('auth_password_weak', /too easy to guess/));
    expect(await put(`X7!-${scene.person.identifier}`)).toMatchObject(
      refused('auth_password_weak', /not contain/),
    );
    expect((await put('vT9#kQz2mLx8')).status).toBe(200);
  });

  it('refuses a breached password (checkHibp), and says in the log when the list cannot be asked', async () => {
    const [strict, lenient] = [await open({ checkHibp: true }), await open({})];
    expect(await strict.put(LEAKED)).toMatchObject(refused('auth_password_breached', /breach/));
    expect((await lenient.put(LEAKED)).status).toBe(200);
    expect(app.output()).not.toContain('list of breached passwords');
    expect((await strict.put(choice(1))).status).toBe(200);
    expect(app.output()).toContain('list of breached passwords has a file missing');
    expect(app.output()).not.toContain(choice(1));
  });

  it('refuses the last passwords again (blockPreviousPasswords), the present one included', async () => {
    const { put, scene } = await open({ blockPreviousPasswords: 2 });
    const used = refused('auth_password_recently_used', /used before/);
    expect(await put(scene.person.password)).toMatchObject(used);
    expect((await put(choice(1))).status).toBe(200);
    expect(await put(scene.person.password)).toMatchObject(used);
    expect((await put(choice(2))).status).toBe(200);
    expect((await put(scene.person.password)).status).toBe(200);
    expect(await canSignIn(scene, scene.person.password)).toBe(true);
  });

  it('holds for the first password that an application or the user sets', async () => {
    const { own, scene } = await open({ passwordMinLength: 8, passwordComplexity: 2, checkHibp: true });
    const user = await own.post('/v1/users', { email: `first-${scene.appId}@example.com` });
    const at = `/v1/users/${user.body.result.user_id}/password`;
    expect(await own.post(at, { password: 'abc1' })).toMatchObject(refused('auth_password_weak', /least 8/));
    expect(await own.post(at, { password: LEAKED })).toMatchObject(
      refused('auth_password_breached', /breach/),
    );
    expect((await own.post(at, { password: LEAKED, enforce_complexity: false })).status).toBe(201);
    const me = api(app, (await scene.rp.signIn(app, scene.person)).access_token);
    expect(await me.post('/v1/users/me/password-credentials', { password: LEAKED })).toMatchObject(
      refused('auth_password_breached', /breach/),
    );
  });

  it('shows a temporary password no way in, and names it to nobody who does not know it (force_replace)', async () => {
    const { scene, own } = await open({});
    await own.put(`/v1/users/${scene.person.userId}/password`, { password: choice(5) });
    const door = await openDoor(app, scene);
    const page = await door.attempt(scene.person.identifier, choice(5));
    expect([page.status, page.url.pathname.split('/').at(-1)]).toEqual([200, 'change-password']);
    const stranger = await (await openDoor(app, scene)).attempt(scene.person.identifier, choice(6));
    expect([stranger.status, stranger.html.includes('Change your password')]).toEqual([401, false]);
    const silent = await door.browser.open((await scene.rp.authorize({ prompt: 'none' })).url);
    expect(silent.url.searchParams.get('error')).toBe('login_required');
  });
});
