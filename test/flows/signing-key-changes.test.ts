/** Changes of signing keys reach every running process, at once where they were made, and drop no request. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { decodeProtectedHeader, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import {
  type Answer,
  type Api,
  adminToken,
  api,
  clientToken,
  postForm,
  read,
} from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const KEYS = '/v1/applications/signing-keys';
/** What a process may take to obey a change made through another. */
const OBEY_MS = 1000;
const kidOf = (token: string): string => String(decodeProtectedHeader(token).kid);

describe.each(policyStorages)('changes of signing keys ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  /** Another process where the storage lets two in. */
  let node: App;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    node = name === 'embedded' ? app : await startApp({ like: app, port: await freePort() });
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    if (node !== app) await node?.discard();
    await app?.discard();
    await storage?.release();
  });

  const obeyed = (): Promise<unknown> => (node === app ? Promise.resolve() : pause(OBEY_MS));
  const kids = async (): Promise<(string | undefined)[]> => {
    const { keys } = (await (await fetch(`${node.url}/oidc/jwks`)).json()) as { keys: JWK[] };
    return keys.map(({ kid }) => kid);
  };
  const introspect = async (scene: Scene, token: string): Promise<boolean> =>
    (await postForm(`${node.url}/oidc/token/introspection`, { token }, scene)).body.active;
  const enabled = async (): Promise<{ scene: Scene; own: Api; path: string }> => {
    const scene = await setScene(app);
    const path = `/v1/applications/${scene.appId}`;
    expect((await admin.put(path, { signing_key_enabled: true })).status).toBe(200);
    return { scene, own: api(app, await clientToken(app, scene)), path };
  };
  const freshKey = async (kid: string): Promise<JWK> => ({
    ...(await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey)),
    kid,
  });
  const withHeader = async (method: string, path: string, tag: string, body: object): Promise<Answer> =>
    read(
      await fetch(app.url + path, {
        method,
        headers: {
          authorization: `Bearer ${await adminToken(app)}`,
          'content-type': 'application/json',
          'if-match': tag,
        },
        ...(method === 'PUT' && { body: JSON.stringify(body) }),
      }),
    );

  it('are obeyed by the other processes too: made, disabled, deleted with the application', async () => {
    const { scene, own, path } = await enabled();
    const made = (await own.post(KEYS, { name: 'First' })).body;
    await obeyed();
    const token = await clientToken(node, scene);
    expect([kidOf(token), (await kids()).includes(made.kid)]).toEqual([made.kid, true]);
    await own.put(`${KEYS}/${made.id}`, { status: 'disabled' });
    await obeyed();
    expect([await introspect(scene, token), (await kids()).includes(made.kid)]).toEqual([false, false]);
    expect((await api(node, token).get(KEYS)).status).toBe(401);
    const again = api(app, await clientToken(app, scene));
    await again.put(`${KEYS}/${made.id}`, { status: 'signing' });
    await obeyed();
    expect(await introspect(scene, token)).toBe(true);
    const other = await setScene(app);
    expect((await admin.delete(path)).status).toBe(204);
    await obeyed();
    expect([await introspect(other, token), (await kids()).includes(made.kid)]).toEqual([false, false]);
    expect((await api(node, token).get(KEYS)).status).toBe(401);
  });

  it('tell a key from another under the same kid: the former, which somebody may know, ends', async () => {
    const { scene, own } = await enabled();
    const stolen = await freshKey(`again-${scene.appId}`);
    const first = (await own.post(`${KEYS}/upload`, { name: 'Stolen', jwk: stolen })).body;
    const signedBy = (jwk: JWK): Promise<string> =>
      new SignJWT({ tid: first.tenant_id, client_id: scene.clientId, app_id: scene.appId, roles: [] })
        .setProtectedHeader({ alg: 'ES256', kid: jwk.kid ?? '', typ: 'at+jwt' })
        .setIssuer(app.issuer)
        .setSubject(scene.clientId)
        .setAudience('userid-api')
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(jwk as never);
    const [forged, second] = [await signedBy(stolen), await freshKey(stolen.kid ?? '')];
    await obeyed();
    expect(await introspect(scene, forged)).toBe(true);
    // Neither waits for the other: a process may see both changes as one.
    const [removed, uploaded] = await Promise.all([
      own.delete(`${KEYS}/${first.id}`),
      (async () => {
        for (let tries = 0; tries < 50; tries += 1) {
          const answer = await own.post(`${KEYS}/upload`, { name: 'New', jwk: second });
          if (answer.status === 201) return answer;
        }
        throw new Error('the kid was never free');
      })(),
    ]);
    expect([removed.status, uploaded.status]).toEqual([204, 201]);
    await obeyed();
    expect([await introspect(scene, forged), await introspect(scene, await signedBy(second))]).toEqual([
      false,
      true,
    ]);
  });

  it('drop no request: tokens are issued and read all along', async () => {
    const { scene, own } = await enabled();
    const keys = [
      (await own.post(KEYS, { name: 'A' })).body.id,
      (await own.post(KEYS, { name: 'B' })).body.id,
    ];
    const caller = api(app, await clientToken(app, scene));
    let isOver = false;
    const used = new Set<string>();
    const customers = [1, 2, 3].map(async () => {
      while (!isOver) {
        const token = await clientToken(node, scene);
        used.add(kidOf(token));
        if (!(await introspect(scene, token))) throw new Error('a fresh token is inactive');
      }
    });
    const changes = (async () => {
      for (let round = 0; round < 10; round += 1) {
        const { status } = await caller.put(`${KEYS}/${keys[round % 2]}`, { status: 'signing' });
        if (status !== 200) throw new Error(`changed: ${status}`);
        await pause(50);
      }
    })().finally(() => {
      isOver = true;
    });
    await Promise.all([...customers, changes]);
    expect(used.size).toBe(2);
  });

  it('leave two signing keys nowhere, however many are made to sign at once, and stop at twenty', async () => {
    const { own } = await enabled();
    const made = await Promise.all([1, 2, 3, 4].map((at) => own.post(KEYS, { name: `Key ${at}` })));
    const signing = async (): Promise<number> =>
      (await own.get(KEYS)).body.filter(({ status }: { status: string }) => status === 'signing').length;
    expect([made.map(({ status }) => status), await signing()]).toEqual([[201, 201, 201, 201], 1]);
    await Promise.all(made.map(({ body }) => own.put(`${KEYS}/${body.id}`, { status: 'signing' })));
    expect(await signing()).toBe(1);
    for (let at = 4; at < 20; at += 1)
      await own.post(`${KEYS}/upload`, { name: 'x', jwk: await freshKey(`many-${at}-${made[0]?.body.id}`) });
    expect((await own.get(KEYS)).body).toHaveLength(20);
    for (const path of [KEYS, `${KEYS}/upload`])
      expect(
        await own.post(path, { name: 'x', ...(path !== KEYS && { jwk: await freshKey('one-more') }) }),
      ).toMatchObject({ status: 400, body: { message: [expect.stringContaining('at most 20')] } });
  });

  it('and of the default client are one write of the application: If-Match holds for both (RFC 9110 13.1.1)', async () => {
    const { scene, path } = await enabled();
    const first = await admin.get(path);
    const tag = first.headers.get('etag') ?? '';
    const change = { app_description: 'Both', client_description: 'at once' };
    const put = await withHeader('PUT', path, tag, change);
    expect(put).toMatchObject({ status: 200, body: { result: change } });
    expect(put.headers.get('etag')).toBe((await admin.get(path)).headers.get('etag'));
    // Somebody else changes the client: the version of the application that shows it is another one.
    await admin.put(`${path}/clients/${scene.clientId}`, { description: 'meanwhile' });
    for (const method of ['PUT', 'DELETE'])
      expect((await withHeader(method, path, put.headers.get('etag') ?? '', change)).status).toBe(412);
    expect((await admin.get(path)).body.result.client_description).toBe('meanwhile');
    const made = await admin.post('/v1/applications', { app_name: 'New', client_display_name: 'New' });
    const at = `/v1/applications/${made.body.result.app_id}`;
    expect((await withHeader('DELETE', at, made.headers.get('etag') ?? '', {})).status).toBe(204);
  });
});
