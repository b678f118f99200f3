/** Device flow, CIBA and delegated access with what protects tokens: DPoP, mutual TLS, FAPI 2.0, SAML clients (oidc.md 5 to 7). */
import { randomUUID } from 'node:crypto';
import { decodeJwt, SignJWT } from 'jose';
import * as oidc from 'openid-client';
import { Browser, signInForm } from '../support/browser.ts';
import { askForTokens, startDevice } from '../support/device.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { fapiFields } from '../support/fapi-client.ts';
import { type Api, adminToken, api, postForm } from '../support/management.ts';
import { addClient } from '../support/raw-requests.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const DELEGATED = 'urn:transmit:grant-type:delegated-access';
const FLOWS = {
  device_authorization: { enabled: true, approval_uri: '', success_uri: '', input_uri: '' },
  ciba_authorization: { enabled: true, login_uri: 'https://bank.example.com/confirm' },
};
const BY_LINK = JSON.stringify({ channel: 'link', login_hint_type: 'user_id' });
const ME = '/v1/delegated-access/consents/me';

describe.each(storages.slice(-1))('tokens of the other grants ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  let scene: Scene;
  const handle = async () => oidc.getDPoPHandle(scene.rp.config, await oidc.randomDPoPKeyPair('ES256'));
  const jktOf = (token: string) => (decodeJwt(token).cnf as { jkt?: string } | undefined)?.jkt;

  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
    scene = await setScene(app, FLOWS);
    const { userId, identifier } = scene.person;
    await admin.post(`/v1/users/${userId}/emails/${identifier}/verify`, {});
  });
  afterAll(async () => {
    await app.stop();
    await app.discard();
    await storage?.release();
  });

  /** A subject who let the scene's person act for them. */
  async function subject(at = scene, actorToken?: string): Promise<string> {
    const actor = actorToken ?? (await at.rp.signIn(app, scene.person)).access_token;
    const password = 'Correct-Horse-7-Battery';
    const email = `s-${randomUUID()}@example.com`;
    const made = await admin.post('/v1/users', { email, credentials: { password, force_replace: false } });
    const { user_id: id } = made.body.result;
    const asked = await api(app, actor).post(`${ME}/request`, {
      permissions: ['orders:read'],
      consent_uri: REDIRECT_URI,
      subject_id: id,
    });
    const own = (await at.rp.signIn(app, { identifier: email, password })).access_token;
    await api(app, own).post(`${ME}/grant`, { consent_id: asked.body.result.consent_id });
    return id;
  }
  const approveDevice = async (uri: string): Promise<void> => {
    const browser = new Browser(app);
    const [form] = (await browser.open(uri)).forms;
    if (!form) throw new Error('no approval form');
    const login = await browser.submit(form, { approved: 'true' });
    const { identifier, password } = scene.person;
    await browser.submit(signInForm(login), { identifier, password });
  };

  it('are bound to the key of a DPoP proof (RFC 9449): device flow and CIBA', async () => {
    const DPoP = await handle();
    const device = await startDevice(scene.rp);
    await approveDevice(String(device.verification_uri_complete));
    const ofDevice = await oidc.pollDeviceAuthorizationGrant(
      scene.rp.config,
      { ...device, interval: 1 },
      undefined,
      { DPoP, signal: AbortSignal.timeout(8000) },
    );
    const request = await oidc.initiateBackchannelAuthentication(scene.rp.config, {
      scope: 'openid',
      login_hint: scene.person.userId,
      request_context: BY_LINK,
    });
    const { access_token: token } = await scene.rp.signIn(app, scene.person);
    await api(app, token).post('/auth/backchannel/complete', {
      auth_req_id: request.auth_req_id,
      approved: true,
    });
    const ofCiba = await oidc.pollBackchannelAuthenticationGrant(
      scene.rp.config,
      { ...request, interval: 1 },
      undefined,
      { DPoP, signal: AbortSignal.timeout(8000) },
    );
    expect([ofDevice.token_type, ofCiba.token_type]).toEqual(['dpop', 'dpop']);
    const jkt = jktOf(ofDevice.access_token);
    expect(jkt).toEqual(expect.any(String));
    expect(jktOf(ofCiba.access_token)).toBe(jkt);
  });

  it('of delegated access are bound to the proved key, and a bound actor_token needs the proof of its own', async () => {
    const [DPoP, other] = [await handle(), await handle()];
    const browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
    const request = await scene.rp.authorize();
    const actor = await scene.rp.redeem((await browser.open(request.url)).url, request, { DPoP });
    const parameters = {
      actor_token: actor.access_token,
      subject_identifier: await subject(),
      scope: 'orders:read',
    };
    const tokens = await oidc.genericGrantRequest(scene.rp.config, DELEGATED, parameters, { DPoP });
    expect(tokens.token_type).toBe('dpop');
    expect(jktOf(tokens.access_token)).toBe(jktOf(actor.access_token));
    for (const options of [{}, { DPoP: other }])
      await expect(
        oidc.genericGrantRequest(scene.rp.config, DELEGATED, parameters, options),
      ).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('of a client whose tokens are bound to its certificate are refused without one (R50)', async () => {
    const bound = await addClient(app, scene.appId, {
      ...FLOWS,
      authentication_configuration: { method: 'client_secret_basic', isMtlsCertTokenBound: true },
    });
    const device = await postForm(`${app.url}/oidc/device/auth`, { scope: 'openid' }, bound);
    await approveDevice(device.body.verification_uri_complete);
    const { access_token: actor } = await scene.rp.signIn(app, scene.person);
    const answers = [
      await askForTokens(app, bound, device.body.device_code),
      await postForm(
        `${app.url}/oidc/token`,
        {
          grant_type: DELEGATED,
          actor_token: actor,
          subject_identifier: await subject(scene, actor),
          scope: 'orders:read',
        },
        bound,
      ),
    ];
    for (const { body } of answers)
      expect(body).toEqual({
        error: 'invalid_grant',
        error_description: expect.stringContaining('certificate'),
      });
  });

  it('are not open to FAPI 2.0 clients, whose sign-ins begin with a pushed request (oidc.md 7)', async () => {
    const { fields, privateKey } = await fapiFields();
    const { clientId } = await addClient(app, scene.appId, { ...fields, ...FLOWS });
    const form = async (more: Record<string, string>) => ({
      client_id: clientId,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg: 'PS256', kid: 'client-key' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(app.issuer)
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey),
      scope: 'openid',
      ...more,
    });
    const answers = [
      await postForm(`${app.url}/oidc/device/auth`, await form({})),
      await postForm(`${app.url}/oidc/backchannel`, await form({ login_hint: scene.person.userId })),
    ];
    for (const { status, body } of answers)
      expect([status, body.error]).toEqual([400, 'unauthorized_client']);
  });

  it('are not open to SAML clients (C27)', async () => {
    const made = await admin.post(`/v1/applications/${scene.appId}/clients`, {
      name: 'SAML',
      authentication_protocol: 'saml',
      sp_entity_id: `https://sp-${randomUUID()}.example.com`,
      sp_acs_url: 'https://sp.example.com/acs',
    });
    expect(made.status).toBe(201);
    const credentials = { client_id: made.body.client_id, client_secret: 'x' };
    const answers = [
      await postForm(`${app.url}/oidc/device/auth`, { ...credentials, scope: 'openid' }),
      await postForm(`${app.url}/oidc/backchannel`, { ...credentials, scope: 'openid', login_hint: 'x' }),
      await postForm(`${app.url}/oidc/token`, {
        ...credentials,
        grant_type: DELEGATED,
        actor_token: 'x',
        subject_identifier: 'x',
        scope: 'x',
      }),
    ];
    for (const { status, body } of answers)
      expect([status, body.error]).toEqual([400, 'unauthorized_client']);
    // Nor does the page for codes know them.
    const page = await new Browser(app).open(`${app.issuer}/device?client_id=${made.body.client_id}`);
    expect(page.status).toBe(200);
  });
});
