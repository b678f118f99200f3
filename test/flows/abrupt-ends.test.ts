/** What a deployment meets on a bad day: a stop under load, a kill under load, too many sign-ins, a cut change feed. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Browser, signInForm } from '../support/browser.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

describe.each(storages)('abrupt ends ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  const apps: App[] = [];
  const start = async (again: Parameters<typeof startApp>[0]): Promise<App> => {
    const started = await startApp(again);
    apps.push(started);
    return started;
  };
  beforeAll(async () => {
    storage = await options();
    // All of them come from one address here; the limits by address have tests of their own.
    app = await start({ ...storage, env: { SIGN_IN_FAILURES_PER_ADDRESS: '0' } });
    scene = await setScene(app);
  });
  afterAll(async () => {
    for (const each of apps.toReversed()) await each.discard();
    await storage?.release();
  });

  /** A browser at the sign-in page, ready to send the form. */
  async function atTheForm() {
    const browser = new Browser(app);
    const request = await scene.rp.authorize();
    return { browser, request, form: signInForm(await browser.open(request.url)) };
  }

  it('answers 503 with Retry-After on a page when too many sign in at once, and serves the others', async () => {
    const { browser, form } = await atTheForm();
    const send = (_: unknown, n: number) =>
      fetch(form.action, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: browser.cookies.headerFor(form.action), origin: form.action.origin },
        body: new URLSearchParams({
          ...form.fields,
          identifier: `nobody-${n}@example.com`,
          password: 'wrong',
        }),
      });
    const answers = await Promise.all(Array.from({ length: 300 }, send));
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].sort()).toEqual([401, 503]);
    const shed = answers.filter(({ status }) => status === 503);
    for (const answer of shed) {
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(await answer.text()).toContain('role="alert"');
    }
    const { browser: later, form: again } = await atTheForm();
    const { identifier, password } = scene.person;
    expect((await later.submit(again, { identifier, password })).status).toBe(0);
  });

  it('finishes what is in flight on SIGTERM, takes nothing new, and exits with 0', async () => {
    const { identifier, password } = scene.person;
    const waiting = await Promise.all(Array.from({ length: 24 }, atTheForm));
    const inFlight = waiting.map(({ browser, form }) =>
      fetch(form.action, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: browser.cookies.headerFor(form.action), origin: form.action.origin },
        body: new URLSearchParams({ ...form.fields, identifier, password }),
      }),
    );
    // Long enough for the requests to have arrived, short enough for the hashing not to be done.
    await pause(100);
    const exit = app.stop('SIGTERM');
    expect((await Promise.all(inFlight)).map(({ status }) => status)).toEqual(Array(24).fill(303));
    expect(await exit).toBe(0);
    await expect(fetch(`${app.url}/healthz`)).rejects.toThrow();
    app = await start({ like: app, port: app.port });
  });

  it('keeps everything it has answered when it is killed in the middle of writing', async () => {
    const token = await clientToken(app, scene);
    const people = api(app, token);
    const answered: string[] = [];
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let n = 0; ; n++) {
        const email = `kept-${writer}-${n}@example.com`;
        const answer = await people.post('/v1/users', { email }).catch(() => undefined);
        if (answer?.status !== 201) return;
        answered.push(answer.body.result.user_id);
      }
    });
    while (answered.length < 20) await pause(5);
    await app.kill9();
    await Promise.all(writers);

    app = await start({ like: app, port: app.port });
    const again = api(app, await clientToken(app, scene));
    const found = await Promise.all(answered.map((id) => again.get(`/v1/users/${id}`)));
    expect(found.filter(({ status }) => status !== 200)).toEqual([]);
    expect(found.length).toBeGreaterThanOrEqual(20);
    const tokens = await scene.rp.signIn(app, scene.person);
    expect(tokens.claims()?.sub).toBe(scene.person.userId);
  });

  if (name !== 'embedded')
    it('obeys a change within a second also while its change feed is cut', async () => {
      const other = await start({ like: app, port: await freePort() });
      const grant = { grant_type: 'client_credentials' };
      const ask = () => postForm(`${other.url}/oidc/token`, grant, scene);
      expect((await ask()).status).toBe(200);
      const client = new pg.Client({ connectionString: storage.databaseUrl });
      await client.connect();
      const cut = await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen %'`,
      );
      await client.end();
      expect(cut.rowCount).toBe(2);
      const path = `/v1/applications/${scene.appId}/clients/${scene.clientId}`;
      expect((await api(app, await adminToken(app)).delete(path)).status).toBe(204);
      const limit = Date.now() + 1200;
      let answer = await ask();
      while (answer.status === 200 && Date.now() < limit) {
        await pause(50);
        answer = await ask();
      }
      expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    });
});
