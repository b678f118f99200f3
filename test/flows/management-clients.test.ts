/** Applications, clients and secrets over the management API; every answer of a published route is held against its shape. */
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { checked } from '../support/openapi.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const MISSING = { status: 404, body: { error_code: 404, message: expect.any(String) } };
const BAD = { status: 400, body: { error_code: 400, message: expect.any(Array) } };
const SIX_DEFAULTS = {
  authentication_protocol: 'oidc',
  client_type: 'web',
  pkce: 'allowPkceAlongsideClientCredentials',
  supported_prompts: ['login', 'consent', 'none'],
  token_expiration: { access_token_ttl: 3600, refresh_token_ttl: 1_209_600, max_refresh_rotate: 1_209_600 },
  session_expiration: 1_209_600,
};
/** What a new client shows where its creator said nothing (C3, D12). */
const EMPTY = {
  description: '',
  resources: [],
  client_group_id: '',
  default_custom_claims: [],
  default_user_info_claims: [],
  role_ids: [],
  allowed_scopes: [],
  consent_uri: '',
  consent_uris: [],
  is_third_party: false,
  consent_validity_period: 2_592_000,
  device_authorization: { enabled: false, approval_uri: '', success_uri: '', input_uri: '' },
  ciba_authorization: { enabled: false, login_uri: '' },
};

