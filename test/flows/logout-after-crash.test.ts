/** A process that dies while it ends a session leaves no client untold (OpenID Connect Back-Channel Logout 1.0). */
import { decodeJwt } from 'jose';
import pg from 'pg';
import { Browser } from '../support/browser.ts';
import { describeOn, type StorageOptions } from '../support/engines.ts';
import { eventually } from '../support/eventually.ts';
import { LogoutReceiver } from '../support/logout-receiver.ts';
import { api, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

// Another connection makes the end of a session slow, so that the kill comes in the middle of it.
describeOn('postgres')('a kill at a logout ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let receiver: LogoutReceiver;
  let scene: Scene;
  let other: pg.Client;
  const apps: App[] = [];

  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    apps.push(app);
    receiver = await LogoutReceiver.listen();
    scene = await setScene(app, {
      backchannel_logout_uri: receiver.uri,
      backchannel_logout_session_required: true,
    });
    other = new pg.Client({ connectionString: storage.databaseUrl ?? '' });
    await other.connect();
  });
  afterAll(async () => {
    await other?.end();
    await receiver?.close();
    for (const each of apps.toReversed()) await each.discard();
    await storage?.release();
  });

  const endSlowly = () =>
    other.query(`create function linger() returns trigger language plpgsql as
        $$ begin perform pg_sleep(1); return old; end $$;
      create trigger linger before delete on ephemeral_items for each row when (old.kind = 'Session')
        execute function linger()`);
  const sessions = async (): Promise<number> =>
    (await other.query("select 1 from ephemeral_items where kind = 'Session' and user_id is not null")).rows
      .length;
  const isEnding = async (): Promise<boolean> => {
    const { rows } = await other.query(`select 1 from pg_stat_activity
      where datname = current_database() and wait_event = 'PgSleep'`);
    return rows.length > 0;
  };

  it('between the end of the session and the notices loses no notice', async () => {
    const tokens = await scene.rp.signIn(app, scene.person, { browser: new Browser(app) });
    const sid = tokens.claims()?.sid;
    const client = api(app, await clientToken(app, scene));
    await endSlowly();
    const cut = client.delete(`/v1/sessions/${scene.person.userId}`).catch(() => undefined);
    await eventually('the end of the session', async () => ((await isEnding()) ? true : undefined));
    await app.kill9();
    await cut;
    await eventually('the session to be gone', async () => ((await sessions()) === 0 ? true : undefined));
    expect(receiver.received).toEqual([]);
    await other.query('drop function linger cascade');
    // Ten seconds after it was written down at the latest; the test does not wait for them.
    await other.query('update logout_notices set due_at = now()');
    app = await startApp({ ...storage, like: app, port: app.port });
    apps.push(app);
    const { token } = await receiver.next('the logout token', 0);
    expect(decodeJwt(token)).toMatchObject({ sub: scene.person.userId, sid });
  });

  it('is held back until the session is over: a client that asks at once does not find it', async () => {
    const browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
    const client = api(app, await clientToken(app, scene));
    const before = receiver.received.length;
    await endSlowly();
    const coming = receiver.next('a logout token', before);
    const ended = client.delete(`/v1/sessions/${scene.person.userId}`);
    await eventually('the end of the session', async () => ((await isEnding()) ? true : undefined));
    expect(receiver.received).toHaveLength(before);
    await coming;
    expect(await sessions()).toBe(0);
    expect((await ended).status).toBe(200);
    await other.query('drop function linger cascade');
  });
});
