/** Members of organizations: managed over HTTP, signing in with `org_id`, and administrators of their own organization. */
import { decodeJwt } from 'jose';
import { signIn as submitSignIn } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { checked } from '../support/openapi.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty } from '../support/third-party.ts';

const ALL = '/v1/organizations';

describe.each(policyStorages)('members of organizations ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let other: Scene;
  let admin: Api;
  let names = 0;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    other = await setScene(app);
    admin = checked(api(app, await adminToken(app)));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const create = async (): Promise<string> =>
    (await admin.post(ALL, { name: `Org ${names++}`, app_ids: [scene.appId] })).body.result.organization_id;
  const addMember = (id: string, userId = scene.person.userId, roleIds: string[] = []) =>
    admin.post(`${ALL}/${id}/members`, { user_id: userId, app_id: scene.appId, role_ids: roleIds });
  const signIn = (id: string, more: Record<string, string> = {}) =>
    scene.rp.signIn(app, scene.person, { parameters: { org_id: id, ...more } });
  /** The error that the application gets at its redirect URI. */
  const refusal = async (of: Scene, id: string): Promise<string | null> => {
    const { url } = await of.rp.authorize({ org_id: id });
    const end = await submitSignIn(app, url, of.person.identifier, of.person.password);
    return end.searchParams.get('error');
  };
  const newRole = async (of: Scene, name: string): Promise<string> =>
    (await admin.post(`/v1/applications/${of.appId}/roles`, { role_name: name })).body.result.role_id;
  const rolesPath = (id: string, member: string, appId = scene.appId) =>
    `/v1/applications/${appId}/organizations/${id}/members/${member}/roles`;
  /** The API as an administrator of this organization. */
  const administrator = async (id: string, role = 'organizationAdmin'): Promise<Api> => {
    const added = await addMember(id, scene.person.userId, [role]);
    if (added.status !== 201) throw new Error(JSON.stringify(added.body));
    return api(app, (await signIn(id)).access_token);
  };

  it('are added once, listed with their roles, and removed once', async () => {
    const id = await create();
    const { userId } = scene.person;
    const added = await addMember(id, userId, ['organizationAdmin']);
    const member = {
      member_id: userId,
      user_id: userId,
      added_at: expect.any(Number),
      roles_by_app: { [scene.appId]: ['organizationAdmin'] },
    };
    expect(added).toMatchObject({ status: 201, body: { result: member } });
    expect((await addMember(id)).status).toBe(409);
    expect((await admin.get(`${ALL}/${id}/members`)).body).toEqual({ result: [member] });
    expect((await admin.delete(`${ALL}/${id}/members/${userId}`)).status).toBe(204);
    expect((await admin.delete(`${ALL}/${id}/members/${userId}`)).status).toBe(404);
    for (const body of [
      { user_id: 'nobody' },
      { user_id: userId, role_ids: [] },
      { user_id: userId, app_id: scene.appId, role_ids: ['nobody'] },
    ])
      expect((await admin.post(`${ALL}/${id}/members`, body)).status).toBe(400);
    expect((await admin.get(`${ALL}/${id}/members`)).body.result).toEqual([]);
  });

  it('get roles of the application, which replace those before (management-api.md 10)', async () => {
    const id = await create();
    await addMember(id);
    const [roleId, foreign] = [await newRole(scene, 'member-role'), await newRole(other, 'foreign-role')];
    const path = rolesPath(id, scene.person.userId);
    expect((await admin.post(path, { role_ids: [roleId, 'organizationCreator'] })).status).toBe(204);
    expect((await admin.post(path, { role_ids: [foreign] })).status).toBe(400);
    expect((await admin.post(rolesPath(id, other.person.userId), { role_ids: [] })).status).toBe(404);
    expect((await admin.post(rolesPath(id, scene.person.userId, other.appId), { role_ids: [] })).status).toBe(
      404,
    );
    const [member] = (await admin.get(`${ALL}/${id}/members`)).body.result;
    expect(member.roles_by_app).toEqual({ [scene.appId]: [roleId, 'organizationCreator'] });
    // Only a sign-in for the organization brings them.
    expect(decodeJwt((await signIn(id)).access_token).roles).toEqual([roleId, 'organizationCreator']);
    expect(decodeJwt((await scene.rp.signIn(app, scene.person)).access_token).roles).toEqual([]);
    await admin.delete(`/v1/applications/${scene.appId}/roles/${roleId}`);
    expect(decodeJwt((await signIn(id)).access_token).roles).toEqual(['organizationCreator']);
  });

  it('end with the user’s place in the application, and stay where another application keeps the user', async () => {
    const { userId } = scene.person;
    const [only, shared, foreign] = [await create(), await create(), await create()];
    await admin.put(`${ALL}/${shared}/apps`, { app_ids: [other.appId] });
    await admin.put(`${ALL}/${foreign}/apps`, { app_ids: [other.appId] });
    await admin.delete(`${ALL}/${foreign}/apps`, { app_ids: [scene.appId] });
    for (const id of [only, shared]) await addMember(id, userId, ['organizationAdmin']);
    for (const id of [shared, foreign]) {
      await admin.post(`${ALL}/${id}/members`, { user_id: userId });
      await admin.post(rolesPath(id, userId, other.appId), { role_ids: ['organizationCreator'] });
    }
    const roleId = await newRole(scene, 'leaver');
    const assignments = `/v1/applications/${scene.appId}/roles/${roleId}/assignments`;
    await admin.post(assignments, { entity_ids: [userId], entity_type: 'User' });
    await other.rp.signIn(app, scene.person);
    const tokens = await Promise.all([only, shared].map((id) => signIn(id)));
    const own = api(app, await clientToken(app, scene));
    expect((await own.delete(`/v1/users/${userId}/apps`)).status).toBe(204);
    const roles = async (id: string) =>
      (await admin.get(`${ALL}/${id}/members`)).body.result.map(
        ({ roles_by_app }: { roles_by_app: unknown }) => roles_by_app,
      );
    expect(await roles(only)).toEqual([]);
    for (const id of [shared, foreign])
      expect(await roles(id)).toEqual([{ [other.appId]: ['organizationCreator'] }]);
    for (const { access_token } of tokens)
      expect((await api(app, access_token).get(`${ALL}/${shared}/members`)).status).toBe(401);
    expect((await admin.delete(`${assignments}/${userId}`)).status).toBe(404);
    // Back in the application by signing in, but not back in the organization.
    await scene.rp.signIn(app, scene.person);
    const { url } = await scene.rp.authorize({ org_id: only });
    const end = await submitSignIn(app, url, scene.person.identifier, scene.person.password);
    expect(end.searchParams.get('error')).toBe('access_denied');
  });

  it('sign in with org_id: claim organization in the ID token, org_id in the access token', async () => {
    const id = await create();
    await addMember(id);
    const tokens = await signIn(id);
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ organization: id });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ org_id: id });
    const plain = await scene.rp.signIn(app, scene.person);
    expect(decodeJwt(plain.id_token ?? '')).not.toHaveProperty('organization');
    expect(decodeJwt(plain.access_token)).not.toHaveProperty('org_id');
  });

  it('keep the organization in refreshed tokens and in pushed requests', async () => {
    const id = await create();
    await addMember(id, scene.person.userId, ['organizationAdmin']);
    const { refresh_token = '' } = await signIn(id, { scope: 'openid offline_access', prompt: 'consent' });
    const refreshed = await scene.rp.refresh(refresh_token);
    expect(decodeJwt(refreshed.access_token)).toMatchObject({ org_id: id, roles: ['organizationAdmin'] });
    const pushed = await scene.rp.push({ org_id: id });
    const end = await submitSignIn(app, pushed.url, scene.person.identifier, scene.person.password);
    const tokens = await scene.rp.redeem(end, pushed);
    expect(decodeJwt(tokens.id_token ?? '')).toMatchObject({ organization: id });
  });

  it('do not show their organization to a third-party client (R97)', async () => {
    const id = await create();
    await addMember(id);
    const { rp } = await addThirdParty(app, scene);
    const { url } = await rp.authorize({ org_id: id });
    const answer = await fetch(url, { redirect: 'manual' });
    const location = new URL(answer.headers.get('location') ?? '', app.url);
    expect(location.searchParams.get('error')).toBe('invalid_request');
  });

  it('are the only ones who sign in for it, while it is enabled and has the application', async () => {
    const id = await create();
    expect(await refusal(scene, id)).toBe('access_denied');
    expect(await refusal(scene, 'nobody')).toBe('access_denied');
    expect(await refusal(scene, '\u0000')).not.toBeNull();
    await addMember(id);
    expect(await refusal(scene, id)).toBeNull();
    // The same person is no member by way of an application that the organization does not have.
    await admin.post(`${ALL}/${id}/members`, { user_id: other.person.userId });
    expect(await refusal(other, id)).toBe('access_denied');
    await admin.put(`${ALL}/${id}`, { enabled: false });
    expect(await refusal(scene, id)).toBe('access_denied');
  });

  it('lose what they obtained there with the membership, the application, the organization or its being enabled', async () => {
    const ends: [string, (id: string) => Promise<unknown>][] = [
      ['membership', (id) => admin.delete(`${ALL}/${id}/members/${scene.person.userId}`)],
      ['application', (id) => admin.delete(`${ALL}/${id}/apps`, { app_ids: [scene.appId] })],
      ['organization', (id) => admin.delete(`${ALL}/${id}`)],
      ['enabled', (id) => admin.put(`${ALL}/${id}`, { enabled: false })],
    ];
    for (const [what, end] of ends) {
      const id = await create();
      await addMember(id);
      const more = { scope: 'openid offline_access', prompt: 'consent' };
      const [there, plain] = [await signIn(id, more), await scene.rp.signIn(app, scene.person)];
      await end(id);
      const [gone, kept] = [
        await scene.rp.introspect(there.access_token),
        await scene.rp.introspect(plain.access_token),
      ];
      expect([what, gone.active, kept.active]).toEqual([what, false, true]);
      await expect(scene.rp.refresh(there.refresh_token ?? '')).rejects.toMatchObject({
        error: 'invalid_grant',
      });
    }
  });

  it('go with the user', async () => {
    const id = await create();
    const { user_id } = (await admin.post('/v1/users', { email: `gone-${names++}@example.com` })).body.result;
    await addMember(id, user_id, ['organizationAdmin']);
    await admin.delete(`/v1/manage/users/${user_id}`);
    expect((await admin.get(`${ALL}/${id}/members`)).body.result).toEqual([]);
  });

  it.each(['organizationAdmin', 'organizationCreator'])(
    'with the role %s manage the members of their organization (tokens-and-sessions.md 1)',
    async (role) => {
      const id = await create();
      const own = await administrator(id, role);
      // Adding a user of the application; the scene's other person is no user of it.
      expect((await own.post(`${ALL}/${id}/members`, { user_id: other.person.userId })).status).toBe(400);
      const colleague = (
        await api(app, await clientToken(app, scene)).post('/v1/users', {
          email: `colleague-${names++}@example.com`,
        })
      ).body.result.user_id;
      expect((await own.post(`${ALL}/${id}/members`, { user_id: colleague })).status).toBe(201);
      expect((await own.get(`${ALL}/${id}/members`)).body.result).toHaveLength(2);
      const roleId = await newRole(scene, `${role}-gives`);
      // A role of the application is theirs to give once the organization has it.
      expect((await own.post(rolesPath(id, colleague), { role_ids: [roleId] })).status).toBe(400);
      await admin.post(`/v1/applications/${scene.appId}/organizations/${id}/roles-and-groups/set`, {
        role_ids: [roleId],
      });
      expect((await own.post(rolesPath(id, colleague), { role_ids: [roleId] })).status).toBe(204);
      expect((await own.delete(`${ALL}/${id}/members/${colleague}`)).status).toBe(204);
      const under = `${ALL}/${id}/applications/${scene.appId}/managed-organizations`;
      expect(await own.post(under, { name: `Managed by ${role}` })).toMatchObject({
        status: 201,
        body: { result: { managing_organization_id: id } },
      });
    },
  );

  it('who administrate one organization reach no other, and nothing else of the tenant', async () => {
    const [id, foreign] = [await create(), await create()];
    await addMember(foreign);
    const own = await administrator(id);
    for (const [status, answer] of [
      [404, await own.get(`${ALL}/${foreign}/members`)],
      [404, await own.post(`${ALL}/${foreign}/members`, { user_id: other.person.userId })],
      [404, await own.delete(`${ALL}/${foreign}/members/${scene.person.userId}`)],
      [404, await own.post(rolesPath(foreign, scene.person.userId), { role_ids: ['organizationAdmin'] })],
      [404, await own.post(rolesPath(id, scene.person.userId, other.appId), { role_ids: [] })],
      [403, await own.get(ALL)],
      [403, await own.get(`${ALL}/${id}`)],
      [403, await own.delete(`${ALL}/${id}`)],
      [403, await own.put(`${ALL}/${id}/apps`, { app_ids: [other.appId] })],
      [403, await own.get('/v1/users')],
    ] as const)
      expect(answer.status).toBe(status);
  });

  it('without such a role, or without org_id, administrate nothing, and losing the role counts at once', async () => {
    const id = await create();
    const own = await administrator(id);
    const plain = api(app, (await scene.rp.signIn(app, scene.person)).access_token);
    expect((await plain.get(`${ALL}/${id}/members`)).status).toBe(403);
    expect((await own.get(`${ALL}/${id}/members`)).status).toBe(200);
    await admin.post(rolesPath(id, scene.person.userId), { role_ids: [] });
    expect((await own.get(`${ALL}/${id}/members`)).status).toBe(403);
  });
});
