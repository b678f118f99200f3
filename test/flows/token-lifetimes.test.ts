/** How long tokens live: whose numbers count, from when, and until when a chain can go on. */
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { DAY } from '../support/clock.ts';
import { freshDatabase, policyStorages, postgresUrl, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const NEW_CLIENT = { access_token_ttl: 3600, refresh_token_ttl: 14 * DAY, max_refresh_rotate: 14 * DAY };
const YEAR = 365 * DAY;

describe.each(policyStorages)('token lifetimes ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const path = (scene: Scene) => `/v1/applications/${scene.appId}/clients/${scene.clientId}`;
  const withNumbers = (token_expiration: Record<string, number | null>) =>
    setScene(app, { token_expiration });
  const introspect = async (scene: Scene, token: unknown) =>
    (await postForm(`${app.issuer}/token/introspection`, { token: String(token) }, scene)).body;
  /** Seconds that a new access and a new refresh token live. */
  async function lifetimes(scene: Scene, parameters: Record<string, string> = {}) {
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: { ...OFFLINE, ...parameters } });
    const { exp = 0, iat = 0 } = decodeJwt(tokens.access_token);
    const refresh = await introspect(scene, tokens.refresh_token);
    expect(tokens.expires_in).toBe(exp - iat);
    return { access: exp - iat, refresh: refresh.exp - refresh.iat };
  }

  it('are an hour and two weeks for a new client (R84, R86, R88)', async () => {
    const scene = await setScene(app);
    expect((await admin.get(path(scene))).body.token_expiration).toEqual(NEW_CLIENT);
    expect(await lifetimes(scene)).toEqual({ access: 3600, refresh: 14 * DAY });
    expect(decodeJwt(await clientToken(app, scene))).toMatchObject({ iat: expect.any(Number) });
  });

  it('follow the client’s numbers from the next token on, refreshed ones included (R82, R83, R168)', async () => {
    const scene = await setScene(app);
    const before = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    const numbers = { access_token_ttl: 120, refresh_token_ttl: 240, max_refresh_rotate: 480 };
    expect((await admin.put(path(scene), { token_expiration: numbers })).body.token_expiration).toEqual(
      numbers,
    );
    expect(await lifetimes(scene)).toEqual({ access: 120, refresh: 240 });
    const next = await scene.rp.refresh(String(before.refresh_token));
    expect(next.expires_in).toBe(120);
    const { exp, iat } = await introspect(scene, next.refresh_token);
    expect(exp - iat).toBe(240);
    expect((await admin.put(path(scene), { token_expiration: null })).status).toBe(400);
    for (const wrong of [0, -1, 1.5, '60', 2 ** 31])
      expect((await admin.put(path(scene), { token_expiration: { access_token_ttl: wrong } })).status).toBe(
        400,
      );
  });

  it('are chosen for each number separately: the resource’s, else the client’s, else for null the tenant’s (R63, R175 to R178, D3)', async () => {
    const long = 10 * YEAR;
    const own = { access_token_ttl: 111, refresh_token_ttl: long, max_refresh_rotate: 333 };
    const cases: [Record<string, number | null>, { access: number; refresh: number }][] = [
      [own, { access: 111, refresh: 333 }],
      [
        { ...own, access_token_ttl: null },
        { access: 3600, refresh: 333 },
      ],
      [
        { ...own, max_refresh_rotate: null },
        { access: 111, refresh: YEAR },
      ],
      [
        { ...own, refresh_token_ttl: null, max_refresh_rotate: long },
        { access: 111, refresh: 14 * DAY },
      ],
      [
        { ...own, refresh_token_ttl: 222, max_refresh_rotate: null },
        { access: 111, refresh: 222 },
      ],
      [
        { access_token_ttl: null, refresh_token_ttl: null, max_refresh_rotate: null },
        { access: 3600, refresh: 14 * DAY },
      ],
      [{ access_token_ttl: 111 }, { access: 111, refresh: 14 * DAY }],
    ];
    const scene = await setScene(app);
    const resource = { resource: scene.resource.uri };
    for (const [token_expiration, expected] of cases) {
      expect((await admin.put(path(scene), { token_expiration })).status).toBe(200);
      expect([token_expiration, await lifetimes(scene)]).toEqual([token_expiration, expected]);
      expect([token_expiration, await lifetimes(scene, resource)]).toEqual([
        token_expiration,
        { access: 600, refresh: 1200 },
      ]);
      const client = await clientToken(app, scene);
      expect(Number(decodeJwt(client).exp) - Number(decodeJwt(client).iat)).toBe(expected.access);
    }
    await admin.put(`/v1/resources/${scene.resource.resourceId}`, { refresh_token_ttl: long });
    expect(await lifetimes(scene, resource)).toEqual({ access: 600, refresh: 3600 });
  });

  it('end an access token for everybody at exp (R165)', async () => {
    const scene = await withNumbers({ access_token_ttl: 2 });
    const tokens = await scene.rp.signIn(app, scene.person);
    const client = await clientToken(app, scene);
    expect((await introspect(scene, tokens.access_token)).active).toBe(true);
    expect((await api(app, client).get(path(scene))).status).toBe(200);
    await pause(2500);
    for (const token of [tokens.access_token, client])
      expect(await introspect(scene, token)).toEqual({ active: false });
    await expect(scene.rp.userInfo(tokens.access_token, scene.person.userId)).rejects.toThrow();
    expect((await api(app, client).get(path(scene))).status).toBe(401);
  });

  it('end an unused refresh token after its own time (R85, R164, R169)', async () => {
    const scene = await withNumbers({ refresh_token_ttl: 2 });
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    const twin = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    expect((await scene.rp.refresh(String(twin.refresh_token))).access_token).toEqual(expect.any(String));
    await pause(2500);
    await expect(scene.rp.refresh(String(tokens.refresh_token))).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect(await introspect(scene, tokens.refresh_token)).toEqual({ active: false });
    // The user's access lasts on: it has a time of its own.
    expect((await introspect(scene, tokens.access_token)).active).toBe(true);
  });

  it('let a chain go on until a fixed moment, however recent its last token is (R87, R170, C22)', async () => {
    const byClient = await withNumbers({ refresh_token_ttl: 60, max_refresh_rotate: 4 });
    const byResource = await withNumbers({ refresh_token_ttl: 60, max_refresh_rotate: 60 });
    await admin.put(`/v1/resources/${byResource.resource.resourceId}`, {
      refresh_token_ttl: 60,
      max_refresh_rotate: 4,
    });
    const chains = await Promise.all([
      byClient.rp.signIn(app, byClient.person, { parameters: OFFLINE }),
      byResource.rp.signIn(app, byResource.person, {
        parameters: { ...OFFLINE, resource: byResource.resource.uri },
      }),
    ]);
    const ends = await Promise.all(
      chains.map(async ({ refresh_token }) => (await introspect(byClient, refresh_token)).exp as number),
    );
    await pause(1500);
    const later = await Promise.all([
      byClient.rp.refresh(String(chains[0]?.refresh_token)),
      byResource.rp.refresh(String(chains[1]?.refresh_token)),
    ]);
    for (const [at, { refresh_token }] of later.entries())
      expect((await introspect(byClient, refresh_token)).exp).toBe(ends[at]);
    await pause(2900);
    for (const [at, { rp }] of [byClient, byResource].entries())
      await expect(rp.refresh(String(later[at]?.refresh_token))).rejects.toMatchObject({
        error: 'invalid_grant',
      });
  });

  it('stop a chain at once when its longest time is shortened below its age (R82, R87)', async () => {
    const scene = await setScene(app);
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    await pause(1100);
    await admin.put(path(scene), { token_expiration: { max_refresh_rotate: 1 } });
    await expect(scene.rp.refresh(String(tokens.refresh_token))).rejects.toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('rotated'),
    });
  });
});

