/** What an application's backend may set for a user whom other applications have, too (contract C26; management-api.md 12). */
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const [OWN, TAKEN] = ['Meadow-lantern-Forty-2', 'Taken-over-Account-7'];

describe.each(policyStorages)('an application that brings in a user of another ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let shop: Scene;
  let evil: Scene;
  let admin: Api;
  let shopBackend: Api;
  let evilBackend: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    [shop, evil] = [await setScene(app), await setScene(app)];
    admin = api(app, await adminToken(app));
    shopBackend = api(app, await clientToken(app, shop));
    evilBackend = api(app, await clientToken(app, evil));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  let count = 0;
  /** A user of the shop, whom the other application associates by the address. */
  const associated = async (credentials?: object) => {
    const email = `both-${++count}@example.com`;
    const made = await shopBackend.post('/v1/users', { email, ...(credentials && { credentials }) });
    const joined = await evilBackend.post('/v1/users', { email });
    expect([made.status, joined.status]).toEqual([201, 201]);
    const userId: string = made.body.result.user_id;
    expect(joined.body.result.user_id).toBe(userId);
    return { email, userId, at: `/v1/users/${userId}/password` };
  };
  const signsIn = async (email: string, password: string) =>
    (
      await shopBackend.post('/v1/auth/password/authenticate', {
        username: email,
        username_type: 'email',
        password,
      })
    ).status === 200;

  it('cannot replace the user’s password, nor set a first one', async () => {
    const known = await associated({ password: OWN, force_replace: false });
    const put = await evilBackend.put(known.at, { password: TAKEN, force_replace: false });
    expect([put.status, put.body.message]).toEqual([
      403,
      expect.stringMatching(/belongs to other applications/),
    ]);
    expect([await signsIn(known.email, TAKEN), await signsIn(known.email, OWN)]).toEqual([false, true]);

    const bare = await associated();
    const post = await evilBackend.post(bare.at, { password: TAKEN, force_replace: false });
    expect(post.status).toBe(403);
    expect(await signsIn(bare.email, TAKEN)).toBe(false);
    // Neither can the first application now: it does not speak for the second.
    expect((await shopBackend.put(known.at, { password: TAKEN })).status).toBe(403);
  });

  it('leaves an administrator, and an application that has the user alone, free to do it', async () => {
    const both = await associated({ password: OWN, force_replace: false });
    expect((await admin.put(both.at, { password: TAKEN, force_replace: false })).status).toBe(200);
    expect(await signsIn(both.email, TAKEN)).toBe(true);
    const email = 'alone@example.com';
    const { user_id } = (await shopBackend.post('/v1/users', { email })).body.result;
    const at = `/v1/users/${user_id}/password`;
    expect((await shopBackend.post(at, { password: OWN, force_replace: false })).status).toBe(201);
    expect((await shopBackend.put(at, { password: TAKEN, force_replace: false })).status).toBe(200);
    expect(await signsIn(email, TAKEN)).toBe(true);
  });

  it('gets no hint with which a passkey of the hosted pages could be made for the user', async () => {
    const { email } = await associated();
    const hint = (webauthn_identifier: string) =>
      evilBackend.post('/v1/auth/webauthn/external/register/hosted/hint', {
        webauthn_identifier,
        redirect_uri: REDIRECT_URI,
      });
    expect((await hint(email)).status).toBe(403);
    await evilBackend.post('/v1/users', { email: 'only-here@example.com' });
    expect((await hint('only-here@example.com')).status).toBe(200);
    expect((await hint('nobody-yet@example.com')).status).toBe(200);
  });
});
