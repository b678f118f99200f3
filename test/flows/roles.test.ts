/** Roles of an application's users: managed over HTTP, seen in tokens. */
import { decodeJwt } from 'jose';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const ROLE_CLAIMS = JSON.stringify({ id_token: { roles: null, role_values: null, permissions: null } });

describe.each(policyStorages)('roles of users ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const rolesOf = ({ appId }: Scene) => `/v1/applications/${appId}/roles`;
  const createRole = async (of: Scene, body: Record<string, unknown>): Promise<string> => {
    const answer = await admin.post(rolesOf(of), body);
    if (answer.status !== 201) throw new Error(`no role: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.result.role_id;
  };
  const assign = (of: Scene, roleId: string, userId = of.person.userId) =>
    admin.post(`${rolesOf(of)}/${roleId}/assignments`, { entity_ids: [userId], entity_type: 'User' });

  it('are created, read, changed and deleted with an admin token (management-api.md 10)', async () => {
    const body = {
      role_name: 'reader',
      permissions: ['orders:view'],
      description: 'Looks',
      display_name: 'Reader',
    };
    const created = await admin.post(rolesOf(scene), body);
    expect(created).toMatchObject({ status: 201, body: { result: { role_id: expect.any(String) } } });
    const { role_id } = created.body.result;
    const one = `${rolesOf(scene)}/${role_id}`;
    expect((await admin.get(one)).body).toEqual({ result: { ...body, role_id, app_id: scene.appId } });
    expect((await admin.get(rolesOf(scene))).body.result).toContainEqual({
      ...body,
      role_id,
      app_id: scene.appId,
    });
    expect((await admin.put(one, { description: 'Only looks' })).status).toBe(202);
    expect((await admin.get(one)).body.result).toMatchObject({ ...body, description: 'Only looks' });
    expect((await admin.delete(one)).status).toBe(202);
    expect((await admin.get(one)).status).toBe(404);
    expect((await admin.put(one, {})).status).toBe(404);
    expect((await admin.delete(one)).status).toBe(404);
  });

  it('have a name that is unique in their application only (management-api.md 10)', async () => {
    const other = await setScene(app);
    await createRole(scene, { role_name: 'editor' });
    const second = await createRole(scene, { role_name: 'second' });
    expect(await admin.post(rolesOf(scene), { role_name: 'editor' })).toMatchObject({
      status: 409,
      body: { error_code: 409, ts_error_code: 'identifier_taken' },
    });
    expect((await admin.put(`${rolesOf(scene)}/${second}`, { role_name: 'editor' })).status).toBe(409);
    expect(await createRole(other, { role_name: 'editor' })).toEqual(expect.any(String));
  });

  it('refuse bad bodies, strangers and other applications’ roles', async () => {
    const other = await setScene(app);
    const roleId = await createRole(scene, { role_name: 'guarded' });
    for (const body of [
      {},
      { role_name: '' },
      { role_name: 'x', permissions: 'all' },
      { role_name: 'x', color: 1 },
    ])
      expect(await admin.post(rolesOf(scene), body)).toMatchObject({
        status: 400,
        body: { message: expect.any(Array), error_code: 400 },
      });
    expect((await admin.get(`${rolesOf(other)}/${roleId}`)).status).toBe(404);
    expect((await assign({ ...other }, roleId)).status).toBe(404);
    expect((await admin.get('/v1/applications/nobody/roles')).status).toBe(404);
    expect((await api(app).get(rolesOf(scene))).status).toBe(401);
    const client = api(app, await clientToken(app, scene));
    expect((await client.get(rolesOf(scene))).status).toBe(403);
    expect((await client.post(`${rolesOf(scene)}/${roleId}/assignments`, {})).status).toBe(403);
  });

  it('refuse to be assigned to what does not exist, and to be taken from who has them not', async () => {
    const roleId = await createRole(scene, { role_name: 'assignable' });
    expect(await assign(scene, roleId, 'nobody')).toMatchObject({
      status: 400,
      body: { message: ['entity_ids: unknown User nobody'] },
    });
    const path = `${rolesOf(scene)}/${roleId}/assignments`;
    for (const body of [
      { entity_ids: ['x'], entity_type: 'Robot' },
      { entity_ids: [], entity_type: 'Group' },
      { entity_ids: ['a/b'], entity_type: 'Group' },
    ])
      expect((await admin.post(path, body)).status).toBe(400);
    expect((await admin.delete(`${path}/${scene.person.userId}`)).status).toBe(404);
    expect((await admin.post(path, { entity_ids: ['staff'], entity_type: 'Group' })).status).toBe(400);
    expect((await admin.post(path, { entity_ids: [scene.appId], entity_type: 'Application' })).status).toBe(
      204,
    );
    expect((await admin.delete(`${path}/${scene.appId}`)).status).toBe(204);
  });

  it('tell two users apart in their tokens: one may look, the other may cancel (R160, R162)', async () => {
    const shop = await setScene(app);
    const rival = await setScene(app);
    const look = await createRole(shop, { role_name: 'look', permissions: ['orders:view'] });
    const cancel = await createRole(shop, {
      role_name: 'cancel',
      permissions: ['orders:view', 'orders:cancel'],
    });
    const elsewhere = await createRole(rival, { role_name: 'elsewhere', permissions: ['all:things'] });
    expect((await assign(shop, look)).status).toBe(204);
    expect((await assign(rival, elsewhere, shop.person.userId)).status).toBe(204);
    for (const roleId of [look, cancel])
      expect((await assign(shop, roleId, rival.person.userId)).status).toBe(204);
    const parameters = { claims: ROLE_CLAIMS };
    const [first, second] = [
      await shop.rp.signIn(app, shop.person, { parameters }),
      await shop.rp.signIn(app, rival.person, { parameters }),
    ];
    expect(decodeJwt(first.access_token).roles).toEqual([look]);
    expect(decodeJwt(second.access_token).roles).toEqual([look, cancel]);
    expect(first.claims()).toMatchObject({
      roles: [look],
      role_values: ['look'],
      permissions: ['orders:view'],
    });
    expect(second.claims()).toMatchObject({
      role_values: ['look', 'cancel'],
      permissions: ['orders:view', 'orders:cancel'],
    });
    const foreign = await rival.rp.signIn(app, shop.person, { parameters });
    expect(foreign.claims()?.roles).toEqual([elsewhere]);
  });

  it('are in the access token always and in the ID token on request only; without any the list is empty (R160)', async () => {
    const shop = await setScene(app);
    const bare = await shop.rp.signIn(app, shop.person);
    expect(decodeJwt(bare.access_token).roles).toEqual([]);
    expect(bare.claims()).not.toHaveProperty('roles');
    const asked = await shop.rp.signIn(app, shop.person, { parameters: { claims: ROLE_CLAIMS } });
    expect(asked.claims()).toMatchObject({ roles: [], role_values: [], permissions: [] });
  });

  it('go with the membership in the application (R160)', async () => {
    const shop = await setScene(app);
    const roleId = await createRole(shop, { role_name: 'member' });
    await shop.rp.signIn(app, shop.person);
    await assign(shop, roleId);
    const own = api(app, await clientToken(app, shop));
    expect((await own.delete(`/v1/users/${shop.person.userId}/apps`)).status).toBe(204);
    const tokens = await shop.rp.signIn(app, shop.person);
    expect(decodeJwt(tokens.access_token).roles).toEqual([]);
  });

  it('form groups (management-api.md 10)', async () => {
    const groups = `/v1/applications/${scene.appId}/role-groups`;
    const [a, b] = [
      await createRole(scene, { role_name: 'group a' }),
      await createRole(scene, { role_name: 'group b' }),
    ];
    const created = await admin.post(groups, { name: 'staff', display_name: 'Staff' });
    expect(created).toMatchObject({ status: 201, body: { result: { name: 'staff', roles: [] } } });
    const one = `${groups}/${created.body.result.group_id}`;
    expect((await admin.post(groups, { name: 'staff' })).status).toBe(409);
    expect((await admin.post(`${one}/roles/set`, { role_ids: [b, a] })).status).toBe(202);
    expect((await admin.get(one)).body.result.roles.map((role: { role_id: string }) => role.role_id)).toEqual(
      [b, a],
    );
    expect((await admin.post(`${one}/roles/set`, { role_ids: [a, 'nothing'] })).status).toBe(400);
    expect((await admin.put(one, { description: 'All of them' })).status).toBe(202);
    expect((await admin.delete(`${rolesOf(scene)}/${b}`)).status).toBe(202);
    expect((await admin.get(groups)).body.result).toMatchObject([
      { name: 'staff', description: 'All of them', roles: [{ role_id: a }] },
    ]);
    expect((await admin.delete(one)).status).toBe(202);
    expect((await admin.get(one)).status).toBe(404);
    expect((await admin.get(`${rolesOf(scene)}/${a}`)).status).toBe(200);
  });
});
