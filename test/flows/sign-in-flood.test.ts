/** A flood of password sign-ins: beyond a bound they are refused before a row is read (issue: bounded work). */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { SIGN_INS_AT_ONCE } from '../../src/users/password-load.ts';
import { describeOn, type StorageOptions } from '../support/engines.ts';
import { api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const PATH = '/v1/auth/password/authenticate';

describeOn('postgres', 'postgres+redis')('a flood of sign-ins ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let database: pg.Client;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    database = new pg.Client({ connectionString: String(storage.databaseUrl) });
    await database.connect();
  });
  afterAll(async () => {
    await database?.end();
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  it('is answered 503 with Retry-After while the database stands still, and leaves no lock behind', async () => {
    const backend = api(app, await clientToken(app, scene));
    const { identifier, password } = scene.person;
    const body = { username: identifier, username_type: 'email', password };
    await database.query('begin');
    await database.query('lock table failure_counts, users in access exclusive mode');
    const inside = Array.from({ length: SIGN_INS_AT_ONCE }, () => backend.post(PATH, body));
    await pause(700);
    // Neither the token nor the body of these is looked at.
    const refused = await Promise.all(
      Array.from({ length: 20 }, () =>
        fetch(app.url + PATH, {
          method: 'POST',
          headers: { authorization: 'Bearer nonsense' },
          body: 'nonsense',
        }),
      ),
    );
    for (const { status, headers } of refused)
      expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    await database.query('rollback');
    const statuses = (await Promise.all(inside)).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(10);
    expect((await backend.post(PATH, body)).status).toBe(200);
    const nonsense = await fetch(app.url + PATH, {
      method: 'POST',
      headers: { authorization: 'Bearer nonsense' },
    });
    expect(nonsense.status).toBe(401);
  });

  it('is answered so at the token endpoint too, which shares the bound; other grants are served meanwhile (RFC 6749 4.3)', async () => {
    const backend = api(app, await clientToken(app, scene));
    const { identifier, password } = scene.person;
    const form = { grant_type: 'password', username: identifier, username_type: 'email', password };
    const grant = () => postForm(`${app.url}/oidc/token`, form, scene);
    expect((await grant()).status).toBe(200);
    await database.query('begin');
    await database.query('lock table failure_counts, users in access exclusive mode');
    const inside = Array.from({ length: SIGN_INS_AT_ONCE }, grant);
    await pause(700);
    const refused = await Promise.all(Array.from({ length: 10 }, grant));
    const call = await backend.post(PATH, {});
    const other = await postForm(`${app.url}/oidc/token`, { grant_type: 'client_credentials' }, scene);
    await database.query('rollback');
    for (const { status, headers, body } of refused)
      expect([status, headers.get('retry-after'), body.error]).toEqual([503, '1', 'temporarily_unavailable']);
    expect([call.status, other.status]).toEqual([503, 200]);
    const statuses = (await Promise.all(inside)).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(10);
    expect((await grant()).status).toBe(200);
  });
});
