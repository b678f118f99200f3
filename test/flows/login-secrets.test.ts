/** Secrets of the ways to sign in are kept sealed and never shown again (contract/authentication.md 6). */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { LoginSecrets } from '../../src/applications/login-secrets.ts';
import type { AppId, TenantId } from '../../src/base/ids.ts';
import { openSealer } from '../../src/keys/master-key.ts';
import { type Database, openEmbedded, openPostgres } from '../../src/storage/database.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const value = (): string => `hush-${randomBytes(12).toString('hex')}`;

describe.each(policyStorages)('secrets of the ways to sign in ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let by: Api;
  const started: App[] = [];
  /** Every secret that was ever sent. */
  const sent: string[] = [];
  const secret = (): string => {
    sent.push(value());
    return sent.at(-1) as string;
  };
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage, env: { LOG_LEVEL: 'trace' } });
    started.push(app);
    scene = await setScene(app);
    by = api(app, await clientToken(app, scene));
  });
  afterAll(async () => {
    for (const one of started) await one.discard();
    await storage?.release();
  });
  const path = (): string => `/loginPreferences/${scene.appId}`;
  async function put(methods: Record<string, unknown>): Promise<unknown> {
    const answer = await by.put(`${path()}/authMethods`, methods);
    expect([answer.status, answer.body]).toEqual([200, { result: { auth_methods: expect.any(Object) } }]);
    return answer.body.result.auth_methods;
  }

  /** What the database holds, read beside the server, or after it where the database belongs to one process. */
  async function inside<T>(work: (db: Database, secrets: LoginSecrets) => Promise<T>): Promise<T> {
    if (!storage.databaseUrl) await app.stop();
    const database = storage.databaseUrl
      ? openPostgres(storage.databaseUrl, 1, () => undefined)
      : await openEmbedded(app.dataDir);
    try {
      const sealer = await openSealer(database.db, undefined, app.keysDir);
      return await work(database.db, new LoginSecrets({ sealer }));
    } finally {
      await database.close();
      if (!storage.databaseUrl) {
        app = await startApp({ ...storage, like: app, port: app.port });
        started.push(app);
      }
    }
  }
  const opened = (...of: [method: string, name: string][]): Promise<unknown[]> =>
    inside(async (db, secrets) => {
      const rows = await db
        .selectFrom('applications')
        .select('tenant_id')
        .where('app_id', '=', scene.appId as AppId)
        .execute();
      const at = { tenantId: rows[0]?.tenant_id as TenantId, appId: scene.appId as AppId };
      return Promise.all(of.map(([method, name]) => secrets.find(db, { ...at, method }, name)));
    });

  it('are taken and left out of every answer', async () => {
    const redirectUris = ['https://shop.example.com/social'];
    const apn = { keyId: 'ABC123DEFG', teamId: 'TEAM', bundle: 'com.example.shop', isProduction: true };
    const apple = { clientId: 'a', appleTeamId: 't', keyId: 'k' };
    const shown = {
      google: { clientId: 'g', redirectUris },
      apple,
      push: { apn, fcm: {} },
    };
    const answered = await put({
      google: { clientId: 'g', clientSecret: secret(), redirectUris },
      apple: { ...apple, clientSecret: secret() },
      push: { apn: { ...apn, key: secret() }, fcm: { key: { private_key: secret() } } },
    });
    expect(answered).toEqual(shown);
    const admin = api(app, await adminToken(app));
    for (const answer of [
      await by.get(path()),
      await by.get(`/cis${path()}`),
      await by.get(`/v1/applications/${scene.appId}`),
      await admin.get('/v1/applications'),
    ]) {
      expect([answer.status, JSON.stringify(answer.body)]).toEqual([
        200,
        expect.stringContaining('ABC123DEFG'),
      ]);
      for (const one of sent) expect(JSON.stringify(answer.body)).not.toContain(one);
    }
    const [google, appleSecret, apnKey, fcmKey] = sent;
    expect(
      await opened(
        ['google', 'clientSecret'],
        ['apple', 'clientSecret'],
        ['push', 'apn.ABC123DEFG.key'],
        ['push', 'fcm.key'],
      ),
    ).toEqual([google, appleSecret, apnKey, { private_key: fcmKey }]);
  });

  it('stay where a body leaves them out, as one does that was read before, are replaced, and go with null', async () => {
    const [line, tiktok] = [secret(), secret()];
    const all = await put({
      line: { clientId: 'l', clientSecret: line },
      facebook: { clientId: 'f', clientSecret: secret() },
      tiktok: { clientId: 't', clientSecret: secret() },
    });
    await put(all as Record<string, unknown>);
    await put({
      line: { clientId: 'l2' },
      facebook: { clientId: 'f', clientSecret: null },
      tiktok: { clientId: 't', clientSecret: tiktok },
    });
    const names = ['line', 'facebook', 'tiktok', 'google'].map((method): [string, string] => [
      method,
      'clientSecret',
    ]);
    expect(await opened(...names)).toEqual([line, undefined, tiktok, sent[0]]);
  });

  it('of several keys for push belong to the ids of the keys, and go together with what held them', async () => {
    const [one, two] = [secret(), secret()];
    const apn = (keyId: string) => ({ keyId, teamId: 'T', bundle: 'b' });
    await put({
      push: {
        apn: [
          { ...apn('one'), key: one },
          { ...apn('two'), key: two },
        ],
      },
    });
    expect(await put({ push: { apn: [apn('two'), apn('three')] } })).toMatchObject({
      push: { apn: [apn('two'), apn('three')] },
    });
    const names = ['apn.one.key', 'apn.two.key', 'apn.three.key', 'fcm.key'];
    expect(await opened(...names.map((name): [string, string] => ['push', name]))).toEqual([
      undefined,
      two,
      undefined,
      undefined,
    ]);
  });

  it.each([
    [{ google: { clientId: 'g', clientSecret: 7 } }, 'google.clientSecret'],
    [{ google: { clientId: 'g', clientSecret: '' } }, 'google.clientSecret'],
    [{ push: { apn: { keyId: 'k' } } }, 'push.apn'],
    [{ push: { fcm: { key: 'text' } } }, 'push.fcm.key'],
  ])('are refused by name: %j', async (body, named) => {
    const answer = await by.put(`${path()}/authMethods`, body);
    expect([answer.status, answer.body.message]).toEqual([400, [expect.stringContaining(named)]]);
  });

  it('are in no row of the database and no line of the log as they were sent, and open in their own place only', async () => {
    // The secret at an organization's own provider is kept in the same way.
    const admin = api(app, await adminToken(app));
    const made = await admin.post('/v1/organizations', {
      name: 'With a provider',
      domains: ['provider.example.com'],
      app_ids: [scene.appId],
    });
    const provider = { issuer: 'https://idp.example.com', client_id: 'tessera', client_secret: secret() };
    const { organization_id: organizationId } = made.body.result;
    const set = await admin.put(`/v1/organizations/${organizationId}/oidc-identity-provider`, provider);
    expect(set.status).toBe(200);
    const held = await inside(async (db, secrets) => {
      const { rows: tables } = await sql<{ name: string }>`select table_name as name
        from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`.execute(
        db,
      );
      const texts = [];
      for (const { name } of tables)
        texts.push(
          ...(await sql<{ text: string }>`select t::text as text from ${sql.table(name)} t`.execute(db)).rows,
        );
      const row = await db
        .selectFrom('application_login_secrets')
        .selectAll()
        .where('method', '=', 'google')
        .executeTakeFirstOrThrow();
      await db
        .insertInto('application_login_secrets')
        .values({ ...row, name: 'moved' })
        .execute();
      const place = { tenantId: row.tenant_id, appId: row.app_id, method: 'google' };
      await expect(secrets.find(db, place, 'moved')).rejects.toThrow();
      return texts.map(({ text }) => text).join('\n');
    });
    expect(held).toContain(scene.appId);
    expect(sent.length).toBeGreaterThan(8);
    for (const one of sent) {
      expect(held).not.toContain(one);
      for (const { output } of started) expect(output()).not.toContain(one);
    }
  });

  it('go with their application', async () => {
    const admin = api(app, await adminToken(app));
    expect((await admin.delete(`/v1/applications/${scene.appId}`)).status).toBe(204);
    const left = await inside((db) => db.selectFrom('application_login_secrets').selectAll().execute());
    expect(left).toEqual([]);
  });
});
