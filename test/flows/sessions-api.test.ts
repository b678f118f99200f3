/** The browser sessions of a user over the API (contract/tokens-and-sessions.md 6). */
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };

describe.each(policyStorages)('sessions of a user ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });
  const own = async (scene: Scene) => api(app, await clientToken(app, scene));
  const silently = async (scene: Scene, browser: Browser): Promise<URL> =>
    (await browser.open((await scene.rp.authorize({ prompt: 'none' })).url)).url;

  it('are listed once for each client, and ended all at once with the refresh tokens', async () => {
    const scene = await setScene(app);
    const before = Date.now();
    const browsers = [new Browser(app), new Browser(app)];
    const tokens = [];
    for (const browser of browsers)
      tokens.push(await scene.rp.signIn(app, scene.person, { browser, parameters: OFFLINE }));
    const by = await own(scene);
    const path = `/v1/sessions/${scene.person.userId}`;
    const { status, body } = await by.get(path);
    expect([status, body.length]).toEqual([200, 2]);
    for (const one of body) {
      expect(one).toEqual({
        user_id: scene.person.userId,
        session_id: expect.any(String),
        client_id: scene.clientId,
        start_time: expect.any(Number),
        expiration_time: expect.any(Number),
      });
      expect(one.start_time).toBeGreaterThan(before - 2000);
      expect(Math.abs(one.expiration_time - one.start_time - 1_209_600_000)).toBeLessThan(20_000);
    }
    expect(body[0].session_id).not.toBe(body[1].session_id);
    const ended = await by.delete(path);
    expect([ended.status, ended.body]).toEqual([200, { result: { deleted_count: 2 } }]);
    expect((await by.get(path)).body).toEqual([]);
    expect((await by.delete(path)).body).toEqual({ result: { deleted_count: 0 } });
    for (const browser of browsers)
      expect((await silently(scene, browser)).searchParams.get('error')).toBe('login_required');
    for (const { refresh_token: token = '' } of tokens)
      await expect(scene.rp.refresh(token)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('an application sees its own clients of a shared session only; ending it ends it for all (R157)', async () => {
    const scene = await setScene(app);
    const other = await setScene(app);
    const browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
    const path = `/v1/sessions/${scene.person.userId}`;
    const foreign = await own(other);
    expect([(await foreign.get(path)).status, (await foreign.delete(path)).status]).toEqual([404, 404]);
    const there = await other.rp.signIn(app, scene.person, { parameters: OFFLINE });
    const seen = (await foreign.get(path)).body as { client_id: string }[];
    expect(seen.map((one) => one.client_id)).toEqual([other.clientId]);
    const all = (await api(app, await adminToken(app)).get(path)).body as { client_id: string }[];
    expect(new Set(all.map((one) => one.client_id))).toEqual(new Set([scene.clientId, other.clientId]));
    expect((await (await own(scene)).delete(path)).body.result.deleted_count).toBe(2);
    expect((await silently(scene, browser)).searchParams.get('error')).toBe('login_required');
    // What other applications hold is not the caller's to end.
    await expect(other.rp.refresh(there.refresh_token ?? '')).resolves.toHaveProperty('access_token');
  });
});
