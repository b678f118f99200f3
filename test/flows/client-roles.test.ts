/** Client roles: what they let a client token do, on every node, and who may have them. */
import { setTimeout as pause } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

/** What a node may take to obey a change made through another. */
const OBEY_MS = 1000;

describe.each(policyStorages)('roles of clients ($name)', ({ name, options }) => {
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
    for (const each of new Set([node, app])) {
      await each?.stop();
      await each?.discard();
    }
    await storage?.release();
  });

  let count = 0;
  const createRole = async (permissions: string[]): Promise<string> => {
    count += 1;
    const answer = await admin.post('/v1/roles', { role_name: `role ${count}`, permissions });
    if (answer.status !== 201) throw new Error(`no role: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.result.role_id;
  };
  const give = (to: Scene, ...role_ids: string[]): Promise<Answer> =>
    admin.put(`/v1/applications/${to.appId}/clients/${to.clientId}`, { role_ids });
  const asClient = async (scene: Scene): Promise<Api> => api(node, await clientToken(node, scene));
  /** Asks until the answer is this, for as long as a node may take. */
  async function soon(call: () => Promise<Answer>, status: number): Promise<Answer> {
    const deadline = Date.now() + OBEY_MS;
    for (;;) {
      const answer = await call();
      if (answer.status === status || Date.now() > deadline) return answer;
      await pause(20);
    }
  }

  it('are made, read, changed and deleted with an admin token', async () => {
    const body = {
      role_name: 'support',
      permissions: ['users:read'],
      description: 'd',
      display_name: 'Support',
    };
    const created = await admin.post('/v1/roles', body);
    expect(created).toMatchObject({ status: 201, body: { result: body } });
    expect(created.body.result).not.toHaveProperty('app_id');
    const one = `/v1/roles/${created.body.result.role_id}`;
    expect((await admin.get('/v1/roles')).body.result).toContainEqual(created.body.result);
    expect(await admin.put(one, { permissions: ['users:list'] })).toMatchObject({
      status: 200,
      body: { result: { ...body, permissions: ['users:list'] } },
    });
    expect((await admin.post('/v1/roles', body)).status).toBe(409);
    expect((await admin.delete(one)).status).toBe(204);
    expect((await admin.get(one)).status).toBe(404);
    for (const permissions of [['all'], ['apps:fly'], ['apps:read '.repeat(2)], ['*:*']])
      expect((await admin.post('/v1/roles', { role_name: 'bad', permissions })).status).toBe(400);
    const scene = await setScene(app);
    expect((await (await asClient(scene)).get('/v1/roles')).status).toBe(403);
  });

  it('are shown with the client and in its tokens, as IDs and as the union of permissions (R161, D12)', async () => {
    const scene = await setScene(app);
    const bare = decodeJwt(await clientToken(app, scene));
    expect(bare).toMatchObject({ roles: [], ts_roles: [], ts_permissions: [] });
    const [a, b] = [
      await createRole(['apps:read', 'users:read']),
      await createRole(['users:read', 'users:edit']),
    ];
    expect(await give(scene, a, b)).toMatchObject({ status: 200, body: { role_ids: [a, b] } });
    const path = `/v1/applications/${scene.appId}/clients/${scene.clientId}`;
    expect((await admin.get(path)).body.role_ids).toEqual([a, b]);
    const deadline = Date.now() + OBEY_MS;
    let claims = decodeJwt(await clientToken(node, scene));
    while ((claims.ts_roles as string[]).length === 0 && Date.now() < deadline)
      claims = decodeJwt(await clientToken(node, scene));
    expect(claims).toMatchObject({
      roles: [],
      ts_roles: [a, b],
      ts_permissions: ['apps:read', 'users:read', 'users:edit'],
    });
    expect(await give(scene)).toMatchObject({ status: 200, body: { role_ids: [] } });
  });

  it('close what they do not name, with an answer that says what would do (R161, D15)', async () => {
    const scene = await setScene(app);
    const client = await asClient(scene);
    expect((await client.get('/v1/users')).status).toBe(200);
    await give(scene, await createRole(['users:read']));
    const own = `/v1/applications/${scene.appId}`;
    expect(await soon(() => client.put(own, { app_description: 'x' }), 403)).toEqual(
      expect.objectContaining({
        status: 403,
        body: {
          message: `The roles of this client permit none of: apps:edit, ${scene.appId}:edit`,
          error_code: 403,
        },
      }),
    );
    expect((await client.get('/v1/users')).status).toBe(200);
    expect((await client.post('/v1/users', { email: 'no@example.com' })).status).toBe(403);
    expect((await client.delete(own)).status).toBe(403);
  });

  it('take the ID of the application in place of the resource, for that application alone (D15)', async () => {
    const [scene, other] = [await setScene(app), await setScene(app)];
    const client = await asClient(scene);
    const foreign = await createRole([`${other.appId}:read`]);
    const own = await createRole([`${scene.appId}:read`]);
    await give(scene, foreign);
    expect((await soon(() => client.get(`/v1/applications/${scene.appId}`), 403)).status).toBe(403);
    await give(scene, own);
    expect((await soon(() => client.get(`/v1/applications/${scene.appId}`), 200)).status).toBe(200);
    expect((await client.get('/v1/users')).status).toBe(200);
    expect((await client.put(`/v1/applications/${scene.appId}`, {})).status).toBe(403);
    // Nor does a permission that names another application reach into it (R156).
    await give(scene, foreign, own);
    expect((await soon(() => client.get(`/v1/applications/${other.appId}`), 404)).status).toBe(404);
  });

  it('permit nothing where the only one is empty, and everything where there is none; a token is older than that (D15)', async () => {
    const scene = await setScene(app);
    const client = await asClient(scene);
    const roleId = await createRole([]);
    await give(scene, roleId);
    expect((await soon(() => client.get('/v1/users'), 403)).status).toBe(403);
    expect((await client.get('/v1/clients')).status).toBe(403);
    await admin.put(`/v1/roles/${roleId}`, { permissions: ['apps:read'] });
    expect((await soon(() => client.get('/v1/clients'), 200)).status).toBe(200);
    expect((await client.get('/v1/resources')).status).toBe(403);
    expect(await give(scene)).toMatchObject({ status: 200, body: { role_ids: [] } });
    expect((await soon(() => client.get('/v1/resources'), 200)).status).toBe(200);
    expect((await admin.delete(`/v1/roles/${roleId}`)).status).toBe(204);
  });

  it('are not deleted from under a client that has no other: it would then be free of all limits (D15)', async () => {
    const scene = await setScene(app);
    const client = await asClient(scene);
    const [first, second] = [await createRole(['users:read']), await createRole([])];
    await give(scene, first, second);
    expect((await soon(() => client.post('/v1/users', {}), 403)).status).toBe(403);
    const ends = await Promise.all([first, second].map((id) => admin.delete(`/v1/roles/${id}`)));
    expect(ends.map(({ status }) => status).sort()).toEqual([204, 409]);
    const refused = ends.find(({ status }) => status === 409);
    expect(refused?.body.message).toContain(scene.clientId);
    expect((await client.post('/v1/users', { email: 'free@example.com' })).status).toBe(403);
    const [left = ''] = [first, second].filter((_, at) => ends[at]?.status === 409);
    await give(scene);
    expect((await admin.delete(`/v1/roles/${left}`)).status).toBe(204);
  });

  it('bind neither administrators nor users (D15, R158, R163)', async () => {
    const scene = await setScene(app);
    await give(scene, await createRole([]));
    expect((await api(node, await adminToken(node)).get(`/v1/applications/${scene.appId}`)).status).toBe(200);
    const tokens = await scene.rp.signIn(app, scene.person);
    const user = api(node, tokens.access_token);
    for (const path of ['/v1/users', '/v1/clients', `/v1/applications/${scene.appId}`, '/v1/roles'])
      expect((await user.get(path)).status).toBe(403);
    await give(scene);
    const client = await asClient(scene);
    for (const path of ['/v1/users', '/v1/clients', `/v1/applications/${scene.appId}`])
      expect((await soon(() => client.get(path), 200)).status).toBe(200);
  });

  it('never reach beyond the own application and its users (R156, R157)', async () => {
    const [scene, other] = [await setScene(app), await setScene(app)];
    await other.rp.signIn(app, other.person);
    await scene.rp.signIn(app, scene.person);
    await give(scene, await createRole(['apps:read', 'users:read', 'users:list']));
    const client = await asClient(scene);
    expect((await client.get(`/v1/applications/${scene.appId}`)).status).toBe(200);
    expect((await client.get(`/v1/applications/${other.appId}`)).status).toBe(404);
    expect((await client.get(`/v1/users/${scene.person.userId}`)).status).toBe(200);
    expect((await client.get(`/v1/users/${other.person.userId}`)).status).toBe(404);
    const listed = (await client.get('/v1/users')).body.result.map(
      (user: { user_id: string }) => user.user_id,
    );
    expect(listed).toEqual([scene.person.userId]);
  });

  it('are refused where they are unknown, and for clients that cannot have any (R97, D12)', async () => {
    const scene = await setScene(app);
    const roleId = await createRole(['apps:read']);
    const userRole = await admin.post(`/v1/applications/${scene.appId}/roles`, { role_name: 'user role' });
    for (const unknown of ['nothing', userRole.body.result.role_id])
      expect(await give(scene, unknown)).toMatchObject({
        status: 400,
        body: { message: [`role_ids: unknown role ${unknown}`] },
      });
    const clients = `/v1/applications/${scene.appId}/clients`;
    const third = { name: 'Third', redirect_uris: ['https://third.example.com/cb'], is_third_party: true };
    expect(await admin.post(clients, { ...third, role_ids: [roleId] })).toMatchObject({
      status: 400,
      body: { message: ['role_ids cannot be given to a third-party client'] },
    });
    const created = await admin.post(clients, third);
    expect(created).toMatchObject({ status: 201, body: { role_ids: [], allowed_scopes: [] } });
    const one = `${clients}/${created.body.client_id}`;
    expect((await admin.put(one, { role_ids: [roleId] })).status).toBe(400);
    await give(scene, roleId);
    const own = `${clients}/${scene.clientId}`;
    expect((await admin.put(own, { is_third_party: true })).status).toBe(400);
    expect((await admin.put(own, { is_third_party: true, role_ids: [] })).status).toBe(200);
    expect(
      (await admin.put(`/v1/clients/${app.management.clientId}`, { role_ids: [roleId] })).body.message,
    ).toEqual(['role_ids cannot be given to a client of a management application']);
  });

  it('cannot be shaken off by the client that has them', async () => {
    const scene = await setScene(app);
    const roleId = await createRole(['apps:edit', 'apps:create', 'apps:read']);
    const stronger = await createRole(['users:delete']);
    await give(scene, roleId);
    const client = await asClient(scene);
    const own = `/v1/clients/${scene.clientId}`;
    for (const role_ids of [[], [stronger], [roleId, stronger]])
      expect(await soon(() => client.put(own, { role_ids }), 403)).toMatchObject({
        status: 403,
        body: { message: 'A client that has roles itself cannot change role_ids' },
      });
    expect((await client.put(own, { role_ids: [roleId], description: 'as it was' })).status).toBe(200);
    expect((await client.get(own)).body).toMatchObject({ role_ids: [roleId], description: 'as it was' });
  });

  it('cannot be left behind by way of another client (R161, D15)', async () => {
    const scene = await setScene(app);
    const free = await admin.post(`/v1/applications/${scene.appId}/clients`, {
      name: 'Free',
      redirect_uris: [],
    });
    const roleId = await createRole(['apps:edit', 'apps:create', 'apps:read']);
    await give(scene, roleId);
    const client = await asClient(scene);
    const at = `/v1/clients/${free.body.client_id}`;
    const refused = { status: 403, body: { message: expect.stringContaining('may do more than itself') } };
    expect(await soon(() => client.post(`${at}/secrets`), 403)).toMatchObject(refused);
    const authentication_configuration = { method: 'client_secret_basic' };
    expect(await client.put(at, { authentication_configuration })).toMatchObject(refused);
    const open = 'enforcePkceInsteadOfClientCredentials';
    for (const body of [{ pkce: open }, { token_endpoint_auth_method: 'none' }])
      expect(await client.put(at, body)).toMatchObject(refused);
    const { pkce } = free.body;
    expect((await client.put(at, { description: 'edited', pkce })).status).toBe(200);
    expect((await client.post(`/v1/clients/${scene.clientId}/secrets`)).status).toBe(201);

    const made = await client.post('/v1/clients', { name: 'Child', redirect_uris: [] });
    expect(made).toMatchObject({ status: 201, body: { role_ids: [roleId] } });
    const child = { ...scene, clientId: made.body.client_id, clientSecret: made.body.client_secret };
    expect((await (await asClient(child)).delete(`/v1/applications/${scene.appId}`)).status).toBe(403);
    const disguised = { name: 'Disguised', redirect_uris: [], is_third_party: true };
    const other = await client.post('/v1/clients', disguised);
    expect(other.status).toBe(201);
    expect(await client.put(`/v1/clients/${other.body.client_id}`, { is_third_party: false })).toMatchObject(
      refused,
    );
  });
});
