/** Service providers of the older form, and the applications that name them (contract/management-api.md 15). */
import { X509Certificate } from 'node:crypto';
import pg from 'pg';
import { serviceProviderAnswer } from '../../src/admin/service-provider-schema.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken, read } from '../support/management.ts';
import { checked } from '../support/openapi.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const BASE = '/v1/serviceprovider/saml2';
const BODY = {
  name: 'Payroll',
  assertion_consumer_service_URL: 'https://sp.example.com/acs',
  entity_id: 'https://sp.example.com',
};
const BAD = { status: 400, body: { error_code: 400, message: expect.any(Array) } };
const MISSING = {
  status: 404,
  body: { error_code: 404, message: 'Service provider does not exist in tenant' },
};

describe.each(policyStorages)('service providers ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  let client: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage, env: { LOG_LEVEL: 'trace' } });
    scene = await setScene(app);
    admin = checked(api(app, await adminToken(app)));
    client = checked(api(app, await clientToken(app, scene)));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const make = async (fields: Record<string, unknown> = {}): Promise<Answer['body']> => {
    const made = await admin.post(BASE, { ...BODY, ...fields });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body.result;
  };

  it('are made, listed, read, changed and deleted with a client or an admin token', async () => {
    for (const caller of [client, admin]) {
      const made = await caller.post(BASE, BODY);
      expect(made).toMatchObject({
        status: 201,
        body: { result: { ...BODY, description: '', name_qualifier: '' } },
      });
      const { service_provider_id: id, pub_cert } = made.body.result;
      expect(made.body.result).toMatchObject({
        saml_url: `${app.env.PUBLIC_URL}/cis/v1/serviceprovider/saml2/sso/${id}`,
        issuer: `${app.env.PUBLIC_URL}/cis/v1/serviceprovider/saml2/${id}`,
        tenant_id: expect.any(String),
      });
      expect(serviceProviderAnswer.shape.result.strict().parse(made.body.result)).toEqual(made.body.result);
      expect((await caller.get(BASE)).body.result).toContainEqual(made.body.result);
      const at = `${BASE}/${id}`;
      expect((await caller.get(at)).body).toEqual(made.body);
      const changes = { description: 'Pays', name_qualifier: 'sp.example.com' };
      expect(await caller.put(at, changes)).toMatchObject({
        status: 200,
        body: { result: { ...BODY, ...changes, pub_cert } },
      });
      const { updated_at, ...seen } = (await caller.get(at)).body.result;
      expect(await caller.put(at, { ...seen, updated_at, pub_cert: 'x', issuer: 'x' })).toMatchObject({
        status: 200,
        body: { result: seen },
      });
      expect((await caller.delete(at)).status).toBe(204);
      for (const call of [caller.get(at), caller.put(at, {}), caller.delete(at)])
        expect(await call).toMatchObject(MISSING);
    }
  });

  it('have a self-signed certificate each, whose private key is nowhere to be seen', async () => {
    const [one, other] = [await make(), await make()];
    const certificate = new X509Certificate(one.pub_cert);
    expect(certificate.subject).toBe('CN=Payroll');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(new X509Certificate(other.pub_cert).publicKey.equals(certificate.publicKey)).toBe(false);
    expect(app.output() + JSON.stringify([one, other])).not.toContain('PRIVATE KEY');
    if (storage.databaseUrl === undefined) return;
    const database = new pg.Client({ connectionString: storage.databaseUrl });
    await database.connect();
    const found = await database.query(
      `select row_to_json(m)::text like '%PRIVATE KEY%' as plain from saml_certificates m`,
    );
    await database.end();
    expect(new Set(found.rows.map((row) => row.plain))).toEqual(new Set([false]));
  });

  it('take no value that cannot work', async () => {
    const { service_provider_id: id } = await make();
    for (const name of Object.keys(BODY))
      expect(await admin.post(BASE, { ...BODY, [name]: undefined })).toMatchObject({
        ...BAD,
        body: { message: [`${name} is required`] },
      });
    for (const wrong of [
      { name: '' },
      { entity_id: '' },
      { entity_id: 'two words' },
      { assertion_consumer_service_URL: '' },
      { assertion_consumer_service_URL: 'http://sp.example.com/acs' },
      { assertion_consumer_service_URL: 'com.example.app://acs' },
      { assertion_consumer_service_URL: 'javascript://sp.example.com/%0aalert(1)' },
      { name_qualifier: 7 },
    ])
      for (const call of [admin.post(BASE, { ...BODY, ...wrong }), admin.put(`${BASE}/${id}`, wrong)]) {
        const answer = await call;
        expect(answer).toMatchObject(BAD);
        expect(answer.body.message.join()).toContain(Object.keys(wrong)[0]);
      }
    expect((await admin.get(`${BASE}/${id}`)).body.result).toMatchObject(BODY);
  });

  it('are named by applications: those that are there, by their ids, at creation and later', async () => {
    const ids = [(await make()).service_provider_id, (await make()).service_provider_id];
    const at = `/v1/applications/${scene.appId}`;
    for (const caller of [client, admin])
      expect(await caller.put(at, { service_providers: ids.toReversed() })).toMatchObject({
        status: 200,
        body: { result: { service_providers: ids.toReversed() } },
      });
    const unknown = { service_providers: [ids[0], 'no-such-provider'] };
    const refusal = {
      ...BAD,
      body: { message: ['service_providers: unknown service provider no-such-provider'] },
    };
    expect(await client.put(at, { ...unknown, app_description: 'never kept' })).toMatchObject(refusal);
    const before = (await admin.get('/v1/applications')).body.result.length;
    expect(
      await admin.post('/v1/applications', { app_name: 'X', client_display_name: 'X', ...unknown }),
    ).toMatchObject(refusal);
    expect((await admin.get('/v1/applications')).body.result).toHaveLength(before);
    const seen = (await admin.get(at)).body.result;
    expect(seen).toMatchObject({ service_providers: ids.toReversed() });
    expect(seen.app_description).not.toBe('never kept');
    expect((await admin.put(at, { service_providers: [] })).status).toBe(200);
  });

  it('stay while an application names them: 409 until it lets go, or is deleted', async () => {
    const { service_provider_id: id } = await make();
    const named = { service_providers: [id] };
    const at = `${BASE}/${id}`;
    const made = await admin.post('/v1/applications', {
      app_name: 'Names it',
      client_display_name: 'X',
      ...named,
    });
    expect(made).toMatchObject({ status: 201, body: { result: named } });
    const application = `/v1/applications/${made.body.result.app_id}`;
    const inUse = { status: 409, body: { error_code: 409, message: 'Service provider in use' } };
    expect(await admin.delete(at)).toMatchObject(inUse);
    expect((await admin.put(application, { app_description: 'unrelated' })).status).toBe(200);
    expect(await admin.delete(at)).toMatchObject(inUse);
    expect((await admin.put(application, { service_providers: [] })).status).toBe(200);
    expect((await admin.put(application, named)).status).toBe(200);
    expect(await admin.delete(at)).toMatchObject(inUse);
    expect((await admin.delete(application)).status).toBe(204);
    expect((await admin.delete(at)).status).toBe(204);
    expect(await admin.delete(at)).toMatchObject(MISSING);
  });

  it('are never named by an application after they were deleted, even at the same moment', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { service_provider_id: id } = await make();
      const at = `/v1/applications/${scene.appId}`;
      const [named, deleted] = await Promise.all([
        admin.put(at, { service_providers: [id] }),
        admin.delete(`${BASE}/${id}`),
      ]);
      expect([
        [200, 409],
        [400, 204],
      ]).toContainEqual([named.status, deleted.status]);
      await admin.put(at, { service_providers: [] });
    }
  });

  // Only a server's database can be given a second tenant from outside.
  it('of another tenant do not exist: not to be read, changed, deleted or named (C1)', async () => {
    const id = `foreign-${scene.appId}`;
    if (storage.databaseUrl !== undefined) {
      const database = new pg.Client({ connectionString: storage.databaseUrl });
      await database.connect();
      await database.query("insert into tenants (tenant_id, name) values ('rival', 'Rival')");
      await database.query(
        `insert into service_providers (tenant_id, service_provider_id, name, description,
           assertion_consumer_service_url, entity_id, name_qualifier)
         values ('rival', $1, 'Theirs', '', 'https://them.example.com/acs', 'https://them.example.com', '')`,
        [id],
      );
      await database.end();
    }
    const at = `${BASE}/${id}`;
    for (const call of [admin.get(at), admin.put(at, { name: 'Mine' }), admin.delete(at)])
      expect(await call).toMatchObject(MISSING);
    const listed = (await admin.get(BASE)).body.result as { service_provider_id: string }[];
    expect(listed.map((provider) => provider.service_provider_id)).not.toContain(id);
    const named = { service_providers: [id] };
    expect(await admin.put(`/v1/applications/${scene.appId}`, named)).toMatchObject(BAD);
  });

  it('are not changed or deleted over a state that the writer has not seen (If-Match)', async () => {
    const { service_provider_id: id } = await make();
    const token = await adminToken(app);
    const call = async (method: string, version = '*', fields?: object): Promise<Answer> =>
      read(
        await fetch(`${app.url}${BASE}/${id}`, {
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
    expect((await admin.get(`${BASE}/${id}`)).body.result.description).toBe('first');
    expect((await call('DELETE', String(changed.headers.get('etag')))).status).toBe(204);
  });

  it('are for client tokens whose roles say so (D15, C32)', async () => {
    const { service_provider_id: id } = await make();
    const other = await setScene(app);
    const role = await admin.post('/v1/roles', {
      role_name: 'reads providers',
      permissions: ['service-providers:read'],
    });
    const give = { role_ids: [role.body.result.role_id] };
    await admin.put(`/v1/applications/${other.appId}/clients/${other.clientId}`, give);
    const limited = api(app, await clientToken(app, other));
    expect((await limited.get(BASE)).status).toBe(200);
    expect((await limited.get(`${BASE}/${id}`)).status).toBe(200);
    for (const call of [
      limited.post(BASE, BODY),
      limited.put(`${BASE}/${id}`, {}),
      limited.delete(`${BASE}/${id}`),
    ])
      expect((await call).status).toBe(403);
  });
});
