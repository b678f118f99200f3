/** Client groups of the SSO Service, and the clients that join them (contract/management-api.md 14). */
import pg from 'pg';
import { ssoGroupAnswer } from '../../src/admin/sso-group-schema.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken, read } from '../support/management.ts';
import { checked, shapeFaults } from '../support/openapi.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const BASE = '/v1/sso-service/sso-group';
const BODY = { name: 'Intranet', configuration: { journey: 'default' } };
const BAD = { status: 400, body: { error_code: 400, message: expect.any(Array) } };
const MISSING = { status: 404, body: { error_code: 404, message: expect.any(String) } };

describe.each(policyStorages)('client groups ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  let client: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = checked(api(app, await adminToken(app)));
    client = checked(api(app, await clientToken(app, scene)));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const make = async (): Promise<string> => {
    const made = await admin.post(BASE, BODY);
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body.result.app_id;
  };
  let count = 0;
  const oidc = (fields: object) => ({ name: 'Web', redirect_uris: [REDIRECT_URI], ...fields });
  const saml = (fields: object) => {
    count += 1;
    const own = { name: 'Federated', sp_entity_id: `https://sp-${count}.example.com` };
    return { ...own, authentication_protocol: 'saml', ...fields };
  };

  it('are made, listed, read, changed and deleted with a client or an admin token', async () => {
    const policy = { name: 'two-steps', rules: { methods: ['password'] } };
    expect((await admin.post('/v1/sso-service/policies', policy)).status).toBe(201);
    for (const caller of [client, admin]) {
      const made = await caller.post(BASE, { ...BODY, description: 'Staff' });
      expect(made).toMatchObject({
        status: 201,
        body: {
          result: {
            name: 'Intranet',
            description: 'Staff',
            app_name: 'Intranet',
            app_description: 'Staff',
            configuration: { journey: 'default', allowSilentLogin: false },
          },
        },
      });
      expect(ssoGroupAnswer.shape.result.strict().parse(made.body.result)).toEqual(made.body.result);
      const at = `${BASE}/${made.body.result.app_id}`;
      expect((await caller.get(at)).body).toEqual(made.body);
      expect((await caller.get(BASE)).body.result).toContainEqual(made.body.result);
      const configuration = {
        journey: policy.name,
        allowSilentLogin: true,
        sessionTimeout: 8,
        sessionTimeoutGranularity: 'hours',
      };
      expect(await caller.put(at, { configuration })).toMatchObject({
        status: 200,
        body: { result: { name: 'Intranet', description: 'Staff', configuration } },
      });
      const { updated_at, ...seen } = (await caller.get(at)).body.result;
      const again = await caller.put(at, { ...seen, updated_at });
      expect(again).toMatchObject({ status: 200, body: { result: seen } });
      expect(Object.keys(again.body.result.configuration)).toHaveLength(4);
      expect((await caller.put(at, BODY)).body.result.configuration).toEqual({
        journey: 'default',
        allowSilentLogin: false,
      });
      expect((await caller.delete(at)).status).toBe(204);
      for (const call of [caller.get(at), caller.put(at, {}), caller.delete(at)])
        expect(await call).toMatchObject(MISSING);
    }
  });

  it('answer in the shape of an application, but are none', async () => {
    const groupId = await make();
    const group = (await admin.get(`${BASE}/${groupId}`)).body.result;
    expect(shapeFaults('ApiApp', group)).toEqual([]);
    expect(await admin.get(`/v1/applications/${groupId}`)).toMatchObject(MISSING);
    expect(await admin.post(`/v1/applications/${groupId}/clients`, oidc({}))).toMatchObject(MISSING);
    const listed = (await admin.get('/v1/applications')).body.result as { app_id: string }[];
    expect(listed.map((application) => application.app_id)).not.toContain(groupId);
  });

  it('need a name and a journey, and a session timeout that is one', async () => {
    const groupId = await make();
    for (const [configuration, sentence] of [
      [{}, 'configuration.journey is required'],
      [{ journey: '' }, 'configuration.journey'],
      [{ journey: 'default', allowSilentLogin: 'yes' }, 'configuration.allowSilentLogin'],
      [
        { journey: 'default', allow_silent_login: true },
        'configuration.allow_silent_login is not a known field',
      ],
      [{ journey: 'default', sessionTimeout: 0 }, 'configuration.sessionTimeout'],
      [{ journey: 'default', sessionTimeout: 1.5 }, 'configuration.sessionTimeout'],
      [
        { journey: 'default', sessionTimeout: 1, sessionTimeoutGranularity: 'months' },
        'configuration.sessionTimeoutGranularity',
      ],
      [{ journey: 'default', sessionTimeoutGranularity: 'hours' }, 'needs sessionTimeout'],
      [
        { journey: 'default', sessionTimeout: 10_000, sessionTimeoutGranularity: 'weeks' },
        'must not be longer than',
      ],
    ] as const)
      for (const answer of [
        await admin.post(BASE, { name: 'X', configuration }),
        await admin.put(`${BASE}/${groupId}`, { configuration }),
      ]) {
        expect(answer).toMatchObject(BAD);
        expect(answer.body.message.join()).toContain(sentence);
      }
    expect(await admin.post(BASE, { name: 'X' })).toMatchObject(BAD);
    expect(await admin.post(BASE, { configuration: BODY.configuration })).toMatchObject(BAD);
    const seconds = { journey: 'default', sessionTimeout: 90 };
    expect((await admin.put(`${BASE}/${groupId}`, { configuration: seconds })).body.result).toMatchObject({
      configuration: { ...seconds, sessionTimeoutGranularity: 'seconds' },
    });
  });

  it('are joined by OIDC and SAML clients, at their creation and later', async () => {
    const client_group_id = await make();
    for (const body of [oidc, saml]) {
      const at = `/v1/applications/${scene.appId}/clients`;
      const made = await client.post(at, body({ client_group_id }));
      expect(made).toMatchObject({ status: 201, body: { client_group_id } });
      const later = await client.post(at, body({}));
      expect(later).toMatchObject({ status: 201, body: { client_group_id: '' } });
      const one = `${at}/${later.body.client_id}`;
      for (const to of [client_group_id, '', client_group_id]) {
        expect(await client.put(one, { client_group_id: to })).toMatchObject({ status: 200 });
        expect((await client.get(one)).body.client_group_id).toBe(to);
      }
    }
    const first = await admin.post('/v1/applications', {
      app_name: 'X',
      first_client: oidc({ client_group_id }),
    });
    expect(first.status).toBe(201);
  });

  it('stay while they have clients: 409 until the last one leaves or is deleted', async () => {
    const client_group_id = await make();
    const group = `${BASE}/${client_group_id}`;
    const inUse = { status: 409, body: { error_code: 409, message: 'Client group has clients' } };
    const one = `/v1/clients/${(await client.post('/v1/clients', oidc({ client_group_id }))).body.client_id}`;
    const two = `/v1/clients/${(await client.post('/v1/clients', saml({ client_group_id }))).body.client_id}`;
    expect(await admin.delete(group)).toMatchObject(inUse);
    expect((await client.put(one, { client_group_id: '' })).status).toBe(200);
    expect(await admin.delete(group)).toMatchObject(inUse);
    expect((await client.delete(two)).status).toBe(204);
    expect((await admin.delete(group)).status).toBe(204);
    expect(await admin.delete(group)).toMatchObject(MISSING);
    expect(await client.put(one, { client_group_id })).toMatchObject(BAD);
  });

  it('are never without a client that is in them, nor is one waited for in vain, whoever comes first', async () => {
    for (let round = 0; round < 5; round += 1) {
      const client_group_id = await make();
      const inside = await client.post('/v1/clients', oidc({ client_group_id }));
      const outside = await client.post('/v1/clients', oidc({}));
      const [stays, joins, deleted] = await Promise.all([
        client.put(`/v1/clients/${inside.body.client_id}`, { client_group_id, description: 'changed' }),
        client.put(`/v1/clients/${outside.body.client_id}`, { client_group_id }),
        admin.delete(`${BASE}/${client_group_id}`),
      ]);
      expect([stays.status, joins.status, deleted.status]).toEqual([200, 200, 409]);
      const leaves = { client_group_id: '' };
      const left = await Promise.all([
        client.put(`/v1/clients/${inside.body.client_id}`, leaves),
        client.put(`/v1/clients/${outside.body.client_id}`, leaves),
        admin.delete(`${BASE}/${client_group_id}`),
      ]);
      expect(left.map(({ status }) => status).slice(0, 2)).toEqual([200, 200]);
      expect([204, 409]).toContain(left[2].status);
    }
  });

  it('have to be there: a client that names an unknown one is not made, and nothing is left behind', async () => {
    const before = (await client.get('/v1/clients')).body.length;
    const applications = (await admin.get('/v1/applications')).body.result.length;
    // The id of an application is no id of a group.
    for (const client_group_id of ['no-such-group', scene.appId]) {
      const refusal = {
        ...BAD,
        body: { message: [`client_group_id: unknown client group ${client_group_id}`] },
      };
      for (const body of [oidc({ client_group_id }), saml({ client_group_id })]) {
        expect(await client.post('/v1/clients', body)).toMatchObject(refusal);
        expect(await admin.post('/v1/applications', { app_name: 'X', first_client: body })).toMatchObject(
          refusal,
        );
      }
      expect(await client.put(`/v1/clients/${scene.clientId}`, { client_group_id })).toMatchObject(refusal);
    }
    expect((await client.get('/v1/clients')).body).toHaveLength(before);
    expect((await admin.get('/v1/applications')).body.result).toHaveLength(applications);
    // The entity ID of the refused client is still free.
    const body = saml({ client_group_id: 'no-such-group' });
    expect(await client.post('/v1/clients', body)).toMatchObject(BAD);
    expect((await client.post('/v1/clients', { ...body, client_group_id: '' })).status).toBe(201);
  });

  // Only a server's database can be given a second tenant from outside.
  it('of another tenant do not exist: not to be read, changed, deleted or joined (C1)', async () => {
    const groupId = `foreign-${scene.appId}`;
    if (storage.databaseUrl !== undefined) {
      const database = new pg.Client({ connectionString: storage.databaseUrl });
      await database.connect();
      await database.query("insert into tenants (tenant_id, name) values ('rival', 'Rival')");
      await database.query(
        `insert into sso_groups (tenant_id, group_id, name, description, configuration, created_by)
         values ('rival', $1, 'Theirs', '', '{"journey":"default"}', 'them')`,
        [groupId],
      );
      await database.end();
    }
    const at = `${BASE}/${groupId}`;
    for (const call of [admin.get(at), admin.put(at, { name: 'Mine' }), admin.delete(at)])
      expect(await call).toMatchObject(MISSING);
    const listed = (await admin.get(BASE)).body.result as { app_id: string }[];
    expect(listed.map((group) => group.app_id)).not.toContain(groupId);
    for (const body of [oidc({ client_group_id: groupId }), saml({ client_group_id: groupId })])
      expect(await client.post('/v1/clients', body)).toMatchObject(BAD);
    const one = `/v1/applications/${scene.appId}/clients/${scene.clientId}`;
    expect(await admin.put(one, { client_group_id: groupId })).toMatchObject(BAD);
  });

  it('have no clients with client roles, from either side', async () => {
    const client_group_id = await make();
    const role = await admin.post('/v1/roles', { role_name: 'reads', permissions: ['apps:read'] });
    const role_ids = [role.body.result.role_id];
    const at = `/v1/applications/${scene.appId}/clients`;
    expect(await admin.post(at, oidc({ client_group_id, role_ids }))).toMatchObject(BAD);
    const member = await admin.post(at, oidc({ client_group_id }));
    expect(await admin.put(`${at}/${member.body.client_id}`, { role_ids })).toMatchObject(BAD);
    const holder = await admin.post(at, oidc({ role_ids }));
    expect(await admin.put(`${at}/${holder.body.client_id}`, { client_group_id })).toMatchObject(BAD);
    expect((await admin.get(`${at}/${member.body.client_id}`)).body.role_ids).toEqual([]);
    expect((await admin.get(`${at}/${holder.body.client_id}`)).body.client_group_id).toBe('');
  });

  it('are not changed or deleted over a state that the writer has not seen (If-Match)', async () => {
    const groupId = await make();
    const token = await adminToken(app);
    const call = async (method: string, version = '*', fields?: object): Promise<Answer> =>
      read(
        await fetch(`${app.url}${BASE}/${groupId}`, {
          method,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'application/json',
            'if-match': version,
          },
          ...(fields && { body: JSON.stringify(fields) }),
        }),
      );
    const version = String((await call('GET')).headers.get('etag'));
    const changed = await call('PUT', version, { description: 'first' });
    expect(changed.status).toBe(200);
    expect((await call('PUT', version, { description: 'second' })).status).toBe(412);
    expect((await call('DELETE', version)).status).toBe(412);
    expect((await admin.get(`${BASE}/${groupId}`)).body.result.description).toBe('first');
    expect((await call('DELETE', String(changed.headers.get('etag')))).status).toBe(204);
  });

  it('are for client tokens whose roles say so (D15)', async () => {
    const groupId = await make();
    const other = await setScene(app);
    const role = await admin.post('/v1/roles', {
      role_name: 'reads groups',
      permissions: ['sso-service:read'],
    });
    const give = { role_ids: [role.body.result.role_id] };
    await admin.put(`/v1/applications/${other.appId}/clients/${other.clientId}`, give);
    const limited = api(app, await clientToken(app, other));
    expect((await limited.get(BASE)).status).toBe(200);
    expect((await limited.get(`${BASE}/${groupId}`)).status).toBe(200);
    for (const call of [
      limited.post(BASE, BODY),
      limited.put(`${BASE}/${groupId}`, {}),
      limited.delete(`${BASE}/${groupId}`),
    ])
      expect((await call).status).toBe(403);
  });

  describe('their sign-in policies (saml.md 4)', () => {
    const POLICIES = '/v1/sso-service/policies';
    let policies = 0;
    const makePolicy = async (fields: object = {}) => {
      policies += 1;
      const body = { name: `Clerks ${policies}`, rules: { methods: ['passkey', 'password'] }, ...fields };
      const made = await admin.post(POLICIES, body);
      if (made.status !== 201) throw new Error(JSON.stringify(made.body));
      return { ...made.body.result, at: `${POLICIES}/${made.body.result.policy_id}` };
    };

    it('are made, listed, read, changed and deleted with a client or an admin token', async () => {
      for (const caller of [client, admin]) {
        const rules = { methods: ['email_otp'], identifiers: ['email'], second_factor: 'required' };
        const made = await caller.post(POLICIES, { name: 'Nurses', description: 'Wards', rules });
        expect(made).toMatchObject({
          status: 201,
          body: { result: { name: 'Nurses', description: 'Wards', rules } },
        });
        const at = `${POLICIES}/${made.body.result.policy_id}`;
        expect((await caller.get(at)).body).toEqual(made.body);
        expect((await caller.get(POLICIES)).body.result).toContainEqual(made.body.result);
        const changed = await caller.put(at, { ...made.body.result, rules: { methods: ['password'] } });
        expect(changed.body.result).toMatchObject({
          name: 'Nurses',
          rules: {
            methods: ['password'],
            identifiers: ['email', 'phone_number', 'username'],
            second_factor: 'application',
          },
        });
        expect((await caller.delete(at)).status).toBe(204);
        for (const call of [caller.get(at), caller.put(at, {}), caller.delete(at)])
          expect(await call).toMatchObject(MISSING);
      }
    });

    it('need a name of their own, which is not that of hosted login, and rules that can be followed', async () => {
      const { name, at } = await makePolicy();
      const rules = { methods: ['password'] };
      expect(await admin.post(POLICIES, { name, rules })).toMatchObject({
        status: 409,
        body: { message: 'name is already taken by another sign-in policy' },
      });
      for (const [body, sentence] of [
        [{ rules }, 'name is required'],
        [{ name: 'X' }, 'rules is required'],
        [{ name: 'default', rules }, 'stands for hosted login'],
        [{ name: ' default ', rules }, 'stands for hosted login'],
        [{ name: 'X', rules: { methods: [] } }, 'rules.methods'],
        [{ name: 'X', rules: { methods: ['password', 'password'] } }, 'must not name the same twice'],
        [{ name: 'X', rules: { methods: ['face'] } }, 'rules.methods'],
        [{ name: 'X', rules: { ...rules, identifiers: [] } }, 'rules.identifiers'],
        [{ name: 'X', rules: { ...rules, second_factor: 'off' } }, 'rules.second_factor'],
        [{ name: 'X', rules: { ...rules, mfa: 'required' } }, 'rules.mfa is not a known field'],
      ] as const) {
        const answer = await admin.post(POLICIES, body);
        expect(answer).toMatchObject(BAD);
        expect(answer.body.message.join()).toContain(sentence);
      }
      expect(await admin.put(at, { name: 'default' })).toMatchObject(BAD);
    });

    it('are what a journey names: another one is refused, and one in use stays under its name', async () => {
      const unknown = { journey: 'no such policy' };
      const groupId = await make();
      for (const answer of [
        await admin.post(BASE, { name: 'X', configuration: unknown }),
        await admin.put(`${BASE}/${groupId}`, { configuration: unknown }),
      ]) {
        expect(answer).toMatchObject(BAD);
        expect(answer.body.message.join()).toContain('configuration.journey: unknown sign-in policy');
      }
      expect((await admin.get(`${BASE}/${groupId}`)).body.result.configuration.journey).toBe('default');
      const { name, at } = await makePolicy();
      expect((await admin.put(`${BASE}/${groupId}`, { configuration: { journey: name } })).status).toBe(200);
      const inUse = { status: 409, body: { message: expect.stringContaining('used by a client group') } };
      expect(await admin.delete(at)).toMatchObject(inUse);
      expect(await admin.put(at, { name: 'Another' })).toMatchObject(inUse);
      expect((await admin.put(at, { rules: { methods: ['password'] } })).status).toBe(200);
      expect((await admin.put(`${BASE}/${groupId}`, { configuration: { journey: 'default' } })).status).toBe(
        200,
      );
      expect((await admin.put(at, { name: `${name} renamed` })).status).toBe(200);
      expect((await admin.delete(at)).status).toBe(204);
    });

    it('of another tenant do not exist, and no journey names them (C1)', async () => {
      if (storage.databaseUrl !== undefined) {
        const database = new pg.Client({ connectionString: storage.databaseUrl });
        await database.connect();
        await database.query("insert into tenants (tenant_id, name) values ('other', 'Other')");
        await database.query(
          `insert into sign_in_policies (tenant_id, policy_id, name, description, rules)
           values ('other', 'foreign-policy', 'Theirs', '', '{}')`,
        );
        await database.end();
      }
      const at = `${POLICIES}/foreign-policy`;
      for (const call of [admin.get(at), admin.put(at, { name: 'Mine' }), admin.delete(at)])
        expect(await call).toMatchObject(MISSING);
      expect(await admin.post(BASE, { name: 'X', configuration: { journey: 'Theirs' } })).toMatchObject(BAD);
      expect((await makePolicy({ name: 'Theirs' })).name).toBe('Theirs');
    });

    it('are not changed or deleted over a state that the writer has not seen (If-Match)', async () => {
      const { at } = await makePolicy();
      const token = await adminToken(app);
      const call = async (method: string, version: string, fields?: object): Promise<Answer> =>
        read(
          await fetch(`${app.url}${at}`, {
            method,
            headers: {
              authorization: `Bearer ${token}`,
              'content-type': 'application/json',
              'if-match': version,
            },
            ...(fields && { body: JSON.stringify(fields) }),
          }),
        );
      const version = String((await call('GET', '*')).headers.get('etag'));
      const changed = await call('PUT', version, { description: 'first' });
      expect(changed.status).toBe(200);
      expect((await call('PUT', version, { description: 'second' })).status).toBe(412);
      expect((await call('DELETE', version)).status).toBe(412);
      expect((await call('DELETE', String(changed.headers.get('etag')))).status).toBe(204);
    });
  });
});
