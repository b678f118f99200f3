/** Groups of users: managed over HTTP, their roles and claims seen in tokens. */
import { decodeJwt } from 'jose';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { checked } from '../support/openapi.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

describe.each(policyStorages)('groups ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = checked(api(app, await adminToken(app)));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const create = async (body: Record<string, unknown>): Promise<string> => {
    const answer = await admin.post('/v1/groups', body);
    if (answer.status !== 201) throw new Error(`no group: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.result.group_id;
  };
  const add = (groupId: string, ...userIds: string[]) =>
    admin.post(`/v1/groups/${groupId}/users`, { user_ids: userIds });
  const roleOf = async (of: Scene, name: string): Promise<string> =>
    (await admin.post(`/v1/applications/${of.appId}/roles`, { role_name: name, permissions: [`${name}:do`] }))
      .body.result.role_id;
  const assign = (of: Scene, roleId: string, groupId: string) =>
    admin.post(`/v1/applications/${of.appId}/roles/${roleId}/assignments`, {
      entity_ids: [groupId],
      entity_type: 'Group',
    });
  /** An application's own user, whom its client token reaches. */
  const ownUser = async (of: Scene): Promise<string> => {
    const own = api(app, await clientToken(app, of));
    const email = `own-${Date.now()}-${Math.random()}@example.com`;
    return (await own.post('/v1/users', { email })).body.result.user_id;
  };
  const rolesIn = async (of: Scene): Promise<unknown> =>
    decodeJwt((await of.rp.signIn(app, of.person)).access_token).roles;

  it('are created, read, changed and deleted, and a second deletion is 404 (management-api.md 13)', async () => {
    const body = { name: 'Staff', description: 'Everybody', custom_data: { floor: 3 } };
    const created = await admin.post('/v1/groups', body);
    const shape = { created_at: expect.any(Number), updated_at: expect.any(Number) };
    expect(created).toMatchObject({ status: 201, body: { result: { ...body, ...shape } } });
    const one = `/v1/groups/${created.body.result.group_id}`;
    expect((await admin.get(one)).body).toEqual(created.body);
    expect((await admin.get('/v1/groups')).body.result).toContainEqual(created.body.result);
    // What a read gives can be written back, and absent members stay.
    expect(await admin.put(one, { ...created.body.result, description: 'All' })).toMatchObject({
      status: 200,
      body: { result: { ...body, description: 'All' } },
    });
    expect((await admin.delete(one)).status).toBe(204);
    for (const again of [admin.get(one), admin.put(one, {}), admin.delete(one), admin.get(`${one}/users`)])
      expect((await again).status).toBe(404);
  });

  it('have a name that is unique in the tenant (409) and at most 100 KB of custom data', async () => {
    const first = await create({ name: 'Unique' });
    const second = await create({ name: 'Second' });
    const taken = { status: 409, body: { error_code: 409, ts_error_code: 'identifier_taken' } };
    expect(await admin.post('/v1/groups', { name: 'Unique' })).toMatchObject(taken);
    expect(await admin.put(`/v1/groups/${second}`, { name: 'Unique' })).toMatchObject(taken);
    const large = { custom_data: { text: 'x'.repeat(103_000) } };
    for (const answer of [
      await admin.put(`/v1/groups/${first}`, large),
      await admin.post('/v1/groups', { ...large, name: 'L' }),
    ])
      expect([answer.status, answer.body.message]).toEqual([
        400,
        ['custom_data is larger than 102400 bytes'],
      ]);
  });

  it('are not changed over a state that the caller has not seen (If-Match)', async () => {
    const one = `/v1/groups/${await create({ name: 'Versions' })}`;
    const seen = (await admin.get(one)).headers.get('etag') ?? '';
    expect((await admin.put(one, { description: 'newer' })).status).toBe(200);
    const token = await adminToken(app);
    const late = (method: string) =>
      fetch(app.url + one, {
        method,
        headers: { authorization: `Bearer ${token}`, 'if-match': seen, 'content-type': 'application/json' },
        ...(method === 'PUT' && { body: '{"description":"mine"}' }),
      });
    expect([(await late('PUT')).status, (await late('DELETE')).status]).toEqual([412, 412]);
    expect((await admin.get(one)).body.result.description).toBe('newer');
  });

  it('list their users and the groups of a user (getUserGroups)', async () => {
    const groupId = await create({ name: 'Listed' });
    const { userId } = scene.person;
    expect((await add(groupId, userId, userId)).status).toBe(204);
    expect((await add(groupId, userId)).status).toBe(204);
    expect((await admin.get(`/v1/groups/${groupId}/users`)).body).toEqual({
      result: [{ user_id: userId, added_at: expect.any(Number) }],
    });
    expect((await admin.get(`/v1/users/${userId}/groups`)).body.result).toEqual([
      expect.objectContaining({ group_id: groupId, name: 'Listed' }),
    ]);
    expect((await admin.get('/v1/users/nobody/groups')).status).toBe(404);
    expect((await admin.delete(`/v1/groups/${groupId}/users/${userId}`)).status).toBe(204);
    expect((await admin.delete(`/v1/groups/${groupId}/users/${userId}`)).status).toBe(404);
    expect((await admin.get(`/v1/users/${userId}/groups`)).body.result).toEqual([]);
    expect(await add(groupId, userId, 'nobody')).toMatchObject({
      status: 400,
      body: { message: ['user_ids: unknown user nobody'] },
    });
    expect((await admin.get(`/v1/groups/${groupId}/users`)).body.result).toEqual([]);
  });

  it('let a client token reach the users of its own application only (C1, R1)', async () => {
    const other = await setScene(app);
    const groupId = await create({ name: 'Shared' });
    const client = api(app, await clientToken(app, scene));
    const [own, foreign] = [await ownUser(scene), await ownUser(other)];
    const users = `/v1/groups/${groupId}/users`;
    expect((await client.post(users, { user_ids: [foreign] })).status).toBe(400);
    expect((await client.post(users, { user_ids: [own] })).status).toBe(204);
    expect((await add(groupId, foreign)).status).toBe(204);
    expect((await client.get(users)).body.result).toEqual([expect.objectContaining({ user_id: own })]);
    expect((await client.delete(`${users}/${foreign}`)).status).toBe(404);
    expect((await client.get(`/v1/users/${foreign}/groups`)).status).toBe(404);
    expect((await admin.get(users)).body.result).toHaveLength(2);
  });

  it('give no client token a way to roles of another application (C29)', async () => {
    const other = await setScene(app);
    const groupId = await create({ name: 'Powerful' });
    const own = await ownUser(scene);
    expect((await assign(other, await roleOf(other, 'power'), groupId)).status).toBe(204);
    const client = api(app, await clientToken(app, scene));
    expect((await client.post(`/v1/groups/${groupId}/users`, { user_ids: [own] })).status).toBe(403);
    expect((await client.delete(`/v1/groups/${groupId}`)).status).toBe(403);
    expect((await admin.get(`/v1/groups/${groupId}/users`)).body.result).toEqual([]);
  });

  it('give no client token a way to roles of its own application either (tokens-and-sessions.md 1)', async () => {
    const groupId = await create({ name: 'Own powers' });
    const [own, other] = [await ownUser(scene), await ownUser(scene)];
    const client = api(app, await clientToken(app, scene));
    const users = `/v1/groups/${groupId}/users`;
    expect((await client.post(users, { user_ids: [own] })).status).toBe(204);
    const role = await roleOf(scene, 'own-power');
    expect((await assign(scene, role, groupId)).status).toBe(204);
    for (const answer of [
      await client.post(users, { user_ids: [other] }),
      await client.delete(`${users}/${own}`),
      await client.delete(`/v1/groups/${groupId}`),
    ])
      expect(answer).toMatchObject({ status: 403, body: { message: expect.stringContaining('has roles') } });
    expect((await admin.get(users)).body.result).toEqual([expect.objectContaining({ user_id: own })]);
    // What gives nobody a role is still the client's; who is in it is the administrator's.
    expect((await client.put(`/v1/groups/${groupId}`, { description: 'Theirs' })).status).toBe(200);
    expect((await add(groupId, other)).status).toBe(204);
    await admin.delete(`/v1/applications/${scene.appId}/roles/${role}/assignments/${groupId}`);
    expect((await client.delete(`${users}/${own}`)).status).toBe(204);
  });

  it('need a permission of the resource groups from a client with roles (D15)', async () => {
    const { role_id } = (
      await admin.post('/v1/roles', { role_name: 'reads groups', permissions: ['groups:read'] })
    ).body.result;
    const limited = await setScene(app, { role_ids: [role_id] });
    const client = api(app, await clientToken(app, limited));
    const groupId = await create({ name: 'Guarded' });
    expect((await client.get(`/v1/groups/${groupId}`)).status).toBe(200);
    for (const answer of [
      await client.post('/v1/groups', { name: 'Mine' }),
      await client.put(`/v1/groups/${groupId}`, {}),
      await client.delete(`/v1/groups/${groupId}`),
      await client.post(`/v1/groups/${groupId}/users`, { user_ids: ['x'] }),
    ])
      expect(answer.status).toBe(403);
  });

  it('give their roles to their users, until the group loses the role, the user or its life', async () => {
    const shop = await setScene(app);
    const groupId = await create({ name: 'Buyers' });
    const [buy, own] = [await roleOf(shop, 'buy'), await roleOf(shop, 'own')];
    expect((await assign(shop, buy, 'nobody')).body.message).toEqual(['entity_ids: unknown Group nobody']);
    const assignments = `/v1/applications/${shop.appId}/roles`;
    await admin.post(`${assignments}/${own}/assignments`, {
      entity_ids: [shop.person.userId],
      entity_type: 'User',
    });
    expect((await assign(shop, buy, groupId)).status).toBe(204);
    expect(await rolesIn(shop)).toEqual([own]);
    await add(groupId, shop.person.userId);
    expect(await rolesIn(shop)).toEqual([buy, own]);
    // A role that the user has twice is one role.
    await assign(shop, own, groupId);
    expect(await rolesIn(shop)).toEqual([buy, own]);
    await admin.delete(`${assignments}/${buy}/assignments/${groupId}`);
    expect(await rolesIn(shop)).toEqual([own]);
    await assign(shop, buy, groupId);
    await admin.delete(`/v1/groups/${groupId}`);
    expect(await rolesIn(shop)).toEqual([own]);
    // The assignment went with the group.
    expect((await admin.delete(`${assignments}/${buy}/assignments/${groupId}`)).status).toBe(404);
  });

  it('end the refresh tokens of a user whose roles they change (invalidateOnMemberRoleUpdate)', async () => {
    const shop = await setScene(app);
    const groupId = await create({ name: 'Changing' });
    const parameters = { scope: 'openid offline_access', prompt: 'consent' };
    const refreshToken = async () =>
      (await shop.rp.signIn(app, shop.person, { parameters })).refresh_token ?? '';
    const before = await refreshToken();
    await add(groupId, shop.person.userId);
    // The group has no role: nothing of the user has changed.
    const after = (await shop.rp.refresh(before)).refresh_token ?? before;
    await assign(shop, await roleOf(shop, 'late'), groupId);
    await expect(shop.rp.refresh(after)).rejects.toMatchObject({ error: 'invalid_grant' });
    const next = await refreshToken();
    await admin.delete(`/v1/groups/${groupId}/users/${shop.person.userId}`);
    await expect(shop.rp.refresh(next)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('are told as claims groups and custom_group_data where they are asked for (tokens-and-sessions.md 3)', async () => {
    const shop = await setScene(app, { default_user_info_claims: ['groups', 'custom_group_data'] });
    const claims = JSON.stringify({ id_token: { groups: null, custom_group_data: null } });
    const parameters = { claims };
    const signIn = () => shop.rp.signIn(app, shop.person, { parameters });
    const none = decodeJwt((await signIn()).id_token ?? '');
    expect([none.groups, none.custom_group_data]).toEqual([undefined, undefined]);
    const red = await create({ name: 'Red', custom_data: { color: '#f00' } });
    const plain = await create({ name: 'Plain' });
    await add(red, shop.person.userId);
    await add(plain, shop.person.userId);
    const tokens = await signIn();
    const told = { groups: ['Red', 'Plain'], custom_group_data: { Red: { color: '#f00' } } };
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject(told);
    expect(await shop.rp.userInfo(tokens.access_token, shop.person.userId)).toMatchObject(told);
    const silent = await shop.rp.signIn(app, shop.person);
    expect(decodeJwt(silent.id_token ?? '')).not.toHaveProperty('groups');
  });

  it('lose a user who is deleted', async () => {
    const groupId = await create({ name: 'Leaving' });
    const gone = await ownUser(scene);
    await add(groupId, gone);
    expect((await admin.delete(`/v1/manage/users/${gone}`)).status).toBe(204);
    expect((await admin.get(`/v1/groups/${groupId}/users`)).body.result).toEqual([]);
  });
});
