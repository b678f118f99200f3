/** What may be used once is used once, however many ask at the same moment and whichever process they reach. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import pg from 'pg';
import { openEmbedded } from '../../src/storage/database.ts';
import { signIn } from '../support/browser.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { type Answer, adminToken, api, postForm } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid email offline_access', prompt: 'consent' };
const CROWD = 100;
/** What a node may take to obey a change made through another. */
const OBEY_MS = 1000;

const tally = (answers: readonly Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const kind = status === 200 ? '200' : `${status} ${body?.error}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
};

describe.each(storages)('single use ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let apps: App[] = [];
  const stopped: App[] = [];
  let scene: Scene;
  // The embedded database lets one process in.
  const isShared = name !== 'embedded';
  const node = (at: number): App => {
    const app = apps[at % apps.length];
    if (!app) throw new Error('no process');
    return app;
  };

  beforeAll(async () => {
    storage = await options();
    apps = [await startApp(storage)];
    if (isShared) apps.push(await startApp({ like: node(0), port: await freePort() }));
    scene = await setScene(node(0));
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) {
      await app.stop();
      await app.discard();
    }
    for (const app of stopped) await app.discard();
    await storage?.release();
  });

  type Credentials = Pick<Scene, 'clientId' | 'clientSecret'>;
  const token = (at: number, form: Record<string, string>, credentials?: Credentials) =>
    postForm(`${node(at).url}/oidc/token`, form, credentials);
  const crowd = (form: Record<string, string>, credentials?: Credentials) =>
    Promise.all(Array.from({ length: CROWD }, (_, at) => token(at, form, credentials)));
  const refresh = (refreshToken: string) => ({ grant_type: 'refresh_token', refresh_token: refreshToken });
  /** What the one who was served got is worth nothing any more. */
  const expectEnded = async (answers: readonly Answer[]): Promise<void> => {
    const served = answers.find(({ status }) => status === 200)?.body;
    for (const issued of [served.access_token, served.refresh_token].filter(Boolean)) {
      const answer = await postForm(`${node(1).url}/oidc/token/introspection`, { token: issued }, scene);
      expect(answer).toMatchObject({ status: 200, body: { active: false } });
    }
  };
  const newRefreshToken = async (): Promise<string> => {
    const tokens = await scene.rp.signIn(node(0), scene.person, { parameters: OFFLINE });
    if (tokens.refresh_token === undefined) throw new Error('no refresh token');
    return tokens.refresh_token;
  };
  /** Between two runs of the process, as one process owns the folder. */
  const setEmbeddedGrace = async (seconds: number): Promise<void> => {
    const before = node(0);
    await before.stop();
    const database = await openEmbedded(before.dataDir);
    await database.db.updateTable('tenants').set({ refresh_grace_seconds: seconds }).execute();
    await database.close();
    apps = [await startApp({ like: before, port: before.port })];
    stopped.push(before);
  };
  const setGrace = async (seconds: number): Promise<void> => {
    if (!isShared) return setEmbeddedGrace(seconds);
    const client = new pg.Client({ connectionString: storage.databaseUrl });
    await client.connect();
    try {
      await client.query('update tenants set refresh_grace_seconds = $1', [seconds]);
    } finally {
      await client.end();
    }
    await pause(OBEY_MS);
  };

  it.each([
    ['without a refresh token', { scope: 'openid' }],
    ['with a refresh token', OFFLINE],
  ])('redeems a code once among a hundred (%s)', async (_, parameters) => {
    const request = await scene.rp.authorize(parameters);
    const { identifier, password } = scene.person;
    const callback = await signIn(node(0), request.url, identifier, password);
    const form = {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT_URI,
      code_verifier: request.checks.pkceCodeVerifier,
    };
    const answers = await crowd(form, scene);
    expect(tally(answers)).toEqual({ 200: 1, '400 invalid_grant': CROWD - 1 });
    await expectEnded(answers);
  });

  // Two redemptions can be made to stand at the very same line only where their row can be held from outside.
  if (name === 'postgres')
    it('ends the tokens of a redemption that an exactly simultaneous one lost against (RFC 6749 section 4.1.2, C5)', async () => {
      const request = await scene.rp.authorize(OFFLINE);
      const { identifier, password } = scene.person;
      const callback = await signIn(node(0), request.url, identifier, password);
      const form = {
        grant_type: 'authorization_code',
        code: callback.searchParams.get('code') ?? '',
        redirect_uri: REDIRECT_URI,
        code_verifier: request.checks.pkceCodeVerifier,
      };
      const holder = new pg.Client({ connectionString: storage.databaseUrl });
      await holder.connect();
      try {
        await holder.query('begin');
        await holder.query("select 1 from ephemeral_items where kind = 'AuthorizationCode' for update");
        const both = Promise.all([token(0, form, scene), token(1, form, scene)]);
        const waiting = async () =>
          (
            await holder.query(
              "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
            )
          ).rowCount ?? 0;
        for (const limit = Date.now() + 5000; Date.now() < limit && (await waiting()) < 2; ) await pause(10);
        expect(await waiting()).toBe(2);
        await holder.query('commit');
        const answers = await both;
        expect(tally(answers)).toEqual({ 200: 1, '400 invalid_grant': 1 });
        await expectEnded(answers);
      } finally {
        await holder.end();
      }
    });

  it('gives everyone who refreshes within the grace window the one successor', async () => {
    const used = await newRefreshToken();
    const first = await crowd(refresh(used), scene);
    const { 200: served = 0, '400 invalid_grant': refused = 0, ...others } = tally(first);
    expect(others).toEqual({});
    expect(served + refused).toBe(CROWD);
    expect(served).toBeGreaterThanOrEqual(1);
    // Those who come after the winner, but inside the window, all get the successor.
    const second = await crowd(refresh(used), scene);
    expect(tally(second)).toEqual({ 200: CROWD });
    const successors = new Set(
      [...first, ...second].filter(({ status }) => status === 200).map(({ body }) => body.refresh_token),
    );
    expect(successors.size).toBe(1);
    expect(successors.has(used)).toBe(false);
    const [successor] = successors;
    expect((await token(1, refresh(successor), scene)).status).toBe(200);
  });

  describe('without a grace window', () => {
    beforeAll(() => setGrace(0));
    afterAll(() => setGrace(10));

    it('refreshes once among a hundred', async () => {
      const answers = await crowd(refresh(await newRefreshToken()), scene);
      expect(tally(answers)).toEqual({ 200: 1, '400 invalid_grant': CROWD - 1 });
    });

    it('ends the family of a refresh token that is used again', async () => {
      const used = await newRefreshToken();
      const answer = await token(0, refresh(used), scene);
      expect(answer.status).toBe(200);
      const refusal = { status: 400, body: { error: 'invalid_grant' } };
      expect(await token(1, refresh(used), scene)).toMatchObject(refusal);
      for (const at of [0, 1])
        expect(await token(at, refresh(answer.body.refresh_token), scene)).toMatchObject(refusal);
      const introspect = { token: answer.body.access_token };
      expect(await postForm(`${node(0).url}/oidc/token/introspection`, introspect, scene)).toMatchObject({
        body: { active: false },
      });
    });
  });

  it('accepts a client assertion once among a hundred', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    const admin = api(node(0), await adminToken(node(0)));
    const created = await admin.post(`/v1/applications/${scene.appId}/clients`, {
      name: 'Signs its assertions',
      redirect_uris: [REDIRECT_URI],
      authentication_configuration: { method: 'private_key_jwt', jwks: { keys: [jwk] } },
    });
    expect(created).toMatchObject({ status: 201 });
    const clientId: string = created.body.client_id;
    const assertion = () =>
      new SignJWT()
        .setProtectedHeader({ alg: 'ES256', kid: 'one' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(node(0).issuer)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey);
    const form = async () => ({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await assertion(),
    });
    expect(tally(await crowd(await form()))).toEqual({ 200: 1, '401 invalid_client': CROWD - 1 });
    expect((await token(1, await form())).status).toBe(200);
  });

  describe('a change made through one process', () => {
    const credentialsGrant = { grant_type: 'client_credentials' };
    /** Asks the other process until it refuses; what it says when the second is over. */
    const obeyed = async (credentials: Credentials): Promise<Record<string, number>> => {
      const limit = Date.now() + OBEY_MS;
      for (;;) {
        const answer = await token(1, credentialsGrant, credentials);
        if (answer.status !== 200 || Date.now() > limit) return tally([answer]);
        await pause(20);
      }
    };

    it.each([
      ['a deleted client', 'delete'],
      ['a client that may no longer use its secret', 'put'],
    ] as const)('is obeyed by the other within a second: %s', async (_, method) => {
      const other = await setScene(node(0));
      // Both processes know the client by now.
      for (const at of [0, 1]) expect((await token(at, credentialsGrant, other)).status).toBe(200);
      const admin = api(node(0), await adminToken(node(0)));
      const path = `/v1/applications/${other.appId}/clients/${other.clientId}`;
      const change =
        method === 'delete'
          ? await admin.delete(path)
          : await admin.put(path, { pkce: 'enforcePkceInsteadOfClientCredentials' });
      expect(change.status).toBe(method === 'delete' ? 204 : 200);
      expect(await obeyed(other)).toEqual({ '401 invalid_client': 1 });
    });

    it('is obeyed by the other within a second: a revoked secret', async () => {
      const other = await setScene(node(0));
      const admin = api(node(0), await adminToken(node(0)));
      const path = `/v1/applications/${other.appId}/clients/${other.clientId}/secrets`;
      for (const at of [0, 1]) expect((await token(at, credentialsGrant, other)).status).toBe(200);
      const listed = await admin.get(path);
      const added = await admin.post(path, {});
      expect(added.status).toBe(201);
      const fresh = { clientId: other.clientId, clientSecret: added.body.client_secret };
      const gone = await admin.delete(`${path}/${listed.body[0].id}`);
      expect(gone.status).toBe(204);
      expect(await obeyed(other)).toEqual({ '401 invalid_client': 1 });
      expect((await token(1, credentialsGrant, fresh)).status).toBe(200);
    });
  });
});
