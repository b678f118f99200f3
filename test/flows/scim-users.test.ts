/** Users over SCIM (contract/management-api.md 13; RFC 7643 4.1, RFC 7644 3.4 and 3.12). */
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken, read } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const SCIM = 'application/scim+json';
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const q = (filter: string): string => `/scim/Users?filter=${encodeURIComponent(filter)}`;

describe.each(policyStorages)('users over SCIM ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let own: Api;
  let ownToken: string;
  let admin: Api;
  let stranger: Api;
  let scene: Scene;
  const ids: string[] = [];
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    ownToken = await clientToken(app, scene);
    own = api(app, ownToken);
    admin = api(app, await adminToken(app));
    stranger = api(app, await clientToken(app, await setScene(app)));
    for (const body of [
      {
        email: 'ann@scim.example',
        username: 'Ann',
        phone_number: '+14155550190',
        external_user_id: 'ext-ann',
        name: { title: 'Dr', first_name: 'Ann', last_name: 'Hill' },
        address: { street_address: 'Main 1', city: 'Utrecht', country: 'NL', type: 'Work' },
        secondary_emails: ['ann2@scim.example'],
        language: 'nl',
        picture: 'https://img.example.com/ann',
        custom_data: { unseen: true },
        custom_app_data: { unseen: true },
      },
      { email: 'ben@scim.example' },
      { email: 'cleo@scim.example', username: 'cleo' },
    ])
      ids.push((await own.post('/v1/users', body)).body.result.user_id);
    await own.put(`/v1/users/${ids[2]}`, { status: 'Disabled' });
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });
  const found = async (by: Api, path: string): Promise<string[]> => {
    const { status, body } = await by.get(path);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body.Resources.map(({ userName }: { userName: string }) => userName);
  };

  it('shows a user in the core schema, with and without /cis (D1)', async () => {
    for (const prefix of ['', '/cis']) {
      const answer = await own.get(`${prefix}/scim/Users/${ids[0]}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining(SCIM),
      ]);
      expect(answer.body).toEqual({
        schemas: [USER],
        id: ids[0],
        externalId: 'ext-ann',
        userName: 'Ann',
        name: { formatted: 'Dr Ann Hill', honorificPrefix: 'Dr', givenName: 'Ann', familyName: 'Hill' },
        emails: [
          { value: 'ann@scim.example', primary: true },
          { value: 'ann2@scim.example', primary: false },
        ],
        phoneNumbers: [{ value: '+14155550190', primary: true }],
        addresses: [{ type: 'work', streetAddress: 'Main 1', locality: 'Utrecht', country: 'NL' }],
        photos: [{ value: 'https://img.example.com/ann', type: 'photo' }],
        preferredLanguage: 'nl',
        active: true,
        meta: {
          resourceType: 'User',
          created: expect.stringMatching(/Z$/),
          lastModified: expect.stringMatching(/Z$/),
          location: `${app.url}/scim/Users/${ids[0]}`,
          version: answer.headers.get('etag'),
        },
      });
      // A list reads less of a user, and says the same.
      const { Resources } = (await own.get(q('userName eq "Ann"'))).body;
      expect(Resources).toEqual([answer.body]);
    }
  });

  it('lists pages from startIndex on, at most 10000 at a time (RFC 7644 3.4.2.4)', async () => {
    const first = await own.get('/scim/Users?count=2');
    expect(first.headers.get('content-type')).toContain(SCIM);
    expect(first.body).toMatchObject({ schemas: [LIST], totalResults: 3, startIndex: 1, itemsPerPage: 2 });
    const second = await own.get('/cis/scim/Users?startIndex=3&count=10000');
    expect(second.body).toMatchObject({ totalResults: 3, startIndex: 3, itemsPerPage: 1 });
    const all = [...first.body.Resources, ...second.body.Resources].map(({ id }: { id: string }) => id);
    expect(all).toEqual(ids);
    expect((await own.get('/scim/Users?startIndex=-5&count=0')).body).toEqual({
      schemas: [LIST],
      totalResults: 3,
      startIndex: 1,
      itemsPerPage: 0,
      Resources: [],
    });
    expect(await found(own, '/scim/Users?sortBy=emails.value&sortOrder=descending')).toEqual([
      'cleo',
      'ben@scim.example',
      'Ann',
    ]);
  });

  it.each([
    ['userName eq "ann"', ['Ann']],
    ['userName eq "BEN@scim.example"', ['ben@scim.example']],
    // She has a username: her email is not it.
    ['userName eq "cleo@scim.example"', []],
    ['userName ne "cleo"', ['Ann', 'ben@scim.example']],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName sw "A"', ['Ann']],
    ['emails[value eq "ann@scim.example"]', ['Ann']],
    ['emails.value co "scim" and active eq false', ['cleo']],
    ['externalId eq "ext-ann" or id eq "nobody"', ['Ann']],
    ['name.familyName eq "hill" and not (active eq false)', ['Ann']],
    ['meta.created gt "2000-01-01T00:00:00Z" and phoneNumbers pr', ['Ann']],
  ])('finds by %s', async (filter, expected) => {
    expect(await found(own, q(filter))).toEqual(expected);
    const more = `/scim/Users/.search?filter=${encodeURIComponent(filter)}`;
    expect(await found(own, more)).toEqual(expected);
    const posted = await own.post('/scim/Users/.search', { schemas: [SEARCH], filter });
    expect([posted.status, posted.body.totalResults]).toEqual([200, expected.length]);
  });

  it('takes a search in the body in its own media type', async () => {
    const answer = await read(
      await fetch(`${app.url}/scim/Users/.search`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ownToken}`, 'content-type': SCIM },
        body: JSON.stringify({ schemas: [SEARCH], attributes: ['userName'], count: 1 }),
      }),
    );
    expect([answer.status, answer.body.Resources]).toEqual([
      200,
      [{ schemas: [USER], id: ids[0], userName: 'Ann' }],
    ]);
  });

  it('shows the attributes that are asked for, id and schemas always (RFC 7644 3.9)', async () => {
    const at = `/scim/Users/${ids[0]}`;
    const always = { schemas: [USER], id: ids[0] };
    expect((await own.get(`${at}?attributes=username,name.givenName,emails.value`)).body).toEqual({
      ...always,
      userName: 'Ann',
      name: { givenName: 'Ann' },
      emails: [{ value: 'ann@scim.example' }, { value: 'ann2@scim.example' }],
    });
    expect((await own.get(`${at}?attributes=${USER}:active,nothing`)).body).toEqual({
      ...always,
      active: true,
    });
    const { body } = await own.get(`${at}?excludedAttributes=id,emails,meta,name.formatted`);
    expect(Object.keys(body)).not.toContain('emails');
    expect(Object.keys(body)).not.toContain('meta');
    expect(body).toMatchObject({ ...always, name: { givenName: 'Ann', familyName: 'Hill' } });
    expect(body.name.formatted).toBeUndefined();
  });

  it('shows a client token the users of its application only (R157, C1)', async () => {
    expect(await found(stranger, '/scim/Users')).toEqual([]);
    expect(await found(stranger, q('userName eq "ann"'))).toEqual([]);
    expect((await stranger.get(`/scim/Users/${ids[0]}`)).status).toBe(404);
    expect(await found(admin, q('emails.value ew "@scim.example"'))).toEqual([
      'Ann',
      'ben@scim.example',
      'cleo',
    ]);
  });

  it.each([
    ['/scim/Users?count=10001', 400, 'invalidValue'],
    ['/scim/Users?startIndex=one', 400, 'invalidValue'],
    ['/scim/Users?sortBy=password', 400, 'invalidValue'],
    [q('userName eq'), 400, 'invalidFilter'],
    [q('password eq "x"'), 400, 'invalidFilter'],
    [q(`userName eq "${'\n'.repeat(500)}`), 400, 'invalidFilter'],
    ['/scim/Users/nobody', 404, undefined],
    ['/cis/scim/Users/nobody', 404, undefined],
    ['/scim/Users/%zz', 404, undefined],
    ['/scim/Groups', 404, undefined],
  ])('answers %s in the form of a SCIM error (RFC 7644 3.12)', async (path, status, scimType) => {
    const answer = await own.get(path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      status,
      expect.stringContaining(SCIM),
    ]);
    expect(answer.body).toEqual({
      schemas: [ERROR],
      status: String(status),
      detail: expect.any(String),
      ...(scimType && { scimType }),
    });
  });

  it('refuses strangers, users, and clients whose roles permit no reading of users (C1, D15)', async () => {
    const person = api(app, (await scene.rp.signIn(app, scene.person)).access_token);
    const role = await admin.post('/v1/roles', { role_name: 'scimless', permissions: ['consents:read'] });
    const clientRole = role.body.result.role_id;
    await admin.put(`/v1/applications/${scene.appId}/clients/${scene.clientId}`, { role_ids: [clientRole] });
    const limited = api(app, await clientToken(app, scene));
    for (const path of ['/scim/Users', '/scim/Users/.search', `/scim/Users/${ids[0]}`]) {
      expect((await api(app).get(path)).body).toMatchObject({ schemas: [ERROR], status: '401' });
      expect((await person.get(path)).body).toMatchObject({ schemas: [ERROR], status: '403' });
      expect((await limited.get(path)).body).toMatchObject({ schemas: [ERROR], status: '403' });
    }
    await admin.put(`/v1/applications/${scene.appId}/clients/${scene.clientId}`, { role_ids: [] });
    expect((await api(app, await clientToken(app, scene)).get('/scim/Users')).status).toBe(200);
  });

  it('is read only: nothing is created, changed or deleted here', async () => {
    for (const answer of [
      await own.post('/scim/Users', { userName: 'new' }),
      await own.put(`/scim/Users/${ids[0]}`, { userName: 'new' }),
      await own.delete(`/scim/Users/${ids[0]}`),
    ])
      expect([answer.status, answer.body]).toEqual([405, expect.objectContaining({ status: '405' })]);
  });
});