describe.each(policyStorages)('applications and clients as published ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let one: Scene;
  let other: Scene;
  let admin: Api;
  let client: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    [one, other] = [await setScene(app), await setScene(app)];
    admin = checked(api(app, await adminToken(app)));
    client = checked(api(app, await clientToken(app, one)));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const works = async (clientId: string, clientSecret: string): Promise<number> =>
    (
      await postForm(
        `${app.url}/oidc/token`,
        { grant_type: 'client_credentials' },
        { clientId, clientSecret },
      )
    ).status;
  /** The two families of paths to the clients of application one, with a token for each. */
  const families = (): [string, Api][] => [
    [`/v1/applications/${one.appId}/clients`, client],
    [`/v1/applications/${one.appId}/clients`, admin],
    ['/v1/clients', client],
  ];

  it('creates an application with a default client, from first_client or from the deprecated members (R101, R105, C16, D11)', async () => {
    const chosen = { client_id: 'chosen-by-me', client_secret: 'chosen-by-me-too' };
    const first = await admin.post('/v1/applications', {
      app_name: 'With a first client',
      first_client: { name: 'First', redirect_uris: [REDIRECT_URI], ...chosen },
    });
    const deprecated = await admin.post('/v1/applications', {
      app_name: 'With the deprecated members',
      client_display_name: 'Deprecated',
      redirect_uris: [REDIRECT_URI],
      app_description: '',
      login_uri: '',
      subdomain: '',
      custom_domain: '',
      ...chosen,
    });
    for (const { status, body } of [first, deprecated]) {
      expect(status).toBe(201);
      expect(body.result).toMatchObject({ application_type: 'basic', redirect_uris: [REDIRECT_URI] });
      expect(body.result.client_id).not.toBe(chosen.client_id);
      expect(await works(body.result.client_id, body.result.client_secret)).toBe(200);
      const read = await admin.get(`/v1/applications/${body.result.app_id}`);
      expect(read.body.result).toMatchObject({
        client_secret: null,
        client_secret_hint: body.result.client_secret.slice(-4),
      });
    }
  });

  it('lists, reads and short-lists applications: all with an admin token, the own one with a client token (R156, R158, C26)', async () => {
    for (const path of ['/v1/applications', '/v1/applications/list']) {
      const all = (await admin.get(path)).body.result.map(({ app_id }: { app_id: string }) => app_id);
      expect(all).toEqual(expect.arrayContaining([one.appId, other.appId]));
      const own = (await client.get(path)).body.result;
      expect(own).toMatchObject([{ app_id: one.appId, tenant_id: expect.any(String) }]);
      expect(own[0]).not.toHaveProperty('logo');
    }
    expect(await client.get(`/v1/applications/${one.appId}`)).toMatchObject({
      status: 200,
      body: { result: { app_id: one.appId, logo: '' } },
    });
    for (const path of [`/v1/applications/${other.appId}`, '/v1/applications/nobody'])
      for (const call of [client.get(path), client.put(path, { app_name: 'Mine' }), client.delete(path)])
        expect(await call).toMatchObject(MISSING);
  });

  it('lets a client token create an application that is then out of its reach (C26)', async () => {
    const created = await client.post('/v1/applications', { app_name: 'New', client_display_name: 'New' });
    expect(created.status).toBe(201);
    const path = `/v1/applications/${created.body.result.app_id}`;
    expect(await client.get(path)).toMatchObject(MISSING);
    expect((await admin.delete(path)).status).toBe(204);
    expect(await admin.get(path)).toMatchObject(MISSING);
    expect(await works(created.body.result.client_id, created.body.result.client_secret)).toBe(401);
  });

  it('merges an update at the top level, and takes back what a read gave', async () => {
    const path = `/v1/applications/${one.appId}`;
    const changed = await admin.put(path, {
      app_description: 'Sells things',
      custom_domain: `login-${one.appId.toLowerCase().replace(/[^a-z0-9]/g, 'x')}.example.com`,
      refresh_token_invalidation_trigger_configuration: { invalidateOnMemberRoleUpdate: false },
    });
    expect(changed.body.result).toMatchObject({
      app_description: 'Sells things',
      custom_domain: { status: 'pending' },
      refresh_token_invalidation_trigger_configuration: {
        invalidateOnMemberSuspension: true,
        invalidateOnMemberRoleUpdate: false,
      },
    });
    const again = await admin.put(path, changed.body.result);
    const { updated_at: _, ...rest } = changed.body.result;
    expect(again).toMatchObject({ status: 200, body: { result: rest } });
  });

  it('answers 409 identifier_taken for a subdomain or custom domain in use, and 400 for a second hub (C23)', async () => {
    const hub = { is_centralized: true, login_uri: 'https://hub.example.com' };
    const mine = { subdomain: 'shop-one', custom_domain: 'shop-one.example.com' };
    const first = { app_name: 'A', client_display_name: 'A', authenticator_preferences: hub, ...mine };
    expect((await admin.post('/v1/applications', first)).status).toBe(201);
    for (const [name, value] of Object.entries(mine)) {
      const taken = { status: 409, body: { error_code: 409, ts_error_code: 'identifier_taken' } };
      const second = { app_name: 'B', client_display_name: 'B', [name]: value };
      expect(await admin.post('/v1/applications', second)).toMatchObject(taken);
      expect(await admin.put(`/v1/applications/${one.appId}`, { [name]: value })).toMatchObject(taken);
    }
    expect(
      await admin.put(`/v1/applications/${one.appId}`, { authenticator_preferences: hub }),
    ).toMatchObject(BAD);
  });

  it('refuses addresses of an application that browsers would run (C20)', async () => {
    const bad = ['javascript:alert(1)', ' JAVASCRIPT:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x'];
    for (const value of bad)
      for (const body of [
        { login_uri: value },
        { invite_member_uri: value },
        { authenticator_preferences: { is_centralized: false, login_uri: value } },
      ]) {
        const answer = await admin.put(`/v1/applications/${one.appId}`, body);
        expect(answer).toMatchObject({
          status: 400,
          body: { message: [expect.stringContaining('browsers run')] },
        });
      }
    for (const value of ['', 'https://shop.example.com/login', 'com.example.app://login'])
      expect((await admin.put(`/v1/applications/${one.appId}`, { login_uri: value })).status).toBe(200);
  });

  it('gives one sentence for each problem of a body (C2)', async () => {
    const answer = await admin.post('/v1/applications', { app_name: 7, client_type: 'desk', nonsense: 1 });
    expect(answer).toMatchObject({ status: 400, body: { error_code: 400 } });
    expect(answer.body.message).toEqual([
      expect.stringContaining('client_type'),
      expect.stringContaining('app_name'),
      'nonsense is not a known field',
    ]);
  });

  it('has the same client operations in both families of paths (R1, R2, R3)', async () => {
    for (const [path, caller] of families()) {
      const created = await caller.post(path, { name: 'Made', redirect_uris: [REDIRECT_URI] });
      expect(created).toMatchObject({ status: 201, body: { app_id: one.appId, name: 'Made' } });
      const at = `${path}/${created.body.client_id}`;
      expect((await caller.get(path)).body.map((c: { client_id: string }) => c.client_id)).toContain(
        created.body.client_id,
      );
      expect(await caller.get(at)).toMatchObject({
        status: 200,
        body: { name: 'Made', client_secret: null },
      });
      expect(await caller.put(at, { description: 'Changed' })).toMatchObject({
        status: 200,
        body: { name: 'Made', description: 'Changed', client_id: created.body.client_id },
      });
      expect((await caller.delete(at)).status).toBe(204);
      for (const call of [caller.get(at), caller.put(at, {}), caller.delete(at)])
        expect(await call).toMatchObject(MISSING);
    }
  });

  it('makes OIDC web clients with the published defaults (R9, R40, R44, R52, R84, R86, R88, R98, R99, C3, D12)', async () => {
    const bodies = await Promise.all(
      ['A', 'B'].map(async (name) => (await client.post('/v1/clients', { name, redirect_uris: [] })).body),
    );
    for (const made of bodies) {
      expect(made).toMatchObject({ ...SIX_DEFAULTS, ...EMPTY });
      expect(made.token_endpoint_auth_method).toBe('client_secret_basic');
      expect(made.authentication_configuration).toMatchObject({ method: 'client_secret_basic' });
      expect(made.client_id).toMatch(/^[\w-]{1,50}$/);
      expect(made.client_secret).toMatch(/^[\w-]{43,50}$/);
      expect(await works(made.client_id, made.client_secret)).toBe(200);
    }
    expect(bodies[0].client_id).not.toBe(bodies[1].client_id);
    expect(bodies[0].client_secret).not.toBe(bodies[1].client_secret);
  });

  it('takes back the empty values and the whole of what a read gave (C3, C15, R102)', async () => {
    const made = await client.post('/v1/clients', {
      name: 'Round trip',
      redirect_uris: [REDIRECT_URI],
      resources: [one.resource.resourceId],
      ...Object.fromEntries(Object.entries(EMPTY).filter(([name]) => name !== 'resources')),
    });
    expect(made).toMatchObject({ status: 201, body: { resources: [one.resource.resourceId] } });
    const at = `/v1/clients/${made.body.client_id}`;
    const { updated_at: _, ...read } = (await client.get(at)).body;
    expect(await client.put(at, { ...read, client_id: 'another', client_secret: 'another' })).toMatchObject({
      status: 200,
      body: read,
    });
    expect(await works(made.body.client_id, made.body.client_secret)).toBe(200);
  });

  it('keeps name, description and third-party mark as given (R25, R29, C11)', async () => {
    const body = { name: 'Partner', redirect_uris: [REDIRECT_URI], description: 'Reads orders' };
    const made = await client.post('/v1/clients', {
      ...body,
      is_third_party: true,
      consent_uris: ['https://consent.example.com/a', 'https://consent.example.com/b'],
    });
    expect(made.body).toMatchObject({
      ...body,
      is_third_party: true,
      consent_uri: 'https://consent.example.com/a',
    });
    const one = await client.put(`/v1/clients/${made.body.client_id}`, {
      consent_uri: 'https://consent.example.com/c',
    });
    expect(one.body.consent_uris).toEqual(['https://consent.example.com/c']);
  });

  it('refuses what a client may not be, with 400 (R22, R24, R39, R41, R65)', async () => {
    const made = await client.post('/v1/clients', {
      name: 'Native',
      redirect_uris: ['com.example.app://callback'],
      client_type: 'native',
    });
    expect(made.status).toBe(201);
    for (const wrong of [
      { client_type: 'desktop' },
      { client_type: 'web' },
      { authentication_protocol: 'saml' },
      { sp_entity_id: 'https://sp.example.com', sp_acs_url: 'https://sp.example.com/acs' },
      { resources: ['no-such-resource'] },
      { default_custom_claims: ['shoe_size'] },
      { supported_prompts: ['create'] },
      { token_expiration: { access_token_ttl: 0 } },
      { session_expiration: 1.5 },
      { role_ids: null },
      { sync_id_token_claims_to_userinfo: true, default_user_info_claims: ['email'] },
    ])
      expect(await client.put(`/v1/clients/${made.body.client_id}`, wrong)).toMatchObject(BAD);
    for (const missing of [
      { name: 'No redirect URIs' },
      { redirect_uris: [] },
      { name: '', redirect_uris: [] },
    ])
      expect(await client.post('/v1/clients', missing)).toMatchObject(BAD);
    expect((await client.get(`/v1/clients/${made.body.client_id}`)).body.client_type).toBe('native');
  });

  it('does not reach a client of another application, whichever path names it (R1, R4, R156, C1)', async () => {
    for (const [path, caller] of [
      [`/v1/applications/${other.appId}/clients`, client],
      [`/v1/applications/${one.appId}/clients`, client],
      ['/v1/clients', client],
      ['/v1/clients', admin],
    ] as const) {
      const at = `${path}/${other.clientId}`;
      for (const call of [
        caller.get(at),
        caller.put(at, { name: 'Mine' }),
        caller.delete(at),
        caller.put(`${at}/resources`, { resource_ids: [] }),
        caller.get(`${at}/secrets`),
        caller.post(`${at}/secrets`),
      ])
        expect(await call).toMatchObject(MISSING);
    }
    expect(await works(other.clientId, other.clientSecret)).toBe(200);
    const own = (await admin.get('/v1/clients')).body;
    expect(own).toMatchObject([{ client_id: app.management.clientId }]);
  });

  it('replaces the resource list of a client, and of the default client through its application (R61, R142, C15)', async () => {
    const ids = { resource_ids: [one.resource.resourceId] };
    const unknown = { resource_ids: ['no-such-resource'] };
    for (const [path, caller] of families()) {
      const made = await caller.post(path, { name: 'Reads', redirect_uris: [] });
      expect(made.body.resources).toEqual([]);
      const at = `${path}/${made.body.client_id}/resources`;
      expect(await caller.put(at, ids)).toMatchObject({ status: 200, body: { resources: ids.resource_ids } });
      for (const wrong of [unknown, {}, { resource_ids: 'all' }])
        expect(await caller.put(at, wrong)).toMatchObject(BAD);
      expect(await caller.put(at, { resource_ids: [] })).toMatchObject({
        status: 200,
        body: { resources: [] },
      });
    }
    const path = `/v1/applications/${one.appId}/resources`;
    expect(await client.put(path, { resource_ids: [other.resource.resourceId] })).toMatchObject({
      body: { result: { client_id: one.clientId, resources: [other.resource.resourceId] } },
    });
    expect(await client.put(path, ids)).toMatchObject({ status: 200 });
    expect(await client.put(path, unknown)).toMatchObject(BAD);
    expect(await client.put(`/v1/applications/${other.appId}/resources`, ids)).toMatchObject(MISSING);
  });

  it('rotates a secret without changing the client: two at most, the last one stays (R104, R106, D11)', async () => {
    for (const [path, caller] of families()) {
      const made = (await caller.post(path, { name: 'Rotates', redirect_uris: [] })).body;
      const at = `${path}/${made.client_id}/secrets`;
      const [first] = (await caller.get(at)).body;
      expect(first).toEqual({
        id: expect.any(String),
        client_secret: null,
        client_secret_hint: made.client_secret.slice(-4),
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      });
      expect(await caller.delete(`${at}/${first.id}`)).toMatchObject(BAD);
      const second = await caller.post(at);
      expect(second).toMatchObject({ status: 201, body: { client_secret: expect.any(String) } });
      expect(await caller.post(at)).toMatchObject(BAD);
      for (const secret of [made.client_secret, second.body.client_secret])
        expect(await works(made.client_id, secret)).toBe(200);
      expect(await caller.delete(`${at}/no-such-secret`)).toMatchObject(MISSING);
      expect((await caller.delete(`${at}/${first.id}`)).status).toBe(204);
      expect(await works(made.client_id, made.client_secret)).toBe(401);
      expect(await works(made.client_id, second.body.client_secret)).toBe(200);
    }
  });

  it('deletes every client of an application at once; an admin token makes it usable again', async () => {
    const third = await setScene(app);
    const own = checked(api(app, await clientToken(app, third)));
    expect((await own.delete('/v1/clients')).status).toBe(204);
    expect(await own.get('/v1/clients')).toMatchObject({ status: 401, body: { message: 'Invalid token' } });
    const path = `/v1/applications/${third.appId}/clients`;
    expect((await admin.get(path)).body).toEqual([]);
    const made = await admin.post(path, { name: 'Again', redirect_uris: [] });
    expect(await works(made.body.client_id, made.body.client_secret)).toBe(200);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(`/v1/applications/${third.appId}`)).body.result).not.toHaveProperty('client_id');
    expect(await admin.delete('/v1/applications/nobody/clients')).toMatchObject(MISSING);
  });
});
