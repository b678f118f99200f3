/** What the engine says when the database cannot serve it for a moment (RFC 6749 4.1.2.1, RFC 9110 15.6.4). */
import pg from 'pg';
import { describeOn, type StorageOptions } from '../support/engines.ts';
import { adminToken, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const BUSY = {
  error: 'temporarily_unavailable',
  error_description: 'the server is busy; send the request again',
};

// The embedded database has one connection: there is nobody to wait for.
describeOn('postgres')('a database that is busy ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let other: pg.Client;
  let refreshToken: string;
  beforeAll(async () => {
    storage = await options();
    const url = new URL(storage.databaseUrl ?? '');
    url.searchParams.set('statement_timeout', '700');
    app = await startApp({ ...storage, databaseUrl: url.href });
    scene = await setScene(app);
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    refreshToken = tokens.refresh_token ?? '';
    other = new pg.Client({ connectionString: storage.databaseUrl ?? '' });
    await other.connect();
  });
  afterAll(async () => {
    await other?.end();
    await app?.discard();
    await storage?.release();
  });

  /** Nobody else reads or writes the tables meanwhile. */
  async function whileLocked<T>(tables: string, work: () => Promise<T>): Promise<T> {
    await other.query('begin');
    await other.query(`lock table ${tables} in access exclusive mode`);
    try {
      return await work();
    } finally {
      await other.query('rollback');
    }
  }
  const ask = (path: string, form: Record<string, string>, accept: string) =>
    fetch(`${app.url}/oidc${path}`, {
      method: 'POST',
      headers: { accept },
      body: new URLSearchParams({ client_id: scene.clientId, client_secret: scene.clientSecret, ...form }),
    });
  const refresh = () =>
    ask('/token', { grant_type: 'refresh_token', refresh_token: refreshToken }, 'application/json');
  const expectBusy = async (answer: Response): Promise<void> => {
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([503, '1', BUSY]);
  };

  it('is temporarily_unavailable with 503 and Retry-After at the token endpoint, and nothing was used up', async () => {
    await expectBusy(await whileLocked('refresh_tokens, grants', refresh));
    expect((await refresh()).status).toBe(200);
  });

  it('is the same at introspection, revocation, UserInfo and the pushed request endpoint', async () => {
    const { access_token: token } = await scene.rp.signIn(app, scene.person);
    const json = 'application/json';
    const push = { ...Object.fromEntries((await scene.rp.authorize()).url.searchParams) };
    const answers = await whileLocked('refresh_tokens, grants, revoked_tokens, ephemeral_items', () =>
      Promise.all([
        ask('/token/introspection', { token }, json),
        ask('/token/revocation', { token }, json),
        ask('/request', push, json),
        fetch(`${app.url}/oidc/me`, { headers: { authorization: `Bearer ${token}`, accept: json } }),
      ]),
    );
    for (const answer of answers) await expectBusy(answer);
  });

  it('is a page with 503 in the language of the browser at the authorization endpoint', async () => {
    const { url } = await scene.rp.authorize();
    const headers = { accept: 'text/html', 'accept-language': 'fr' };
    const open = () => fetch(url, { redirect: 'manual', headers });
    const answer = await whileLocked('ephemeral_items', open);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await answer.text()).toContain('<html lang="fr"');
    expect((await open()).status).toBe(303);
  });

  it('is 503 when the server cuts the connection in the middle (57P01), and the next call is served', async () => {
    const answer = await whileLocked('refresh_tokens, grants', async () => {
      const cut = setTimeout(
        () =>
          void other.query(`select pg_terminate_backend(pid) from pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid() and wait_event_type = 'Lock'`),
        300,
      );
      return refresh().finally(() => clearTimeout(cut));
    });
    await expectBusy(answer);
    expect(app.output()).toContain('57P01');
    expect(await clientToken(app, scene)).not.toBe('');
    expect(await adminToken(app)).not.toBe('');
  });
});
