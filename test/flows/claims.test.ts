/** Which claims ID tokens and UserInfo have by themselves: the client's lists and the scopes. */
import { hash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { CUSTOM_CLAIMS } from '../../src/clients/custom-claims.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { FULL_PROFILE, fillProfile } from '../support/full-profile.ts';
import { type Api, adminToken, api, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
/** Claims that nothing in this server has a value for yet; `approval_data` comes with a request only. */
const WITHOUT_VALUE = ['groups', 'webauthn', 'custom_group_data', 'ai_actor', 'approval_data'];

describe.each(policyStorages)('claims ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  let tenantId: string;
  /** Asks for nothing by list. */
  let plain: Scene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    const token = await adminToken(app);
    tenantId = String(decodeJwt(token).tid);
    admin = api(app, token);
    plain = await setScene(app);
    await fillProfile(app, plain);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  it('gives a value, or nothing, for each of the 38, to the ID token and to UserInfo (R70, R72, D18)', async () => {
    expect(CUSTOM_CLAIMS).toHaveLength(38);
    const scene = await setScene(app, {
      default_custom_claims: CUSTOM_CLAIMS,
      default_user_info_claims: CUSTOM_CLAIMS,
    });
    const { username, phone_number, external_user_id } = await fillProfile(app, scene);
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
      phone_number,
      phone_number_verified: false,
      groups: undefined,
      new_user: false,
      birthday: '1985-04-12',
      language: 'fr-FR',
      city: 'Lyon',
      address: FULL_PROFILE.address,
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
      picture: FULL_PROFILE.picture,
      created_at: expect.any(Number),
      last_auth: expect.any(Number),
      auth_time: expect.any(Number),
      external_account_id: 'account-7',
      external_user_id,
      app_name: expect.stringMatching(/^Shop [0-9a-f]{8}$/),
      custom_data: FULL_PROFILE.custom_data,
      custom_app_data: FULL_PROFILE.custom_app_data,
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
      address: FULL_PROFILE.address,
      name: 'Ada M Byron',
      given_name: 'Ada',
      family_name: 'Byron',
      middle_name: 'M',
      birthdate: '1985-04-12',
      locale: 'fr-FR',
      picture: FULL_PROFILE.picture,
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
});
