/** Users and resources over the management API; every answer of a published route is held against its shape. */
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { checked } from '../support/openapi.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const MISSING = { status: 404, body: { error_code: 404, message: expect.any(String) } };
const BAD = { status: 400, body: { error_code: 400, message: expect.any(Array) } };
const TAKEN = { status: 409, body: { error_code: 409, ts_error_code: 'identifier_taken' } };
const STRONG = 'Correct-Horse-7-Battery';
const textFault = (status: number, error_code: string) => ({
  status,
  body: { error_code, message: expect.any(String) },
});

describe.each(policyStorages)('users and resources as published ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let one: Scene;
  let admin: Api;
  let client: Api;
  let stranger: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    one = await setScene(app);
    admin = checked(api(app, await adminToken(app)));
    client = checked(api(app, await clientToken(app, one)));
    stranger = checked(api(app, await clientToken(app, await setScene(app))));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  let made = 0;
  const newUser = async (extra: Record<string, unknown> = {}) => {
    const answer = await client.post('/v1/users', { email: `u${++made}@example.com`, ...extra });
    expect(answer.status).toBe(201);
    return answer.body.result;
  };

  it('creates a user with every field, and answers in the published form (C17)', async () => {
    const profile = {
      birthday: '1990-02-28T10:00:00Z',
      address: { country: 'NL', city: 'Utrecht', street_address: 'Oudegracht 1', type: 'Home' },
      name: { title: 'Dr', first_name: 'Ada', middle_name: 'K', last_name: 'L' },
      external_account_id: 'account-1',
      custom_app_data: { plan: 'gold' },
      picture: 'https://img.example.com/1',
      language: 'nl',
      custom_data: { size: 42 },
      external_user_id: 'external-1',
      username: 'ada',
    };
    const user = await newUser({
      email: 'Ada@Example.com',
      phone_number: '+31612345678',
      secondary_emails: ['second@example.com'],
      secondary_phone_numbers: ['+31612345679'],
      credentials: { password: STRONG },
      ...profile,
    });
    expect(user).toMatchObject({
      ...profile,
      birthday: '1990-02-28',
      status: 'Pending',
      created_at: expect.any(Number),
      email: { value: 'ada@example.com', email_verified: false },
      phone_number: { value: '+31612345678', phone_number_verified: false },
      secondary_emails: [{ value: 'second@example.com', email_verified: false }],
      secondary_phone_numbers: [{ value: '+31612345679', phone_number_verified: false }],
    });
    expect(JSON.stringify(user)).not.toContain(STRONG);
    for (const path of [
      user.user_id,
      'email/ADA%40example.com',
      'phone-number/%2B31612345678',
      'phone/%2B31612345678',
      'username/ada',
      'external-user-id/external-1',
      'identifier?identifier_name=email&identifier_value=ada%40example.com',
      'identifier?identifier_name=phoneNumber&identifier_value=%2B31612345678',
      'identifier?identifier_name=username&identifier_value=ada',
      'identifier?identifier_name=externalUserId&identifier_value=external-1',
    ]) {
      const at = `/v1/users/${path}`;
      for (const caller of [client, admin])
        expect(await caller.get(at)).toMatchObject({
          status: 200,
          body: { result: { user_id: user.user_id } },
        });
      expect(await stranger.get(at)).toMatchObject(MISSING);
    }
  });

  it('reaches users of its own application only with a client token, all with an admin token (R140, R157, R158, C1)', async () => {
    const user = await newUser();
    const at = `/v1/users/${user.user_id}`;
    for (const call of [
      stranger.get(at),
      stranger.put(at, { language: 'fr' }),
      stranger.delete(`${at}/apps`),
      client.get('/v1/users/nobody'),
      client.get('/v1/users/identifier?identifier_name=idpIdentifier&identifier_value=x'),
      admin.put('/v1/users/nobody', { language: 'fr' }),
      admin.delete('/v1/manage/users/nobody'),
    ])
      expect(await call).toMatchObject(MISSING);
    // The same person in a second application keeps the id, and nothing else of them changes.
    const joined = await stranger.post('/v1/users', { email: user.email.value, language: 'fr' });
    expect(joined).toMatchObject({ status: 201, body: { result: { user_id: user.user_id } } });
    expect((await client.get(at)).body.result.language).toBeUndefined();
    expect((await stranger.delete(`${at}/apps`)).status).toBe(204);
    expect(await stranger.get(at)).toMatchObject(MISSING);
    expect((await client.get(at)).status).toBe(200);
    expect((await admin.delete(`/v1/manage/users/${user.user_id}`)).status).toBe(204);
    expect(await client.get(at)).toMatchObject(MISSING);
  });

  it('keeps at most 100 KB of custom data, however many updates bring it (tokens-and-sessions.md 3)', async () => {
    const text = (kib: number): string => 'x'.repeat(kib * 1024);
    const created = await admin.post('/v1/users', {
      email: 'hoarder@example.com',
      custom_data: { a: text(60) },
    });
    const path = `/v1/users/${created.body.result.user_id}`;
    expect((await admin.put(path, { custom_data: { b: text(60) } })).body).toEqual({
      message: ['custom_data is larger than 102400 bytes'],
      error_code: 400,
    });
    expect((await admin.put(path, { custom_data: { a: text(90) } })).status).toBe(200);
    const email = 'another-hoarder@example.com';
    for (const name of ['custom_data', 'custom_app_data']) {
      expect((await admin.put(path, { [name]: { a: text(101) } })).status).toBe(400);
      expect((await admin.post('/v1/users', { email, [name]: { a: text(101) } })).status).toBe(400);
    }
    expect((await admin.put(path, { language: 'de' })).body.result.custom_data).toEqual({ a: text(90) });
  });

  it('merges an update at the top level, and custom_data below it', async () => {
    const user = await newUser({
      custom_data: { a: 1, b: { c: 1 } },
      name: { first_name: 'A', last_name: 'B' },
    });
    const answer = await client.put(`/v1/users/${user.user_id}`, {
      custom_data: { b: 2 },
      name: { first_name: 'C' },
      status: 'Disabled',
    });
    expect(answer.body.result).toMatchObject({ custom_data: { a: 1, b: 2 }, status: 'Disabled' });
    expect(answer.body.result.name).toEqual({ first_name: 'C' });
    expect(answer.body.result.email).toEqual(user.email);
  });

  it('answers 409 identifier_taken for an identifier of somebody else (C23)', async () => {
    const extra = { phone_number: '+14155550123', external_user_id: 'ext-2', username: 'taken' };
    const first = await newUser(extra);
    const second = await newUser();
    for (const [name, value] of Object.entries({ ...extra, email: first.email.value })) {
      const body = { email: `fresh-${name}@example.com`, [name]: value };
      expect(await client.post('/v1/users', body)).toMatchObject(TAKEN);
      expect(await client.put(`/v1/users/${second.user_id}`, { [name]: value })).toMatchObject(TAKEN);
    }
  });

  it('refuses bodies and queries that break a rule, with an array of messages (C2)', async () => {
    const { user_id } = await newUser();
    for (const body of [
      {},
      { username: 'no-password' },
      { email: 'nobody' },
      { phone_number: '0612345678' },
      { email: 'x@example.com', birthday: '1990-02-30' },
      { email: 'x@example.com', name: 'Ada' },
      { email: 'x@example.com', credentials: {} },
      { email: 'x@example.com', credentials: { password: 'short' } },
      { email: 'x@example.com', status: 'Active' },
      { email: 'x@example.com', shoe_size: 42 },
    ])
      expect(await client.post('/v1/users', body)).toMatchObject(BAD);
    for (const body of [{ email: '' }, { status: 'Asleep' }, { user_id: 'another' }, { custom_data: [] }])
      expect(await client.put(`/v1/users/${user_id}`, body)).toMatchObject(BAD);
    for (const query of [
      'page_limit=0',
      'page_limit=5001',
      'page_offset=-1',
      'sort_field=shoe',
      'sort_order=up',
    ])
      expect(await client.get(`/v1/users?${query}`)).toMatchObject(BAD);
    for (const query of ['', '?identifier_name=email', '?identifier_name=shoe&identifier_value=1'])
      expect(await client.get(`/v1/users/identifier${query}`)).toMatchObject(BAD);
  });

  it('pages, sorts and counts the users of the application', async () => {
    const own = await setScene(app);
    const caller = checked(api(app, await clientToken(app, own)));
    expect((await caller.get('/v1/users')).body).toEqual({
      total_count: 0,
      page_info: { has_next_page: false, has_previous_page: false },
      result: [],
    });
    for (const letter of ['c', 'a', 'b'])
      await caller.post('/v1/users', { email: `page-${letter}@${own.appId.toLowerCase()}.example.com` });
    const letters = async (query: string) => {
      const { body } = await caller.get(`/v1/users?${query}`);
      const found = body.result.map(({ email }: { email: { value: string } }) => email.value[5]);
      return [
        found.join(''),
        body.total_count,
        body.page_info.has_previous_page,
        body.page_info.has_next_page,
      ];
    };
    expect(await letters('')).toEqual(['cab', 3, false, false]);
    expect(await letters('sort_field=email')).toEqual(['abc', 3, false, false]);
    expect(await letters('sort_field=email&sort_order=desc&page_limit=1&page_offset=1')).toEqual([
      'b',
      3,
      true,
      true,
    ]);
    expect(await letters('search_prefix=page-a')).toEqual(['a', 1, false, false]);
    expect(await letters('page_offset=3')).toEqual(['', 3, true, false]);
    expect((await caller.get('/v1/users/count')).body).toEqual({ result: { user_count: 3 } });
    expect((await admin.get('/v1/users/count')).body.result.user_count).toBeGreaterThan(3);
  });

  it('adds and changes a password, with errors that are texts (C2)', async () => {
    const user = await newUser();
    const at = `/v1/users/${user.user_id}/password`;
    expect(await client.put(at, { password: STRONG })).toMatchObject(textFault(400, 'auth_not_active'));
    for (const wrong of [
      {},
      { password: 7 },
      { password: STRONG, shoe: 1 },
      { password: STRONG, username: '' },
    ])
      expect(await client.post(at, wrong)).toMatchObject(textFault(400, 'system_invalid_input'));
    expect(await client.post(at, { password: 'weak-weak' })).toMatchObject(
      textFault(400, 'auth_password_weak'),
    );
    await newUser({ username: 'first-of-that-name' });
    expect(await client.post(at, { password: STRONG, username: 'first-of-that-name' })).toMatchObject(
      textFault(400, 'system_invalid_input'),
    );
    const lenient = { password: 'weak-weak', enforce_complexity: false, username: 'renamed' };
    expect(await client.post(at, lenient)).toMatchObject({
      status: 201,
      body: { result: { message: expect.any(String) } },
    });
    expect(await client.post(at, { password: STRONG })).toMatchObject(
      textFault(409, 'auth_password_already_configured'),
    );
    expect(await client.put(at, {})).toMatchObject(textFault(400, 'auth_password_incomplete_credentials'));
    expect(await client.put(at, { password: 'weak-weak' })).toMatchObject(
      textFault(400, 'auth_password_weak'),
    );
    expect(await client.put(at, { password: STRONG, force_replace: false })).toMatchObject({ status: 200 });
    for (const call of [
      stranger.put(at, { password: STRONG }),
      stranger.post(at, { password: STRONG }),
      admin.put('/v1/users/nobody/password', { password: STRONG }),
    ])
      expect(await call).toMatchObject(textFault(404, 'user_not_found'));
    const tokens = await one.rp.signIn(app, { identifier: 'renamed', password: STRONG });
    expect(tokens.claims()?.sub).toBe(user.user_id);
  });

  it('answers a body that cannot be read at a password operation in its text form, too (C2)', async () => {
    const token = await clientToken(app, one);
    const user = await newUser();
    for (const method of ['POST', 'PUT']) {
      const answer = await fetch(`${app.url}/v1/users/${user.user_id}/password`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: `{"password": "${STRONG}`,
      });
      expect([answer.status, await answer.json()]).toEqual([
        400,
        { error_code: 'system_invalid_input', message: expect.any(String) },
      ]);
    }
  });

  // Resources are not in the published document: management-api.md section 7 is the measure.
  it('creates, finds, changes and deletes resources of the tenant (R134, R136, R137, R138, R141, R171, C23)', async () => {
    const body = {
      name: 'Checkout',
      uri: 'https://shop.example.com/checkout',
      access_token_ttl: 60,
      refresh_token_ttl: 120,
      max_refresh_rotate: 180,
    };
    const created = await client.post('/v1/resources', body);
    const shown = {
      ...body,
      resource_id: expect.any(String),
      tenant_id: expect.any(String),
      description: '',
      signing_alg: 'RS256',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    };
    expect([created.status, created.body]).toEqual([201, { result: shown }]);
    for (const uri of ['https://shop.example.com', 'https://profile-api.example.net/v1', 'urn:example:api'])
      expect((await admin.post('/v1/resources', { ...body, uri })).status).toBe(201);
    expect(await client.post('/v1/resources', body)).toMatchObject(BAD);
    for (const wrong of [
      { uri: 'checkout' },
      { uri: 'https://a.example.com/#b' },
      { access_token_ttl: 0 },
      { name: '' },
    ])
      expect(
        await client.post('/v1/resources', { ...body, uri: 'https://x.example.com', ...wrong }),
      ).toMatchObject(BAD);
    expect(await client.post('/v1/resources', { name: 'Only a name' })).toMatchObject(BAD);
    const found = `/v1/resources/uri?resourceUri=${encodeURIComponent(body.uri)}`;
    expect((await stranger.get(found)).body).toEqual({ result: created.body.result });
    expect(await client.get('/v1/resources/uri')).toMatchObject(BAD);
    expect(await client.get(`${found}/`)).toMatchObject(MISSING);
    expect((await client.get('/v1/resources')).body.result).toContainEqual(created.body.result);
    const at = `/v1/resources/${created.body.result.resource_id}`;
    const changed = await client.put(at, { ...created.body.result, access_token_ttl: 90 });
    expect(changed).toMatchObject({ status: 200, body: { result: { ...body, access_token_ttl: 90 } } });
    expect(await client.put(at, { uri: 'urn:example:api' })).toMatchObject(BAD);
    expect(await client.put('/v1/resources/nobody', { name: 'X' })).toMatchObject(MISSING);
    expect((await client.delete(at)).status).toBe(204);
    expect(await client.delete(at)).toEqual(
      expect.objectContaining({
        status: 404,
        body: { message: 'Resource does not exist in tenant', error_code: 404 },
      }),
    );
  });

  it('keeps a resource that is on the list of a client (R139, R142)', async () => {
    const at = `/v1/resources/${one.resource.resourceId}`;
    expect(await admin.delete(at)).toMatchObject({
      status: 409,
      body: { message: 'Resource in use', error_code: 409 },
    });
    expect((await client.put(`/v1/clients/${one.clientId}/resources`, { resource_ids: [] })).status).toBe(
      200,
    );
    expect((await admin.delete(at)).status).toBe(204);
  });
});
