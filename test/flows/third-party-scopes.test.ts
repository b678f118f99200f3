/** What a third-party client may ask for: its list is the ceiling, wherever it asks. */
import { decodeJwt } from 'jose';
import { Browser, type Page } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import {
  addThirdParty,
  decide,
  reachConsent,
  type ThirdParty,
  tokensByConsent,
} from '../support/third-party.ts';

const SCOPES = ['orders:read', 'orders:write', 'email', 'offline_access'];

const answerOf = (page: Page) => Object.fromEntries(page.url.searchParams);
const scopeOf = (token: string) => String(decodeJwt(token).scope).split(' ').sort();

describe.each(policyStorages)('the allowed scopes of a third-party client ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const partner = (fields: Record<string, unknown> = {}) =>
    addThirdParty(app, scene, { allowed_scopes: SCOPES, ...fields });
  const reach = (party: ThirdParty, parameters: Record<string, string>, browser?: Browser) =>
    reachConsent(app, scene, party, parameters, browser);
  const edit = async (party: ThirdParty, body: unknown) => {
    const admin = api(app, await adminToken(app));
    const answer = await admin.put(`/v1/applications/${scene.appId}/clients/${party.clientId}`, body);
    expect(answer.status).toBe(200);
  };

  const pushed = (party: ThirdParty, parameters: Record<string, string>) =>
    postForm(
      `${app.url}/oidc/request`,
      {
        response_type: 'code',
        client_id: party.clientId,
        redirect_uri: party.rp.redirectUri,
        ...parameters,
      },
      party,
    );

  it('is the ceiling at the authorization endpoint and at PAR, the description naming the scope (R95, R96, R97)', async () => {
    const listed = await partner({ allowed_scopes: ['orders:read'] });
    const fresh = await partner({ allowed_scopes: [] });
    const cases = [
      [listed, 'openid orders:write', 'orders:write'],
      [listed, 'openid orders:read email', 'email'],
      [listed, 'openid orders:read offline_access', 'offline_access'],
      [fresh, 'openid orders:read', 'orders:read'],
      [fresh, 'openid profile', 'profile'],
    ] as const;
    for (const [party, scope, named] of cases) {
      const { page } = await reach(party, { scope, prompt: 'consent' });
      expect(answerOf(page)).toMatchObject({ error: 'invalid_scope' });
      expect(answerOf(page).error_description).toContain(named);
      const answer = await pushed(party, { scope, prompt: 'consent' });
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
      expect(answer.body.error_description).toContain(named);
    }
    // The engine lets requests without openid pass as plain OAuth where they have no nonce either.
    for (const scope of [undefined, 'orders:read']) {
      const { url } = await listed.rp.authorize(scope === undefined ? {} : { scope });
      url.searchParams.delete('nonce');
      if (scope === undefined) url.searchParams.delete('scope');
      expect(answerOf(await new Browser(app).open(url))).toMatchObject({
        error: 'invalid_request',
        error_description: 'scope must contain openid',
      });
    }
    const bare = await tokensByConsent(app, scene, fresh, { scope: 'openid' });
    expect(scopeOf(bare.access_token)).toEqual(['openid']);
  });

  it('grants a listed permission without a resource too, and through PAR (R95)', async () => {
    const party = await partner();
    const { status, body } = await pushed(party, { scope: 'openid orders:read' });
    expect(status).toBe(201);
    const browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
    const url = new URL(`${app.issuer}/auth`);
    url.search = new URLSearchParams({
      client_id: party.clientId,
      request_uri: body.request_uri,
    }).toString();
    const arrival = await decide(browser, await browser.open(url), 'allow');
    const answer = await postForm(
      `${app.url}/oidc/token`,
      {
        grant_type: 'authorization_code',
        code: String(arrival.url.searchParams.get('code')),
        redirect_uri: party.rp.redirectUri,
      },
      party,
    );
    expect(answer.status).toBe(200);
    expect(decodeJwt(answer.body.access_token)).toMatchObject({ aud: 'userid-api' });
    expect(scopeOf(answer.body.access_token)).toEqual(['openid', 'orders:read']);
  });

  it('does not bind first-party clients, nor a client whose toggle is off (R25, R89)', async () => {
    const own = await scene.rp.signIn(app, scene.person, {
      parameters: { scope: 'openid email orders:read' },
    });
    expect(scopeOf(own.access_token)).toEqual(['email', 'openid']);
    const party = await partner({
      is_third_party: false,
      allowed_scopes: [],
      consent_uris: ['https://shop.example.com/consent'],
    });
    const tokens = await party.rp.signIn(app, scene.person, {
      parameters: {
        scope: 'openid phone',
        consent_uri: 'https://elsewhere.example.com',
        prompt: 'consent',
      },
    });
    expect(scopeOf(tokens.access_token)).toEqual(['openid', 'phone']);
  });

  it('takes effect at the next refresh when it shrinks (R96)', async () => {
    const party = await partner();
    const parameters = { scope: 'openid orders:read orders:write offline_access', prompt: 'consent' };
    const tokens = await tokensByConsent(app, scene, party, parameters);
    expect(scopeOf(tokens.access_token)).toContain('orders:write');
    await edit(party, { allowed_scopes: ['orders:read', 'offline_access'] });
    const next = await party.rp.refresh(String(tokens.refresh_token));
    expect(scopeOf(next.access_token)).toEqual(['offline_access', 'openid', 'orders:read']);
  });

  it('bounds the claims parameter and UserInfo (R97)', async () => {
    const party = await partner({ allowed_scopes: ['phone'] });
    const claims = JSON.stringify({
      userinfo: { email: null },
      id_token: { email: null, phone_number: null },
    });
    const tokens = await tokensByConsent(app, scene, party, { scope: 'openid phone', claims });
    expect(tokens.claims()).not.toHaveProperty('email');
    const userInfo = await party.rp.userInfo(tokens.access_token, scene.person.userId);
    expect(userInfo.sub).toBe(scene.person.userId);
    expect(userInfo).not.toHaveProperty('email');
  });

  it('gives no scope to a token without a user, and that token manages nothing (R27, R96, R97)', async () => {
    const party = await partner();
    const token = await clientToken(app, party);
    expect(decodeJwt(token)).not.toHaveProperty('scope');
    for (const scope of ['orders:read', 'email', 'openid', 'anything']) {
      const answer = await postForm(
        `${app.url}/oidc/token`,
        { grant_type: 'client_credentials', scope },
        party,
      );
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    }
    const outside = api(app, token);
    const attempts = [
      outside.put(`/v1/clients/${party.clientId}`, { allowed_scopes: ['everything'] }),
      outside.put(`/v1/clients/${party.clientId}`, { is_third_party: false }),
      outside.get('/v1/users'),
      outside.get('/v1/consents'),
      outside.get('/v1/resources'),
    ];
    for (const answer of await Promise.all(attempts))
      expect(answer).toMatchObject({ status: 403, body: { error_code: 403 } });
  });
});
