/** Organizations over HTTP: themselves, their applications, logo, managed organizations and the roles they may give. */
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken, read } from '../support/management.ts';
import { answerFaults, checked } from '../support/openapi.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

describe.each(policyStorages)('organizations ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let other: Scene;
  let token: string;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    other = await setScene(app);
    token = await adminToken(app);
    admin = checked(api(app, token));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const ALL = '/v1/organizations';
  const create = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
    const answer = await admin.post(ALL, { name, app_ids: [scene.appId], ...more });
    if (answer.status !== 201) throw new Error(`none: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body.result.organization_id;
  };
  const upload = async (id: string, content: Uint8Array, field = 'logo'): Promise<Answer> => {
    const form = new FormData();
    form.set(field, new Blob([new Uint8Array(content)]), 'logo.png');
    const path = `${ALL}/${id}/logo`;
    const headers = { authorization: `Bearer ${token}` };
    const answer = await read(await fetch(app.url + path, { method: 'POST', body: form, headers }));
    expect(answerFaults('POST', path, answer)).toEqual([]);
    return answer;
  };

  it('are created, found by id and name, listed, changed and deleted (management-api.md 13)', async () => {
    const body = { name: 'Acme & Söhne/Co', domains: ['Acme.example', 'acme.test'], alias_name: 'acme' };
    const created = await admin.post(ALL, { ...body, app_ids: [scene.appId] });
    expect(created).toMatchObject({
      status: 201,
      body: {
        result: {
          ...body,
          domain: 'acme.example',
          domains: ['acme.example', 'acme.test'],
          enabled: true,
          app_ids: [scene.appId],
          managed_organizations_by_app: {},
          created_at: expect.any(Number),
        },
      },
    });
    const { result } = created.body;
    const one = `${ALL}/${result.organization_id}`;
    expect((await admin.get(one)).body).toEqual({ result });
    const name = encodeURIComponent(body.name);
    expect((await admin.get(`${ALL}/name/${name}`)).body).toEqual({ result });
    expect((await admin.get(`${ALL}?name=${name}`)).body).toEqual({ result: [result] });
    expect((await admin.get(`${ALL}?name=nobody`)).body).toEqual({ result: [] });
    expect((await admin.get(ALL)).body.result).toContainEqual(result);
    expect(await admin.put(one, { ...result, enabled: false })).toMatchObject({
      status: 200,
      body: { result: { enabled: false, name: body.name, domains: result.domains } },
    });
    expect((await admin.put(one, { domain: 'one.example' })).body.result.domains).toEqual(['one.example']);
    expect((await admin.delete(one)).status).toBe(204);
    for (const again of [admin.get(one), admin.put(one, {}), admin.delete(one)])
      expect((await again).status).toBe(404);
  });

  it('take either of domain and domains, and none of what is no domain (C16)', async () => {
    const app_ids = [scene.appId];
    const single = await admin.post(ALL, { name: 'Single', domain: 'single.example', app_ids });
    expect(single.body.result).toMatchObject({ domain: 'single.example', domains: ['single.example'] });
    const list = await admin.post(ALL, { name: 'List', domains: ['a.example', 'b.example'], app_ids });
    expect(list.body.result).toMatchObject({ domain: 'a.example', domains: ['a.example', 'b.example'] });
    for (const body of [
      { name: 'Bad', domain: 'https://x.example', app_ids },
      { name: 'Bad', domains: ['a b'], app_ids },
      { name: 'Bad' },
      { app_ids },
    ])
      expect((await admin.post(ALL, body)).status).toBe(400);
  });

  it('have a name that is unique in the tenant (C23)', async () => {
    await create('Taken');
    const second = await create('Not taken');
    const taken = { status: 409, body: { ts_error_code: 'identifier_taken' } };
    expect(await admin.post(ALL, { name: 'Taken', app_ids: [] })).toMatchObject(taken);
    expect(await admin.put(`${ALL}/${second}`, { name: 'Taken' })).toMatchObject(taken);
    const under = `${ALL}/${second}/applications/${scene.appId}/managed-organizations`;
    expect(await admin.post(under, { name: 'Taken' })).toMatchObject(taken);
  });

  it('are closed to client and user tokens (tokens-and-sessions.md 1)', async () => {
    const id = await create('Closed');
    const tokens = await scene.rp.signIn(app, scene.person);
    for (const stranger of [api(app, await clientToken(app, scene)), api(app, tokens.access_token)])
      for (const answer of [
        await stranger.get(ALL),
        await stranger.get(`${ALL}/${id}`),
        await stranger.put(`${ALL}/${id}`, { name: 'Mine' }),
        await stranger.delete(`${ALL}/${id}`),
        await stranger.get(`${ALL}/${id}/members`),
        await stranger.post(`${ALL}/${id}/applications/${scene.appId}/managed-organizations`, { name: 'X' }),
      ])
        expect(answer.status).toBe(403);
    expect((await admin.get(`${ALL}/${id}`)).body.result.name).toBe('Closed');
  });

  it('are not changed over a state that the caller has not seen (If-Match)', async () => {
    const one = `${ALL}/${await create('Versions')}`;
    const seen = (await admin.get(one)).headers.get('etag') ?? '';
    await admin.put(one, { alias_name: 'newer' });
    const headers = { authorization: `Bearer ${token}`, 'if-match': seen };
    expect((await fetch(app.url + one, { method: 'DELETE', headers })).status).toBe(412);
    expect((await admin.get(one)).body.result.alias_name).toBe('newer');
  });

  it('get applications and lose them, with a body on DELETE', async () => {
    const apps = `${ALL}/${await create('Apps', { app_ids: [] })}/apps`;
    const now = async () => (await admin.get(apps.slice(0, -'/apps'.length))).body.result.app_ids;
    for (const once of [1, 2])
      expect([once, (await admin.put(apps, { app_ids: [scene.appId, other.appId] })).status]).toEqual([
        once,
        204,
      ]);
    expect((await now()).sort()).toEqual([scene.appId, other.appId].sort());
    expect(await admin.put(apps, { app_ids: ['nobody'] })).toMatchObject({
      status: 400,
      body: { message: ['app_ids: unknown application nobody'] },
    });
    expect((await admin.delete(apps, { app_ids: [other.appId] })).status).toBe(204);
    expect((await admin.delete(apps, { app_ids: [other.appId] })).status).toBe(404);
    expect((await admin.delete(apps, {})).status).toBe(400);
    expect(await now()).toEqual([scene.appId]);
  });

  it('do not take the management application, nor keep a deleted one', async () => {
    const { appId } = await setScene(app);
    const id = await create('Shrinking', { app_ids: [appId, scene.appId] });
    expect((await admin.delete(`/v1/applications/${appId}`)).status).toBe(204);
    expect((await admin.get(`${ALL}/${id}`)).body.result.app_ids).toEqual([scene.appId]);
    expect((await admin.post(ALL, { name: 'Ghost', app_ids: [appId] })).status).toBe(400);
  });

  it('show a logo that was uploaded, to everybody, as a picture and nothing else', async () => {
    const id = await create('Logo');
    expect((await admin.get(`${ALL}/${id}`)).body.result).not.toHaveProperty('logo_url');
    expect((await upload(id, PNG)).status).toBe(202);
    const { logo_url } = (await admin.get(`${ALL}/${id}`)).body.result;
    const { pathname, search } = new URL(logo_url);
    const shown = await fetch(app.url + pathname + search);
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png']);
    expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
    expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(PNG);
    expect((await admin.delete(`${ALL}/${id}`)).status).toBe(204);
    expect((await fetch(app.url + pathname + search)).status).toBe(404);
  });

  it('refuse a logo with script, too large, without a file, or for an organization that is not there', async () => {
    const id = await create('No logo');
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const large = Buffer.concat([PNG, Buffer.alloc(201 * 1024)]);
    for (const [content, field] of [
      [svg, 'logo'],
      [large, 'logo'],
      [PNG, 'picture'],
    ] as const)
      expect((await upload(id, content, field)).status).toBe(400);
    expect((await upload('nobody', PNG)).status).toBe(404);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=x' };
    const broken = await fetch(`${app.url}${ALL}/${id}/logo`, { method: 'POST', headers, body: 'garbage' });
    expect(broken.status).toBe(400);
    expect((await admin.post(`${ALL}/${id}/logo`, { logo: 'data:image/png;base64,' })).status).toBe(400);
    expect((await admin.get(`${ALL}/${id}`)).body.result).not.toHaveProperty('logo_url');
  });

  it('manage others in one of their applications, which outlive them', async () => {
    const id = await create('Parent');
    const under = (appId: string) => `${ALL}/${id}/applications/${appId}/managed-organizations`;
    const made = await admin.post(under(scene.appId), { name: 'Child', domain: 'child.example' });
    expect(made).toMatchObject({
      status: 201,
      body: { result: { managing_organization_id: id, app_ids: [scene.appId], domain: 'child.example' } },
    });
    const child = made.body.result.organization_id;
    expect((await admin.get(`${ALL}/${id}`)).body.result.managed_organizations_by_app).toEqual({
      [scene.appId]: [child],
    });
    expect((await admin.post(under(other.appId), { name: 'Elsewhere' })).status).toBe(404);
    expect((await admin.delete(`${ALL}/${id}`)).status).toBe(204);
    expect((await admin.get(`${ALL}/${child}`)).body.result).not.toHaveProperty('managing_organization_id');
  });

  it('are given roles and role groups of an application, which replace those before', async () => {
    const id = await create('Roles');
    const place = `/v1/applications/${scene.appId}/organizations/${id}`;
    const roles = `/v1/applications/${scene.appId}/roles`;
    const roleId = (await admin.post(roles, { role_name: 'org-clerk' })).body.result.role_id;
    const groups = `/v1/applications/${scene.appId}/role-groups`;
    const groupId = (await admin.post(groups, { name: 'org-clerks' })).body.result.group_id;
    await admin.post(`${groups}/${groupId}/roles/set`, { role_ids: [roleId] });
    expect((await admin.post(`${place}/role-groups/set`, { role_group_ids: [groupId] })).status).toBe(202);
    const defaults = ['organizationAdmin', 'organizationCreator'].map((role_id) =>
      expect.objectContaining({ role_id, role_name: role_id }),
    );
    const role_groups = [
      expect.objectContaining({ group_id: groupId, roles: [expect.objectContaining({ role_id: roleId })] }),
    ];
    expect((await admin.get(`${place}/role-groups`)).body).toEqual({
      result: { role_groups, default_organization_roles: defaults },
    });
    expect((await admin.post(`${place}/roles-and-groups/set`, { role_ids: [roleId] })).status).toBe(202);
    expect((await admin.get(`${place}/roles-and-groups`)).body.result).toMatchObject({
      role_groups,
      roles: [{ role_id: roleId, role_name: 'org-clerk' }],
    });
    const unknown = { role_group_ids: [], role_ids: ['nobody'] };
    expect((await admin.post(`${place}/roles-and-groups/set`, unknown)).status).toBe(404);
    // A refusal changes nothing.
    expect((await admin.get(`${place}/role-groups`)).body.result.role_groups).toEqual(role_groups);
    expect((await admin.delete(`${roles}/${roleId}`)).status).toBe(202);
    expect((await admin.get(`${place}/roles-and-groups`)).body.result.roles).toEqual([]);
  });

  it('are not given roles of another application, nor in one that they do not have', async () => {
    const id = await create('Foreign roles');
    const foreign = (await admin.post(`/v1/applications/${other.appId}/roles`, { role_name: 'theirs' })).body
      .result.role_id;
    const place = (appId: string) => `/v1/applications/${appId}/organizations/${id}/roles-and-groups`;
    expect((await admin.post(`${place(scene.appId)}/set`, { role_ids: [foreign] })).status).toBe(404);
    expect((await admin.post(`${place(other.appId)}/set`, { role_ids: [foreign] })).status).toBe(404);
    expect((await admin.get(place(other.appId))).status).toBe(404);
    expect((await admin.get(place(scene.appId))).body.result.roles).toEqual([]);
  });
});
