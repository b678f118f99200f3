/** SAML clients over the management API; every answer of a published route is held against its shape. */
import { X509Certificate } from 'node:crypto';
import pg from 'pg';
import { oidcClientAnswer, samlClientAnswer } from '../../src/admin/client-answer-schema.ts';
import { Browser } from '../support/browser.ts';
import { type Identity, issue } from '../support/certificates.ts';
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
import { checked } from '../support/openapi.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const BAD = { status: 400, body: { error_code: 400, message: expect.any(Array) } };
const TAKEN = { status: 409, body: { error_code: 409, ts_error_code: 'identifier_taken' } };
const DEFAULTS = {
  authentication_protocol: 'saml',
  description: '',
  resources: [],
  client_group_id: '',
  default_custom_claims: [],
  default_user_info_claims: [],
  sync_id_token_claims_to_userinfo: false,
  short_cookies_samesite_type: 'lax',
  sp_acs_url: '',
  sp_acs_endpoints: [],
  sp_name_id_type: 'email',
  sign_assertion: true,
  optional_acs_url: true,
  use_centralized_login: false,
  sp_certificates: [],
  want_authn_requests_signed: false,
  encrypt_assertion: false,
  sp_encryption_certificate: '',
  attribute_mapping: {},
  signature_algorithm: 'rsa-sha256',
  clock_skew_seconds: 60,
  idp_initiated: true,
  sp_slo_url: '',
  sp_slo_binding: 'redirect',
};