const describeOnPostgres = postgresUrl === undefined ? describe.skip : describe;

describeOnPostgres('token lifetimes on two nodes', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let apps: App[] = [];
  beforeAll(async () => {
    database = await freshDatabase(String(postgresUrl));
    const first = await startApp({ databaseUrl: database.databaseUrl });
    apps = [first, await startApp({ like: first, port: await freePort() })];
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) {
      await app.stop();
      await app.discard();
    }
    await database?.release();
  });

  it('change everywhere with a change made through one of them (R82, R173)', async () => {
    const [here, there] = apps as [App, App];
    const scene = await setScene(here);
    const admin = api(here, await adminToken(here));
    const expiresIn = async (app: App, parameters: Record<string, string>) => {
      const { exp, iat } = decodeJwt(await clientToken(app, scene, parameters));
      return Number(exp) - Number(iat);
    };
    const byResource = { resource: scene.resource.uri };
    expect(await expiresIn(there, {})).toBe(3600);
    expect(await expiresIn(there, byResource)).toBe(600);
    await admin.put(`/v1/applications/${scene.appId}/clients/${scene.clientId}`, {
      token_expiration: { access_token_ttl: 77 },
    });
    await admin.put(`/v1/resources/${scene.resource.resourceId}`, { access_token_ttl: 88 });
    // The node that made the change obeys it at once, the other one as soon as it has heard of it.
    for (let wait = 0; wait < 20 && (await expiresIn(there, byResource)) !== 88; wait++) await pause(100);
    for (const app of [here, there]) {
      expect(await expiresIn(app, {})).toBe(77);
      expect(await expiresIn(app, byResource)).toBe(88);
    }
  });
});
