/** Finding users: filters, prefixes, pages and orders (contract/management-api.md 12, RFC 7644 3.4.2.2). */
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { checked } from '../support/openapi.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const q = (filter: string): string => `search=${encodeURIComponent(filter)}`;

describe.each(policyStorages)('the search of users ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  let own: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = checked(api(app, await adminToken(app)));
    own = checked(api(app, await clientToken(app, scene)));
    for (const [name, extra] of Object.entries(PEOPLE))
      expect((await own.post('/v1/users', { email: `${name}@find.example`, ...extra })).status).toBe(201);
    const ben = (await own.get('/v1/users/email/ben%40find.example')).body.result.user_id;
    await own.put(`/v1/users/${ben}`, { status: 'Disabled' });
    await own.post(`/v1/users/${ben}/emails/ben%40find.example/verify`, {});
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const PEOPLE = {
    ann: {
      username: 'Ann',
      name: { first_name: 'Ann', last_name: "O'Hara" },
      custom_data: { level: 3, vip: true },
    },
    ben: {
      username: 'ben_1',
      phone_number: '+14155550101',
      address: { country: 'FR' },
      birthday: '1990-05-01',
    },
    cleo: {
      username: 'cleo',
      phone_number: '+14155550102',
      secondary_emails: ['c@else.example'],
      custom_app_data: { plan: 'gold' },
    },
    dora: { external_user_id: 'ext-4', external_account_id: 'acct%4', language: 'de' },
  };
  const found = async (by: Api, query: string): Promise<string[]> => {
    const { body, status } = await by.get(`/v1/users?${query}&page_limit=100`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    expect(body.total_count).toBe(body.result.length);
    return body.result.map((one: { email?: { value: string } }) => one.email?.value.split('@')[0]);
  };

  it.each([
    ['email eq "ANN@find.example"', ['ann']],
    ['email sw "be"', ['ben']],
    ['email.value co "leo@"', ['cleo']],
    ['email ew "find.example" and not (username pr)', ['dora']],
    ['username eq "ann"', ['ann']],
    ['username sw "ben_"', ['ben']],
    ['username eq "ben%1"', []],
    ['phone_number eq "+14155550102"', ['cleo']],
    ['phone_number pr', ['ben', 'cleo']],
    ['status eq "Disabled"', ['ben']],
    ['email.email_verified eq true', ['ben']],
    ['status eq "Disabled" or external_user_id eq "ext-4"', ['ben', 'dora']],
    ['email sw "a" or email sw "b" and status eq "Pending"', ['ann']],
    ['(email sw "a" or email sw "b") and status eq "Disabled"', ['ben']],
    ['name.last_name eq "O\'Hara"', ['ann']],
    ['address.country eq "FR"', ['ben']],
    ['custom_data.level eq 3 and custom_data.vip eq true', ['ann']],
    ['custom_app_data.plan eq "gold"', ['cleo']],
    ['secondary_emails eq "c@else.example"', ['cleo']],
    ['external_account_id sw "acct%"', ['dora']],
    ['language pr', ['dora']],
    ['birthday lt "2000-01-01"', ['ben']],
    ['email sw "x\' or 1=1 --"', []],
    ['custom_data.level gt 10', []],
    ['custom_data.level gt 2 and custom_data.level le 3', ['ann']],
    ['custom_data.level eq "3"', ['ann']],
    ['custom_data pr', ['ann']],
    ['EMAIL eq "ann@find.example" AND Name.First_Name eq "ANN"', ['ann']],
    ['name[first_name eq "ann" and last_name sw "o\'"]', ['ann']],
    ['username ne "cleo"', ['ann', 'ben', 'dora']],
    ['custom_app_data.plan ne "gold"', ['ann', 'ben', 'dora']],
    ['not (address.country eq "FR")', ['ann', 'cleo', 'dora']],
    ['status ne "Disabled"', ['ann', 'cleo', 'dora']],
    ['secondary_emails sw "C@"', ['cleo']],
    ['secondary_phone_numbers pr', []],
    ['email eq "((((((((((((((((" or email sw "cl"', ['cleo']],
  ])('%s finds %j', async (filter, expected) => {
    expect(await found(own, q(filter))).toEqual(expected);
    const count = await own.get(`/v1/users/count?${q(filter)}`);
    expect(count.body).toEqual({ result: { user_count: expected.length } });
  });

  it('compares times in milliseconds and as date-times', async () => {
    const { result } = (await own.get('/v1/users/email/ann%40find.example')).body;
    for (const at of [result.created_at, `"${new Date(result.created_at).toISOString()}"`]) {
      expect(await found(own, q(`created_at eq ${at}`))).toEqual(['ann']);
      expect(await found(own, q(`created_at gt ${at}`))).toEqual(['ben', 'cleo', 'dora']);
    }
    expect(await found(own, q('last_auth pr'))).toEqual([]);
  });

  it.each([
    ['nothing eq "x"', 'nothing is not an attribute'],
    ['password_hash pr', 'password_hash is not an attribute'],
    ['email', 'not a filter'],
    ['email eq', 'not a filter'],
    ['email zz "x"', ''],
    ['email eq 5', 'double quotes'],
    ['created_at sw "2020"', 'created_at is compared with'],
    ['created_at gt "yesterday"', 'epoch milliseconds'],
    ['email.email_verified gt true', 'eq or ne'],
    ['emails[type eq "work"]', 'emails.type is not an attribute'],
    ['secondary_emails[value eq "a" and value pr]', 'instead of the bracket'],
    ['constructor eq "x"', 'constructor is not an attribute'],
    ['__proto__ pr', '__proto__ is not an attribute'],
    ['custom_data.constructor.__proto__ eq "x" and toString pr', 'toString is not an attribute'],
    ['name.shoe eq "x"', 'name.shoe is not an attribute'],
    ['status eq "Asleep"', '"Disabled"'],
    ['email eq null', 'not (email pr)'],
    ['created_at gt 1e300', 'date-time'],
    [`${'not '.repeat(30)}email pr`, 'deep'],
    // The parser's pattern takes twice as long for every line break in a text that does not end.
    [`email eq "${'\n'.repeat(500)}`, 'line breaks'],
    ['email eq "a" email eq "b"', 'not a filter'],
    [`${'('.repeat(30)}email pr${')'.repeat(30)}`, 'deep'],
    [Array.from({ length: 60 }, () => 'email pr').join(' or '), 'at most 50'],
    ['x'.repeat(5000), ''],
  ])('%s is refused with a sentence', async (filter, words) => {
    for (const path of ['/v1/users', '/v1/users/count']) {
      const answer = await own.get(`${path}?${q(filter)}`);
      expect([answer.status, answer.body.message]).toEqual([400, [expect.stringContaining(words)]]);
    }
  });

  it('stays within the application of the token (R157)', async () => {
    const other = await setScene(app);
    const foreign = api(app, await clientToken(app, other));
    expect(await found(foreign, q('email ew "find.example"'))).toEqual([]);
    expect(await found(foreign, q('custom_app_data.plan pr'))).toEqual([]);
    expect(await found(admin, q('email ew "find.example"'))).toEqual(['ann', 'ben', 'cleo', 'dora']);
  });

  it('gives pages without gaps or doubles in every order, users without a value last', async () => {
    const total = (await own.get('/v1/users/count')).body.result.user_count;
    for (const field of ['created_at', 'email', 'phone_number', 'last_auth', 'organization_added_at'])
      for (const order of ['asc', 'desc']) {
        const ids: string[] = [];
        for (let offset = 0; ; offset += 2) {
          const page = await own.get(
            `/v1/users?page_limit=2&page_offset=${offset}&sort_field=${field}&sort_order=${order}`,
          );
          ids.push(...page.body.result.map((one: { user_id: string }) => one.user_id));
          expect(page.body.page_info).toEqual({
            has_next_page: offset + 2 < total,
            has_previous_page: offset > 0,
          });
          if (!page.body.page_info.has_next_page) break;
        }
        expect([field, order, new Set(ids).size]).toEqual([field, order, total]);
        const sorted = `/v1/users?sort_field=${field}&sort_order=${order}`;
        const whole = (await own.get(sorted)).body.result.map((one: { user_id: string }) => one.user_id);
        expect([field, order, ids]).toEqual([field, order, whole]);
        const behind = (await own.get(`${sorted}&page_limit=2&page_offset=${total + 5}`)).body;
        expect([field, order, behind.result, behind.total_count]).toEqual([field, order, [], total]);
      }
    expect((await found(own, 'sort_field=phone_number&sort_order=desc')).slice(0, 2)).toEqual([
      'cleo',
      'ben',
    ]);
    expect(await found(own, 'search_prefix=%2B1415&sort_field=email')).toEqual(['ben', 'cleo']);
  });
});