describe.each(policyStorages)('SAML clients ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  let client: Api;
  let identity: Identity;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage, env: { LOG_LEVEL: 'trace' } });
    scene = await setScene(app);
    admin = checked(api(app, await adminToken(app)));
    client = checked(api(app, await clientToken(app, scene)));
    identity = await issue({ subject: [['CN', 'provider']] });
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  let count = 0;
  const body = (fields: Record<string, unknown> = {}): Record<string, unknown> => {
    count += 1;
    const own = { name: 'Payroll', sp_entity_id: `https://sp-${count}.example.com/metadata` };
    return { ...own, authentication_protocol: 'saml', ...fields };
  };
  const make = async (fields: Record<string, unknown> = {}): Promise<Answer['body']> => {
    const made = await client.post('/v1/clients', body(fields));
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    return made.body;
  };

  it('are made, read, listed, changed and deleted in both families of paths (R110, R112, D17)', async () => {
    for (const [path, caller] of [
      [`/v1/applications/${scene.appId}/clients`, client],
      [`/v1/applications/${scene.appId}/clients`, admin],
      ['/v1/clients', client],
    ] as const) {
      const made = await caller.post(path, body());
      expect(made).toMatchObject({ status: 201, body: { app_id: scene.appId, ...DEFAULTS } });
      const { client_id: id, client_secret: secret, sp_entity_id } = made.body;
      expect(secret).toMatch(/^[\w-]{43,50}$/);
      expect(made.body).toMatchObject({
        metadata_url: `${app.env.PUBLIC_URL}/saml/${id}/metadata`,
        entity_id: `${app.env.PUBLIC_URL}/saml/${id}/metadata`,
        sso_url: `${app.env.PUBLIC_URL}/saml/${id}/sso`,
      });
      const at = `${path}/${id}`;
      const shown = await caller.get(at);
      const { client_secret: _, ...rest } = made.body;
      expect(shown.body).toEqual({ ...rest, client_secret: null });
      expect(samlClientAnswer.strict().parse(shown.body)).toEqual(shown.body);
      expect((await caller.get(path)).body).toContainEqual(shown.body);
      const changes = {
        description: 'Pays',
        sp_acs_url: 'https://sp.example.com/acs',
        sp_name_id_type: 'username',
      };
      const changed = await caller.put(at, changes);
      expect(changed).toMatchObject({ status: 200, body: { ...changes, sp_entity_id } });
      expect(changed.body.x509_certificate).toBe(made.body.x509_certificate);
      expect((await caller.delete(at)).status).toBe(204);
      for (const call of [caller.get(at), caller.put(at, { sp_acs_url: '' }), caller.delete(at)])
        expect((await call).status).toBe(404);
    }
  });

  it('have a self-signed certificate of their own, in their name', async () => {
    const [one, other] = [await make({ name: 'Löhne' }), await make()];
    const certificate = new X509Certificate(one.x509_certificate);
    expect(certificate.subject).toBe('CN=Löhne');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    const rival = new X509Certificate(other.x509_certificate);
    expect(rival.publicKey.equals(certificate.publicKey)).toBe(false);
    expect(rival.serialNumber).not.toBe(certificate.serialNumber);
  });

  it('keep every field as given, and take back the whole of what a read gave', async () => {
    const fields = {
      description: 'Pays salaries',
      resources: [scene.resource.resourceId],
      default_custom_claims: ['email', 'username'],
      default_user_info_claims: ['email'],
      short_cookies_samesite_type: 'none',
      supported_prompts: ['login'],
      sp_acs_url: 'https://sp.example.com/acs?tenant=1',
      sp_name_id_type: 'externalUserId',
      sign_assertion: false,
      optional_acs_url: false,
      use_centralized_login: true,
      sp_certificates: [identity.cert],
      want_authn_requests_signed: true,
      attribute_mapping: {
        email: {
          name: 'urn:oid:0.9.2342.19200300.100.1.3',
          friendly_name: 'mail',
          format: 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
        },
      },
      signature_algorithm: 'rsa-sha512',
      clock_skew_seconds: 0,
      idp_initiated: false,
      sp_slo_url: 'http://localhost:9000/slo',
      sp_slo_binding: 'post',
    };
    const made = await make(fields);
    const { supported_prompts: _, ...shown } = fields;
    expect(made).toMatchObject(shown);
    // Section 6: an input that is not in responses.
    expect(made).not.toHaveProperty('supported_prompts');
    const at = `/v1/clients/${made.client_id}`;
    const { updated_at, ...seen } = (await client.get(at)).body;
    const again = await client.put(at, {
      ...seen,
      updated_at,
      client_id: 'x',
      x509_certificate: 'x',
      entity_id: 'x',
    });
    expect(again).toMatchObject({ status: 200, body: seen });
    const resources = await client.put(`${at}/resources`, { resource_ids: [] });
    expect(resources).toMatchObject({ status: 200, body: { resources: [] } });
  });

  it('need a name and an entity ID, and take no value that cannot work (R115, R116, C20)', async () => {
    for (const missing of ['name', 'sp_entity_id'])
      expect(await client.post('/v1/clients', { ...body(), [missing]: undefined })).toMatchObject({
        ...BAD,
        body: { message: [`${missing} is required`] },
      });
    const made = await make();
    const wrong: [Record<string, unknown>, string][] = [
      [{ sp_entity_id: '' }, 'sp_entity_id'],
      [{ sp_entity_id: 'two words' }, 'sp_entity_id'],
      [{ sp_acs_url: 'http://sp.example.com/acs' }, 'sp_acs_url must use https'],
      [{ sp_acs_url: 'sp.example.com/acs' }, 'sp_acs_url must be an absolute URI'],
      [{ sp_acs_url: 'javascript://sp.example.com/%0aalert(1)' }, 'sp_acs_url'],
      [{ sp_acs_url: 'https://user:secret@sp.example.com/acs' }, 'sp_acs_url'],
      [{ sp_slo_url: 'com.example.app://slo' }, 'sp_slo_url must use https'],
      [{ sp_name_id_type: 'shoeSize' }, 'sp_name_id_type'],
      [{ signature_algorithm: 'rsa-sha1' }, 'signature_algorithm'],
      [{ clock_skew_seconds: -1 }, 'clock_skew_seconds'],
      [{ sp_slo_binding: 'artifact' }, 'sp_slo_binding'],
      [{ sp_certificates: ['nonsense'] }, 'sp_certificates.0 must hold one certificate'],
      [{ sp_certificates: [identity.cert + identity.cert] }, 'sp_certificates.0 must hold one certificate'],
      [{ sp_certificates: [identity.key] }, 'sp_certificates.0 must not hold a private key'],
      [{ want_authn_requests_signed: true }, 'want_authn_requests_signed needs sp_certificates'],
      [{ encrypt_assertion: true }, 'encrypt_assertion needs sp_encryption_certificate'],
      [{ attribute_mapping: { shoe_size: { name: 'size' } } }, 'attribute_mapping'],
      [
        { attribute_mapping: { email: { name: 'x' }, username: { name: 'x' } } },
        'attribute_mapping gives the name x',
      ],
      [{ sp_metadata: '<EntityDescriptor/>' }, 'sp_metadata'],
      [{ resources: ['no-such-resource'] }, 'no-such-resource'],
      [
        { sync_id_token_claims_to_userinfo: true, default_user_info_claims: ['email'] },
        'default_user_info_claims',
      ],
    ];
    for (const [fields, sentence] of wrong)
      for (const answer of [
        await client.put(`/v1/clients/${made.client_id}`, fields),
        await client.post('/v1/clients', body(fields)),
      ]) {
        expect(answer).toMatchObject(BAD);
        expect(answer.body.message.join()).toContain(sentence);
      }
    const { updated_at: _, client_secret: __, ...seen } = made;
    expect((await client.get(`/v1/clients/${made.client_id}`)).body).toMatchObject(seen);
  });

  it('encrypt to an RSA certificate of the provider: the one for encryption, or one that it signs with', async () => {
    const { x509_certificate: rsa } = await make();
    for (const fields of [{ sp_encryption_certificate: rsa }, { sp_certificates: [identity.cert, rsa] }])
      expect(await make({ encrypt_assertion: true, ...fields })).toMatchObject(fields);
    for (const fields of [{ sp_certificates: [identity.cert] }, { sp_encryption_certificate: identity.cert }])
      expect(await client.post('/v1/clients', body({ encrypt_assertion: true, ...fields }))).toMatchObject(
        BAD,
      );
  });

  it('have an entity ID that nobody else in the tenant has, whichever application it is in (R116, C23)', async () => {
    const [made, second] = [await make(), await make()];
    const taken = { sp_entity_id: made.sp_entity_id };
    const other = await setScene(app);
    expect(await client.post('/v1/clients', body(taken))).toMatchObject(TAKEN);
    expect(await admin.post(`/v1/applications/${other.appId}/clients`, body(taken))).toMatchObject(TAKEN);
    expect(
      await admin.post('/v1/applications', { app_name: 'Second', first_client: body(taken) }),
    ).toMatchObject(TAKEN);
    const at = `/v1/applications/${scene.appId}/clients/${second.client_id}`;
    expect(await admin.put(at, taken)).toMatchObject(TAKEN);
    expect((await client.delete(`/v1/clients/${made.client_id}`)).status).toBe(204);
    expect(await admin.put(at, taken)).toMatchObject({ status: 200, body: taken });
  });

  it('never get one entity ID twice, even where two are made at the same moment (R116, C23)', async () => {
    const both = body();
    const answers = await Promise.all([client.post('/v1/clients', both), client.post('/v1/clients', both)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  it('are a kind of their own for good: fields of the other kind are refused by name (R110)', async () => {
    const saml = await make();
    const oidc = await client.post('/v1/clients', { name: 'Web', redirect_uris: [REDIRECT_URI] });
    for (const [field, value] of [
      ['redirect_uris', [REDIRECT_URI]],
      ['pkce', 'allowPkceAlongsideClientCredentials'],
      ['is_third_party', true],
      ['role_ids', []],
      ['token_endpoint_auth_method', 'none'],
    ] as const) {
      for (const answer of [
        await client.put(`/v1/clients/${saml.client_id}`, { [field]: value }),
        await client.post('/v1/clients', body({ [field]: value })),
      ]) {
        expect(answer).toMatchObject(BAD);
        expect(answer.body.message.join()).toContain(`${field} is not a`);
      }
    }
    for (const [field, value] of [
      ['sp_entity_id', 'https://sp.example.com'],
      ['sp_acs_url', 'https://sp.example.com/acs'],
      ['sign_assertion', false],
      ['attribute_mapping', {}],
    ] as const) {
      for (const answer of [
        await client.put(`/v1/clients/${oidc.body.client_id}`, { [field]: value }),
        await client.post('/v1/clients', { name: 'Web', redirect_uris: [], [field]: value }),
      ]) {
        expect(answer).toMatchObject(BAD);
        expect(answer.body.message.join()).toContain(`${field} is not a`);
      }
    }
    for (const [id, protocol] of [
      [saml.client_id, 'oidc'],
      [oidc.body.client_id, 'saml'],
    ])
      expect(await client.put(`/v1/clients/${id}`, { authentication_protocol: protocol })).toMatchObject({
        ...BAD,
        body: { message: [expect.stringContaining('cannot be changed')] },
      });
  });

  it('are out of reach of another application, like any client (R4, C1)', async () => {
    const made = await make();
    const other = await setScene(app);
    const rival = checked(api(app, await clientToken(app, other)));
    for (const at of [
      `/v1/clients/${made.client_id}`,
      `/v1/applications/${other.appId}/clients/${made.client_id}`,
      `/v1/applications/${scene.appId}/clients/${made.client_id}`,
    ])
      for (const call of [rival.get(at), rival.put(at, { sp_acs_url: '' }), rival.delete(at)])
        expect((await call).status).toBe(404);
    expect((await rival.post(`/v1/applications/${scene.appId}/clients`, body())).status).toBe(404);
  });

  it('are not changed over a state that the writer has not seen (If-Match)', async () => {
    const made = await make();
    const url = `${app.url}/v1/clients/${made.client_id}`;
    const headers = { authorization: `Bearer ${await clientToken(app, scene)}` };
    const version = String((await read(await fetch(url, { headers }))).headers.get('etag'));
    const put = async (description: string): Promise<Answer> =>
      read(
        await fetch(url, {
          method: 'PUT',
          headers: { ...headers, 'content-type': 'application/json', 'if-match': version },
          body: JSON.stringify({ description }),
        }),
      );
    expect(await put('first')).toMatchObject({ status: 200, body: { description: 'first' } });
    expect((await put('second')).status).toBe(412);
    expect((await client.get(`/v1/clients/${made.client_id}`)).body.description).toBe('first');
  });

  it('have a secret that opens nothing, so there is none to manage (C27)', async () => {
    const { client_id } = await make();
    for (const base of ['/v1/clients', `/v1/applications/${scene.appId}/clients`]) {
      const at = `${base}/${client_id}/secrets`;
      for (const answer of [await client.get(at), await client.post(at), await client.delete(`${at}/any`)]) {
        expect(answer).toMatchObject(BAD);
        expect(answer.body.message).toEqual([expect.stringContaining('SAML client')]);
      }
    }
  });

  it('are refused at the token, introspection, revocation and PAR endpoints, even with their secret (C27)', async () => {
    const { client_id: clientId, client_secret: clientSecret } = await make();
    const token = await clientToken(app, scene);
    const posted = { client_id: clientId, client_secret: clientSecret };
    const request = { response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid' };
    for (const [path, fields] of [
      ['token', { grant_type: 'client_credentials' }],
      ['token', { grant_type: 'authorization_code', code: 'x', redirect_uri: REDIRECT_URI }],
      ['token', { grant_type: 'refresh_token', refresh_token: 'x' }],
      ['token/introspection', { token }],
      ['token/revocation', { token }],
      ['request', request],
    ] as const)
      for (const answer of [
        await postForm(`${app.url}/oidc/${path}`, fields, { clientId, clientSecret }),
        await postForm(`${app.url}/oidc/${path}`, { ...fields, ...posted }),
      ])
        expect([path, answer.status, answer.body]).toEqual([
          path,
          400,
          { error: 'unauthorized_client', error_description: expect.stringContaining('SAML client') },
        ]);
    expect((await client.get('/v1/clients')).status).toBe(200);
  });

  it('get an error page at the authorization endpoint, and nothing is sent anywhere (C27)', async () => {
    const { client_id } = await make({ sp_acs_url: 'https://sp.example.com/acs' });
    for (const redirect_uri of [REDIRECT_URI, 'https://sp.example.com/acs']) {
      const query = new URLSearchParams({ client_id, redirect_uri, response_type: 'code', scope: 'openid' });
      const page = await new Browser(app).open(`${app.url}/oidc/auth?${query}`);
      expect(page.url.pathname).toBe('/oidc/auth');
      expect(page.status).toBe(400);
      expect(page.html).toContain('SAML client');
      expect(page.forms).toEqual([]);
    }
  });

  it('end no session and name no place to go to afterwards (C27)', async () => {
    const { client_id } = await make();
    const post_logout_redirect_uri = 'https://sp.example.com/acs';
    const query = new URLSearchParams({ client_id, post_logout_redirect_uri });
    const page = await new Browser(app).open(`${app.url}/oidc/session/end?${query}`);
    expect([page.status, page.url.pathname]).toEqual([400, '/oidc/session/end']);
  });

  it('can be the default client of an application, which shows what they have in common', async () => {
    const made = await admin.post('/v1/applications', {
      app_name: 'Federated',
      first_client_authentication_protocol: 'saml',
      first_client: { ...body({ description: 'First' }), authentication_protocol: undefined },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { result: { client_display_name: 'Payroll', client_description: 'First', resources: [] } },
    });
    const { app_id, client_id } = made.body.result;
    expect(made.body.result).not.toHaveProperty('redirect_uris');
    const at = `/v1/applications/${app_id}`;
    const clients = (await admin.get(`${at}/clients`)).body;
    expect(clients).toMatchObject([{ client_id, authentication_protocol: 'saml' }]);
    const seen = (await admin.get(at)).body.result;
    expect((await admin.get('/v1/applications')).body.result).toContainEqual(
      expect.objectContaining({ app_id, client_id }),
    );
    expect((await admin.put(at, seen)).status).toBe(200);
    expect(await admin.put(at, { client_display_name: 'Renamed' })).toMatchObject({
      status: 200,
      body: { result: { client_display_name: 'Renamed' } },
    });
    expect(await admin.put(at, { redirect_uris: [REDIRECT_URI] })).toMatchObject({
      ...BAD,
      body: { message: ['redirect_uris is not a field of a SAML client'] },
    });
    const first = { first_client: { ...body(), sp_acs_url: 'https://sp.example.com/acs' } };
    expect((await admin.put(at, first)).status).toBe(200);
    expect((await admin.get(`${at}/clients`)).body).toMatchObject([{ ...first.first_client, client_id }]);
    expect((await admin.delete(at)).status).toBe(204);
    expect((await admin.get(`${at}/clients`)).status).toBe(404);
  });

  it('cannot be a first client whose two protocol fields contradict, or that is not there', async () => {
    const oidc = { name: 'Web', redirect_uris: [] };
    for (const fields of [
      { first_client_authentication_protocol: 'oidc', first_client: body() },
      {
        first_client_authentication_protocol: 'saml',
        first_client: { ...oidc, authentication_protocol: 'oidc' },
      },
      { first_client_authentication_protocol: 'saml', first_client: oidc },
      { first_client_authentication_protocol: 'saml', client_display_name: 'Deprecated' },
    ])
      expect(await admin.post('/v1/applications', { app_name: 'X', ...fields })).toMatchObject(BAD);
  });

  it('live in an application beside OIDC clients, whose people sign in as before', async () => {
    await make();
    const oidc = (await client.get(`/v1/clients/${scene.clientId}`)).body;
    expect(oidcClientAnswer.strict().parse(oidc)).toEqual(oidc);
    const tokens = await scene.rp.signIn(app, scene.person);
    expect(tokens.access_token).toBeTruthy();
    const person = api(app, tokens.access_token);
    expect((await person.get('/v1/consents/me')).status).toBeLessThan(500);
    const { client_id } = await make();
    expect((await admin.get(`/v1/manage/consents?app_id=${scene.appId}`)).status).toBe(200);
    const path = `/v1/manage/consents/clients/${client_id}/users/${scene.person.userId}?app_id=${scene.appId}`;
    expect((await admin.delete(path)).status).toBe(404);
  });

  it('keep their private key sealed: it is in no log line and in no plain column', async () => {
    await make();
    expect(app.output()).not.toContain('PRIVATE KEY');
    if (storage.databaseUrl === undefined) return;
    const database = new pg.Client({ connectionString: storage.databaseUrl });
    await database.connect();
    try {
      const rows = await database.query('select row_to_json(m)::text as text from saml_certificates m');
      expect(rows.rowCount).toBeGreaterThan(0);
      for (const table of ['saml_certificates', 'clients', 'audit_events']) {
        const found = await database.query(
          `select 1 from ${table} t where row_to_json(t)::text like '%PRIVATE KEY%'`,
        );
        expect([table, found.rowCount]).toEqual([table, 0]);
      }
    } finally {
      await database.end();
    }
  });
});
