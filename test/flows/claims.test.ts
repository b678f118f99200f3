/** Which claims ID tokens and UserInfo have: the client's lists, scopes, and the `claims` parameter. */
import { hash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { CUSTOM_CLAIMS } from '../../src/clients/client.ts';
import { Browser, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
/** Claims that nothing in this server has a value for yet; `approval_data` comes with a request only. */
const WITHOUT_VALUE = ['groups', 'webauthn', 'custom_group_data', 'ai_actor', 'approval_data'];
const PROFILE = {
  secondary_emails: ['second@example.com'],
  secondary_phone_numbers: ['+14155550199'],
  birthday: '1985-04-12',
  address: { country: 'FR', city: 'Lyon', street_address: 'Rue 1', postal_code: '69001', type: 'Work' },
  name: { first_name: 'Ada', middle_name: 'M', last_name: 'Byron' },
  external_account_id: 'account-7',
  custom_app_data: { plan: 'gold', seats: 3 },
  picture: 'https://pictures.example.com/ada.png',
  language: 'fr-FR',
  custom_data: { color: 'blue', size: { height: 180 } },
};
const request = (members: object): Record<string, string> => ({ claims: JSON.stringify(members) });

describe.each(policyStorages)('claims ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  let tenantId: string;
  /** Asks for nothing by list. */
  let plain: Scene;
  let phones = 0;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    const token = await adminToken(app);
    tenantId = String(decodeJwt(token).tid);
    admin = api(app, token);
    plain = await setScene(app);
    await fillProfile(plain);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  /** Gives the person every value, as the application's own token may. */
  async function fillProfile(scene: Scene): Promise<{ username: string; phone: string }> {
    await scene.rp.signIn(app, scene.person);
    const own = api(app, await clientToken(app, scene));
    phones += 1;
    const identity = { username: `ada-${scene.appId.slice(0, 6)}`, phone: `+1415555${1000 + phones}` };
    const { username, phone: phone_number } = identity;
    const body = { ...PROFILE, username, phone_number, external_user_id: `external ${username}` };
    const changed = await own.put(`/v1/users/${scene.person.userId}`, body);
    if (changed.status !== 200) throw new Error(JSON.stringify(changed.body));
    return identity;
  }

  it('gives a value, or nothing, for each of the 38, to the ID token and to UserInfo (R70, R72, D18)', async () => {
    expect(CUSTOM_CLAIMS).toHaveLength(38);
    const scene = await setScene(app, {
      default_custom_claims: CUSTOM_CLAIMS,
      default_user_info_claims: CUSTOM_CLAIMS,
    });
    const { username, phone } = await fillProfile(scene);
    const role = await admin.post(`/v1/applications/${scene.appId}/roles`, {
      role_name: 'clerk',
      permissions: ['orders:view'],
    });
    const roleId = role.body.result.role_id;
    await admin.post(`/v1/applications/${scene.appId}/roles/${roleId}/assignments`, {
      entity_ids: [scene.person.userId],
      entity_type: 'User',
    });
    const expected: Record<(typeof CUSTOM_CLAIMS)[number], unknown> = {
      tid: tenantId,
      fname: 'Ada',
      lname: 'Byron',
      mname: 'M',
      email: scene.person.identifier,
      email_verified: false,
      phone_number: phone,
      phone_number_verified: false,
      groups: undefined,
      new_user: false,
      birthday: '1985-04-12',
      language: 'fr-FR',
      city: 'Lyon',
      address: PROFILE.address,
      country: 'FR',
      street_address: 'Rue 1',
      address_type: 'Work',
      webauthn: undefined,
      roles: [roleId],
      ts_roles: [],
      role_values: ['clerk'],
      ts_permissions: [],
      permissions: ['orders:view'],
      approval_data: undefined,
      custom_group_data: undefined,
      username,
      secondary_phone_numbers: [{ value: '+14155550199', phone_number_verified: false }],
      secondary_emails: [{ value: 'second@example.com', email_verified: false }],
      picture: PROFILE.picture,
      created_at: expect.any(Number),
      last_auth: expect.any(Number),
      auth_time: expect.any(Number),
      external_account_id: 'account-7',
      external_user_id: `external ${username}`,
      app_name: expect.stringMatching(/^Shop [0-9a-f]{8}$/),
      custom_data: PROFILE.custom_data,
      custom_app_data: PROFILE.custom_app_data,
      ai_actor: undefined,
    };
    const tokens = await scene.rp.signIn(app, scene.person);
    const info = await scene.rp.userInfo(tokens.access_token, scene.person.userId);
    const answers: Record<string, Record<string, unknown>> = {
      idToken: { ...tokens.claims() },
      userInfo: info,
    };
    for (const [where, claims] of Object.entries(answers))
      for (const name of CUSTOM_CLAIMS)
        expect({ where, name, value: claims[name] }).toEqual({ where, name, value: expected[name] });
    for (const name of WITHOUT_VALUE) {
      expect(tokens.claims()).not.toHaveProperty(name);
      expect(info).not.toHaveProperty(name);
    }
    expect(Math.abs(Number(info.auth_time) * 1000 - Date.now())).toBeLessThan(60_000);
    expect(tokens.claims()?.auth_time).toBe(info.auth_time);
  });

  it('accepts the 38 names on a list and nothing else (R69, R72)', async () => {
    const path = `/v1/applications/${plain.appId}/clients`;
    const body = { name: 'Listed', redirect_uris: ['https://listed.example.com/cb'] };
    const created = await admin.post(path, { ...body, default_custom_claims: ['email', 'roles'] });
    expect(created).toMatchObject({ status: 201, body: { default_custom_claims: ['email', 'roles'] } });
    for (const name of ['sub', 'password_hash', 'given_name', 'Email', ''])
      for (const list of ['default_custom_claims', 'default_user_info_claims'])
        expect((await admin.post(path, { ...body, [list]: [name] })).status).toBe(400);
    const one = `${path}/${created.body.client_id}`;
    expect((await admin.put(one, { default_custom_claims: ['nobody'] })).status).toBe(400);
  });

  it('always has the claims that say who, for whom, when and how (tokens-and-sessions.md 3)', async () => {
    const tokens = await plain.rp.signIn(app, plain.person);
    const claims = tokens.claims();
    expect(claims).toMatchObject({
      iss: app.issuer,
      sub: plain.person.userId,
      aud: plain.clientId,
      tid: tenantId,
      amr: ['pwd'],
      acr: '',
      auth_time: expect.any(Number),
      nonce: expect.any(String),
    });
    expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBe(3600);
    const half = hash('sha256', tokens.access_token, 'buffer').subarray(0, 16);
    expect(claims?.at_hash).toBe(half.toString('base64url'));
  });

  it('keeps what scopes tell at UserInfo, out of the ID token, unless it is asked for (R73, D18)', async () => {
    const scope = 'openid profile email phone address';
    const tokens = await plain.rp.signIn(app, plain.person, { parameters: { scope } });
    for (const name of ['email', 'phone_number', 'address', 'given_name', 'name', 'picture'])
      expect(tokens.claims()).not.toHaveProperty(name);
    expect(await plain.rp.userInfo(tokens.access_token, plain.person.userId)).toMatchObject({
      email: plain.person.identifier,
      email_verified: false,
      phone_number: expect.stringMatching(/^\+1415/),
      address: PROFILE.address,
      name: 'Ada M Byron',
      given_name: 'Ada',
      family_name: 'Byron',
      middle_name: 'M',
      birthdate: '1985-04-12',
      locale: 'fr-FR',
      picture: PROFILE.picture,
      updated_at: expect.any(Number),
    });
    const bare = await plain.rp.signIn(app, plain.person);
    const info = await plain.rp.userInfo(bare.access_token, plain.person.userId);
    expect(info).toEqual({ sub: plain.person.userId });
  });

  it('has the listed email with scope openid alone, on refresh too, and after it has changed (R70, R71)', async () => {
    const scene = await setScene(app, { default_custom_claims: ['email', 'tid'] });
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    expect(tokens.claims()?.email).toBe(scene.person.identifier);
    const email = `new-${scene.person.identifier}`;
    expect((await admin.put(`/v1/users/${scene.person.userId}`, { email })).status).toBe(200);
    const next = await scene.rp.refresh(String(tokens.refresh_token));
    expect(next.claims()).toMatchObject({ email, auth_time: tokens.claims()?.auth_time, acr: '' });
    expect(next.claims()?.at_hash).not.toBe(tokens.claims()?.at_hash);
    const again = await scene.rp.signIn(app, { ...scene.person, identifier: email });
    expect(again.claims()?.email).toBe(email);
  });

  it('adds what the request names, to the ID token and to UserInfo apart, on refresh too (R73)', async () => {
    const claims = {
      id_token: {
        username: null,
        fname: { essential: true },
        given_name: null,
        role_values: { values: ['x'] },
      },
      userinfo: { city: null, family_name: null, app_name: { value: 'anything' } },
    };
    const tokens = await plain.rp.signIn(app, plain.person, {
      parameters: { ...OFFLINE, ...request(claims) },
    });
    for (const claimsOf of [
      tokens.claims(),
      (await plain.rp.refresh(String(tokens.refresh_token))).claims(),
    ]) {
      expect(claimsOf).toMatchObject({ fname: 'Ada', given_name: 'Ada', role_values: [] });
      expect(claimsOf?.username).toMatch(/^ada-/);
      expect(claimsOf).not.toHaveProperty('city');
    }
    const info = await plain.rp.userInfo(tokens.access_token, plain.person.userId);
    expect(info).toEqual({
      sub: plain.person.userId,
      city: 'Lyon',
      family_name: 'Byron',
      app_name: expect.stringMatching(/^Shop /),
    });
  });

  it('cuts custom data down to the fields that are asked for (tokens-and-sessions.md 3)', async () => {
    const some = {
      custom_data: { fields: ['color', 'absent'] },
      custom_app_data: { fields: ['seats'] },
    };
    const cut = { custom_data: { color: 'blue' }, custom_app_data: { seats: 3 } };
    const tokens = await plain.rp.signIn(app, plain.person, {
      parameters: request({ id_token: some, userinfo: some }),
    });
    expect(tokens.claims()).toMatchObject(cut);
    expect(Object.keys(tokens.claims()?.custom_data ?? {})).toEqual(['color']);
    expect(Object.keys(tokens.claims()?.custom_app_data ?? {})).toEqual(['seats']);
    expect(await plain.rp.userInfo(tokens.access_token, plain.person.userId)).toEqual({
      sub: plain.person.userId,
      ...cut,
    });
    const whole = await plain.rp.signIn(app, plain.person, {
      parameters: request({ id_token: { custom_data: null, custom_app_data: { fields: [] } } }),
    });
    expect(whole.claims()?.custom_data).toEqual(PROFILE.custom_data);
    expect(whole.claims()).not.toHaveProperty('custom_app_data');
  });

  it.each([[{ type: 'payment', data: { amount: '10', payee: 'ACME' } }], [{ amount: '10', payee: 'ACME' }]])(
    'gives approval data back as it was sent: %j',
    async (approval_data) => {
      const tokens = await plain.rp.signIn(app, plain.person, {
        parameters: request({ id_token: { approval_data } }),
      });
      expect(tokens.claims()?.approval_data).toEqual(approval_data);
    },
  );

  it('ignores names it does not know, and cannot be talked into overwriting its own claims', async () => {
    const id_token = {
      shoe_size: null,
      password_hash: null,
      sub: null,
      iss: { value: 'https://evil.example.com' },
      aud: { value: 'evil' },
      tid: { value: 'evil' },
      amr: { values: ['mfa'] },
      exp: { value: 9_999_999_999 },
      constructor: null,
    };
    const text = JSON.stringify({ id_token }).replace('"shoe_size"', '"__proto__":{"evil":true},"shoe_size"');
    const tokens = await plain.rp.signIn(app, plain.person, { parameters: { claims: text } });
    const claims = tokens.claims();
    expect(Object.keys(claims ?? {}).sort()).toEqual(
      ['acr', 'amr', 'at_hash', 'aud', 'auth_time', 'exp', 'iat', 'iss', 'nonce', 'sub', 'tid'].sort(),
    );
    expect(claims).toMatchObject({ iss: app.issuer, aud: plain.clientId, tid: tenantId, amr: ['pwd'] });
  });

  it.each([
    ['{', 'JSON'],
    ['[]', 'JSON object'],
    ['{}', 'userinfo or id_token'],
    ['{"id_token":[]}', 'claims.id_token should be an object'],
    ['{"userinfo":"email"}', 'claims.userinfo should be an object'],
    ['{"id_token":{"email":true}}', 'claims.id_token.email must be null or an object'],
    ['{"userinfo":{"email":["x"]}}', 'claims.userinfo.email must be null or an object'],
    ['{"id_token":{"email":{"essential":"yes"}}}', 'claims.id_token.email has an essential'],
    ['{"id_token":{"email":{"values":"x"}}}', 'claims.id_token.email has values'],
    ['{"id_token":{"custom_data":{"fields":"color"}}}', 'claims.id_token.custom_data has fields'],
    ['{"id_token":{"custom_data":{"fields":[1]}}}', 'claims.id_token.custom_data has fields'],
    ['{"userinfo":{"email":{"fields":["a"]}}}', 'claims.userinfo.email cannot have fields'],
  ])(
    'refuses the malformed parameter %s at the redirect URI and at PAR (oidc.md 3.2)',
    async (claims, sentence) => {
      const { url } = await plain.rp.authorize({ claims });
      const arrival = await new Browser(app).open(url);
      expect(arrival.url.origin + arrival.url.pathname).toBe(plain.rp.redirectUri);
      expect(arrival.url.searchParams.get('error')).toBe('invalid_request');
      expect(arrival.url.searchParams.get('error_description')).toContain(sentence);
      const { client_id: _, ...form } = Object.fromEntries(url.searchParams);
      const pushed = await postForm(`${app.url}/oidc/request`, { ...form }, plain);
      expect(pushed).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    },
  );

  it('lets UserInfo follow the list of the ID token where the client says so (D18)', async () => {
    const scene = await setScene(app, {
      default_custom_claims: ['email', 'app_name'],
      sync_id_token_claims_to_userinfo: true,
    });
    const tokens = await scene.rp.signIn(app, scene.person);
    const info = { sub: scene.person.userId, email: scene.person.identifier, app_name: expect.any(String) };
    expect(await scene.rp.userInfo(tokens.access_token, scene.person.userId)).toEqual(info);
    const apart = { sync_id_token_claims_to_userinfo: false, default_user_info_claims: ['new_user'] };
    const path = `/v1/applications/${scene.appId}/clients/${scene.clientId}`;
    expect((await admin.put(path, apart)).status).toBe(200);
    const later = await scene.rp.signIn(app, scene.person);
    expect(await scene.rp.userInfo(later.access_token, scene.person.userId)).toEqual({
      sub: scene.person.userId,
      new_user: false,
    });
    expect((await admin.put(path, { ...apart, sync_id_token_claims_to_userinfo: true })).status).toBe(400);
  });

  it('answers UserInfo by the scopes of the token, and refuses one without openid (R159)', async () => {
    const tokens = await plain.rp.signIn(app, plain.person, {
      parameters: { ...OFFLINE, scope: 'openid email offline_access' },
    });
    const refresh = (scope: string, refresh_token: unknown) =>
      postForm(
        `${app.url}/oidc/token`,
        { grant_type: 'refresh_token', refresh_token: String(refresh_token), scope },
        plain,
      );
    const narrow = await refresh('openid', tokens.refresh_token);
    expect(decodeJwt(narrow.body.access_token).scope).toBe('openid');
    expect(await plain.rp.userInfo(narrow.body.access_token, plain.person.userId)).toEqual({
      sub: plain.person.userId,
    });
    const without = await refresh('email', narrow.body.refresh_token);
    expect(without.body).not.toHaveProperty('id_token');
    const refused = await fetch(`${app.issuer.replace(/\/oidc$/, '')}/oidc/me`, {
      headers: { authorization: `Bearer ${without.body.access_token}` },
    });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: 'insufficient_scope' });
  });

  it('tells a third party what its list and its consented scopes say, whatever it asks for (R95, R96, R97)', async () => {
    const scene = await setScene(app, {
      is_third_party: true,
      allowed_scopes: ['email'],
      default_custom_claims: ['fname'],
    });
    await fillProfileAsAdmin(scene);
    const everything = Object.fromEntries(CUSTOM_CLAIMS.map((name) => [name, null]));
    const asked = await scene.rp.authorize({
      scope: 'openid email',
      ...request({ id_token: everything, userinfo: everything }),
    });
    const tokens = await scene.rp.redeem(await consentTo(asked.url, scene), asked);
    const claims = tokens.claims() ?? {};
    expect(claims).toMatchObject({
      email: scene.person.identifier,
      fname: 'Ada',
      app_name: expect.any(String),
    });
    const info = await scene.rp.userInfo(tokens.access_token, scene.person.userId);
    expect(info).toMatchObject({ email: scene.person.identifier });
    for (const name of [
      'phone_number',
      'lname',
      'custom_data',
      'secondary_emails',
      'roles',
      'external_user_id',
    ]) {
      expect(claims).not.toHaveProperty(name);
      expect(info).not.toHaveProperty(name);
    }
    expect(decodeJwt(tokens.access_token)).toMatchObject({ scope: 'openid email', roles: [] });
    expect((await api(app, tokens.access_token).put(`/v1/users/${scene.person.userId}`, {})).status).toBe(
      403,
    );
    const beyond = await new Browser(app).open((await scene.rp.authorize({ scope: 'openid phone' })).url);
    expect(beyond.url.searchParams.get('error')).toBe('invalid_scope');
  });

  async function fillProfileAsAdmin(scene: Scene): Promise<void> {
    const { name, secondary_emails, custom_data } = PROFILE;
    phones += 1;
    const changed = await admin.put(`/v1/users/${scene.person.userId}`, {
      ...{ name, secondary_emails, custom_data },
      external_user_id: `third ${phones}`,
      phone_number: `+1415555${1000 + phones}`,
    });
    expect(changed.status).toBe(200);
  }

  /** Signs in and allows what the consent page asks; returns where the browser is sent. */
  async function consentTo(url: URL, { person }: Scene): Promise<URL> {
    const browser = new Browser(app);
    const page = await browser.submit(signInForm(await browser.open(url)), person);
    const form = page.forms[0];
    if (!form) throw new Error(`no consent form:\n${page.html.slice(0, 1000)}`);
    return (await browser.submit(form, { decision: 'allow' })).url;
  }
});