describe.each(policyStorages)('contacts of a user ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let own: Api;
  let other: Api;
  let ownToken: string;
  let scene: Scene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    ownToken = await clientToken(app, scene);
    own = checked(api(app, ownToken));
    other = api(app, await clientToken(app, await setScene(app)));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });
  const make = async (name: string, extra: object = {}): Promise<string> =>
    (await own.post('/v1/users', { email: `${name}@c.example`, phone_number: undefined, ...extra })).body
      .result.user_id;
  const read = async (id: string) => (await own.get(`/v1/users/${id}`)).body.result;

  it('a secondary one is removed, once', async () => {
    const id = await make('remove', {
      secondary_emails: ['two+x@c.example', 'three@c.example'],
      secondary_phone_numbers: ['+14155550111'],
    });
    const path = `/v1/users/${id}/emails/${encodeURIComponent('Two+x@c.example')}`;
    expect((await other.delete(path)).status).toBe(404);
    expect([(await own.delete(path)).status, (await own.delete(path)).status]).toEqual([204, 404]);
    expect((await own.delete(`/v1/users/${id}/emails/remove%40c.example`)).status).toBe(404);
    expect((await own.delete(`/v1/users/${id}/phone-numbers/%2B14155550111`)).status).toBe(204);
    expect(await read(id)).toMatchObject({
      secondary_emails: [{ value: 'three@c.example' }],
      secondary_phone_numbers: [],
    });
  });

  it('is marked as verified, and changes places with the primary one if asked', async () => {
    const id = await make('verify', {
      secondary_emails: ['second@c.example'],
      secondary_phone_numbers: ['+14155550112'],
    });
    const verify = (what: string, body?: object) => own.post(`/v1/users/${id}/${what}/verify`, body ?? {});
    expect((await verify('emails/verify%40c.example')).status).toBe(202);
    expect((await verify('emails/second%40c.example')).status).toBe(202);
    expect(await read(id)).toMatchObject({
      email: { value: 'verify@c.example', email_verified: true },
      secondary_emails: [{ value: 'second@c.example', email_verified: true }],
    });
    expect((await verify('emails/second%40c.example', { change_to_primary: true })).status).toBe(202);
    expect((await verify('phone-numbers/%2B14155550112', { change_to_primary: true })).status).toBe(202);
    expect(await read(id)).toMatchObject({
      email: { value: 'second@c.example', email_verified: true },
      secondary_emails: [{ value: 'verify@c.example', email_verified: true }],
      phone_number: { value: '+14155550112', phone_number_verified: true },
      secondary_phone_numbers: [],
    });
    expect((await verify('emails/nobody%40c.example')).status).toBe(404);
    expect((await other.post(`/v1/users/${id}/emails/second%40c.example/verify`, {})).status).toBe(404);
  });

  it('does not become the primary one of two users', async () => {
    const id = await make('one', { secondary_emails: ['shared@c.example'] });
    await make('shared');
    const answer = await own.post(`/v1/users/${id}/emails/shared%40c.example/verify`, {
      change_to_primary: true,
    });
    expect([answer.status, (await read(id)).email.value]).toEqual([409, 'one@c.example']);
  });

  it('two writers at once lose nothing of each other, and If-Match stops who has not seen the other', async () => {
    const id = await make('race');
    await Promise.all([...'abcdef'].map((key) => own.put(`/v1/users/${id}`, { custom_data: { [key]: 1 } })));
    expect(Object.keys((await read(id)).custom_data).sort()).toEqual([...'abcdef']);
    const tag = (await own.get(`/v1/users/${id}`)).headers.get('etag') ?? '';
    await own.put(`/v1/users/${id}`, { language: 'de' });
    const token = await adminToken(app);
    const late = await fetch(`${app.url}/v1/users/${id}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-match': tag },
      body: '{"language":"fr"}',
    });
    expect([late.status, (await read(id)).language]).toEqual([412, 'de']);
  });

  it('a temporary password is said to be one', async () => {
    const id = await make('temporary');
    await own.post(`/v1/users/${id}/password`, { password: 'Correct-Horse-7-Battery' });
    expect((await read(id)).password_information).toMatchObject({ temporary: true, expired: false });
    await own.put(`/v1/users/${id}/password`, { password: 'Other-Horse-8-Battery', force_replace: false });
    expect((await read(id)).password_information).toMatchObject({ temporary: false });
  });

  it('of two first passwords at once one is set, and the other is told so (C2)', async () => {
    const id = await make('first-password');
    const add = () => own.post(`/v1/users/${id}/password`, { password: 'Correct-Horse-7-Battery' });
    const answers = await Promise.all([add(), add(), add()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toEqual({
      error_code: 'auth_password_already_configured',
      message: expect.any(String),
    });
  });

  it('a verified secondary one that is named again in an update stays verified', async () => {
    const id = await make('again', { secondary_emails: ['kept@c.example'] });
    await own.post(`/v1/users/${id}/emails/kept%40c.example/verify`, {});
    await own.put(`/v1/users/${id}`, { secondary_emails: ['new@c.example', 'kept@c.example'] });
    expect((await read(id)).secondary_emails).toEqual([
      { value: 'new@c.example', email_verified: false },
      { value: 'kept@c.example', email_verified: true },
    ]);
  });

  it('every read of one user says the same version, and deletes and passwords obey If-Match', async () => {
    const id = await make('versions', { username: 'versions', external_user_id: 'versions' });
    const reads = [id, 'email/versions%40c.example', 'username/versions', 'external-user-id/versions'];
    const tags = await Promise.all(
      reads.map(async (path) => (await own.get(`/v1/users/${path}`)).headers.get('etag')),
    );
    expect(tags[0]).toMatch(/^".+"$/);
    expect(new Set(tags).size).toBe(1);
    const call = async (method: string, path: string, ifMatch: string, body?: object) => {
      const authorization = `Bearer ${method === 'DELETE' ? await adminToken(app) : ownToken}`;
      const headers = { authorization, 'content-type': 'application/json', 'if-match': ifMatch };
      const content = body && { body: JSON.stringify(body) };
      return (await fetch(`${app.url}${path}`, { method, headers, ...content })).status;
    };
    const password = { password: 'Correct-Horse-7-Battery' };
    expect(await call('POST', `/v1/users/${id}/password`, '"old"', password)).toBe(412);
    expect((await read(id)).password_information).toBeUndefined();
    expect(await call('DELETE', `/v1/manage/users/${id}`, '"old"')).toBe(412);
    expect(await call('POST', `/v1/users/${id}/password`, tags[0] ?? '', password)).toBe(201);
    expect(await call('DELETE', `/v1/manage/users/${id}`, tags[0] ?? '')).toBe(412);
    const now = (await own.get(`/v1/users/${id}`)).headers.get('etag') ?? '';
    expect(await call('DELETE', `/v1/manage/users/${id}`, now)).toBe(204);
  });

  it('a user is Pending until the first sign-in, then Active; Disabled shuts out until it is taken back', async () => {
    const id = await make('status', {
      credentials: { password: 'Correct-Horse-7-Battery', force_replace: false },
    });
    const signIn = () =>
      scene.rp.signIn(app, { identifier: 'status@c.example', password: 'Correct-Horse-7-Battery' });
    expect(await read(id)).toMatchObject({ status: 'Pending' });
    await signIn();
    const active = await read(id);
    expect(active).toMatchObject({ status: 'Active', last_auth: expect.any(String) });
    await own.put(`/v1/users/${id}`, { status: 'Disabled' });
    const disabled = await read(id);
    expect(disabled.status).toBe('Disabled');
    expect(Date.parse(disabled.status_changed_at)).toBeGreaterThanOrEqual(
      Date.parse(active.status_changed_at),
    );
    await expect(signIn()).rejects.toThrow();
    expect((await read(id)).status).toBe('Disabled');
    await own.put(`/v1/users/${id}`, { status: 'Active' });
    await signIn();
    expect((await read(id)).status).toBe('Active');
  });

  it('users change their own profile over the state that they have seen only (C25)', async () => {
    const { access_token } = await scene.rp.signIn(app, scene.person);
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' };
    const me = `${app.url}/v1/users/me`;
    const tag = (await fetch(me, { headers })).headers.get('etag') ?? '';
    const put = (language: string) =>
      fetch(me, {
        method: 'PUT',
        headers: { ...headers, 'if-match': tag },
        body: JSON.stringify({ language }),
      });
    expect([(await put('de')).status, (await put('fr')).status]).toEqual([200, 412]);
    const { result } = (await (await fetch(me, { headers })).json()) as { result: { language: string } };
    expect(result.language).toBe('de');
  });
});
