/** Which claims the `claims` parameter brings, and what it cannot bring (OpenID Connect Core 5.5). */
import { decodeJwt } from 'jose';
import { CUSTOM_CLAIMS } from '../../src/clients/custom-claims.ts';
import { Browser, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { FULL_PROFILE, fillProfile } from '../support/full-profile.ts';
import { type Api, adminToken, api, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const request = (members: object): Record<string, string> => ({ claims: JSON.stringify(members) });

describe.each(policyStorages)('requested claims ($name)', ({ options }) => {
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
    expect(whole.claims()?.custom_data).toEqual(FULL_PROFILE.custom_data);
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
    ['{"id_token":{"approval_data":{"a":"\\u0000"}}}', 'must not contain NUL characters'],
    ['{"userinfo":{"email":{"value":"\\ud800"}}}', 'broken Unicode'],
    ['{"id_token":{"a\\"b\\u0001":true}}', "claims.id_token.a'b' must be null"],
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

  it('tells a third party what its list and its consented scopes say, whatever it asks for (R95, R96, R97)', async () => {
    const scene = await setScene(app, {
      is_third_party: true,
      allowed_scopes: ['email'],
      default_custom_claims: ['fname'],
    });
    const { name, custom_data } = FULL_PROFILE;
    const hidden = {
      name,
      custom_data,
      external_user_id: 'third',
      phone_number: '+14155559999',
    };
    expect((await admin.put(`/v1/users/${scene.person.userId}`, hidden)).status).toBe(200);
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
    for (const name of ['phone_number', 'lname', 'custom_data', 'roles', 'external_user_id']) {
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

  /** Signs in and allows what the consent page asks; returns where the browser is sent. */
  async function consentTo(url: URL, { person }: Scene): Promise<URL> {
    const browser = new Browser(app);
    const page = await browser.submit(signInForm(await browser.open(url)), person);
    const form = page.forms[0];
    if (!form) throw new Error(`no consent form:\n${page.html.slice(0, 1000)}`);
    return (await browser.submit(form, { decision: 'allow' })).url;
  }
});
