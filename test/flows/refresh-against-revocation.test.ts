/** Refreshes and the ending of their grant at the same moment: the two lock the same rows, and never each other out. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Browser } from '../support/browser.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { type Answer, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const ROUNDS = 25;
const REFRESHES = 12;
const REVOCATIONS = 4;

const kindOf = ({ status, body }: Answer): string => (status === 200 ? '200' : `${status} ${body?.error}`);

// Both databases and both kinds of short-lived state.
const both = storages.filter(({ name }) => name !== 'postgres');

describe.each(both)('refreshes against the ending of their grant ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  const apps: App[] = [];
  let scene: Scene;
  const node = (at: number): App => apps[at % apps.length] as App;
  beforeAll(async () => {
    storage = await options();
    apps.push(await startApp(storage));
    // The embedded database lets one process in.
    if (name !== 'embedded') apps.push(await startApp({ like: node(0), port: await freePort() }));
    scene = await setScene(node(0));
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) await app.discard();
    await storage?.release();
  });

  const refresh = (at: number, token: string) =>
    postForm(`${node(at).url}/oidc/token`, { grant_type: 'refresh_token', refresh_token: token }, scene);
  const revoke = (at: number, token: string) =>
    postForm(`${node(at).url}/oidc/token/revocation`, { token }, scene);

  it('answers every refresh with 200 or invalid_grant, every revocation with 200, and leaves nothing alive (C9)', async () => {
    const browser = new Browser(node(0));
    const refreshed = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const tokens = await scene.rp.signIn(node(0), scene.person, { parameters: OFFLINE, browser });
      const first = String(tokens.refresh_token);
      const current = String((await refresh(0, first)).body.refresh_token);
      const work = Array.from({ length: REFRESHES }, (_, at) => refresh(at, current));
      const endings = Array.from({ length: REVOCATIONS }, (_, at) => revoke(at + 1, current));
      const [answers, ended] = await Promise.all([Promise.all(work), Promise.all(endings)]);
      expect(ended.map(({ status }) => status)).toEqual(ended.map(() => 200));
      for (const answer of answers) refreshed.add(kindOf(answer));
      for (const token of [current, ...answers.map(({ body }) => body?.refresh_token).filter(Boolean)])
        expect(await refresh(1, token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
    expect([...refreshed].filter((kind) => kind !== '200' && kind !== '400 invalid_grant')).toEqual([]);
    for (const app of apps) expect(app.output()).not.toContain('"level":50');
  });

  // Another connection can look into the database only where it is a server.
  if (name !== 'embedded')
    it('waits for a grant that is just being ended instead of holding its token meanwhile', async () => {
      const tokens = await scene.rp.signIn(node(0), scene.person, { parameters: OFFLINE });
      const ending = new pg.Client({ connectionString: storage.databaseUrl });
      await ending.connect();
      try {
        await ending.query('begin');
        await ending.query('select 1 from grants for update');
        const answer = refresh(0, String(tokens.refresh_token));
        await untilSomebodyWaits(ending);
        // Reaches for the tokens of the grant: a deadlock, if the refresh had one locked before it asked for the grant.
        await ending.query('delete from grants');
        await ending.query('commit');
        expect(await answer).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
      } finally {
        await ending.end();
      }
      expect(node(0).output()).not.toContain('deadlock');
    });
});

/** Until a statement of this database waits for a lock that another holds. */
async function untilSomebodyWaits(client: pg.Client): Promise<void> {
  for (const limit = Date.now() + 5000; Date.now() < limit; await pause(10)) {
    const { rowCount } = await client.query(
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rowCount) return;
  }
  throw new Error('nothing waited for the grant');
}
