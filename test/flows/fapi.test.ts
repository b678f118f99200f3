import { randomUUID } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as oidc from 'openid-client';
import { Browser } from '../support/browser.ts';
import { type ProofKey, proofKey } from '../support/dpop.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { fapiClient, fapiFields } from '../support/fapi-client.ts';
import { adminToken, api } from '../support/management.ts';
import { addClient, answerOf, send } from '../support/raw-requests.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.each(policyStorages)('the FAPI 2.0 flag ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let apps: App[] = [];
  let app: App;
  let scene: Scene;
  let browser: Browser;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    apps = [app];
    // The embedded database lets one process in.
    if (name !== 'embedded') apps.push(await startApp({ like: app, port: await freePort() }));
    scene = await setScene(app);
    browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
  });
  afterAll(async () => {
    for (const process of apps.toReversed()) {
      await process.stop();
      await process.discard();
    }
    await storage?.release();
  });

  const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}, at = app) =>
    send(`${at.url}${path}`, form, headers);
  const tokenUrl = () => `${app.issuer}/token`;
  const tokenProof = (key: ProofKey, claims: Record<string, unknown> = {}) =>
    key.proof({ htm: 'POST', htu: tokenUrl(), ...claims });

  it('switches PAR on, and is a 400 with a sentence for each contradiction (contract/oidc.md 7)', async () => {
    const admin = api(app, await adminToken(app));
    const path = `/v1/applications/${scene.appId}/clients`;
    const { fields } = await fapiFields();
    const save = (more: Record<string, unknown>) =>
      admin.post(path, { name: 'FAPI', redirect_uris: [REDIRECT_URI], ...fields, ...more });
    const made = await save({});
    expect(made).toMatchObject({ status: 201, body: { fapi_version_compliancy: true, enforce_par: true } });
    const rsa = await fapiFields('RS256');
    for (const [more, sentence] of [
      [
        { authentication_configuration: { method: 'client_secret_basic' } },
        /requires authentication_config.*method/,
      ],
      [{ pkce: 'allowPkceAlongsideClientCredentials' }, /requires pkce/],
      [{ pkce: 'enforcePkceInsteadOfClientCredentials' }, /requires pkce/],
      [{ enforce_par: false }, /requires enforce_par/],
      [rsa.fields, /PS256/],
    ] as const) {
      expect(await save(more)).toMatchObject({
        status: 400,
        body: { message: [expect.stringMatching(sentence)] },
      });
      expect((await admin.put(`${path}/${made.body.client_id}`, more)).status).toBe(400);
    }
    const all = { authentication_configuration: { method: 'client_secret_basic' }, enforce_par: false };
    const refused = await save({ ...all, pkce: 'allowPkceAlongsideClientCredentials' });
    expect(refused.body.message).toHaveLength(3);
    // What is read can be written back.
    const { body } = await admin.get(`${path}/${made.body.client_id}`);
    expect((await admin.put(`${path}/${made.body.client_id}`, body)).status).toBe(200);
  });

  it('serves a client that pushes, proves and binds, and refuses the rest', async () => {
    const { rp, DPoP, clientId } = await fapiClient(app, scene.appId);
    const request = await rp.push(OFFLINE, { DPoP });
    const { url } = await browser.open(request.url);
    expect(url.searchParams.get('iss')).toBe(app.issuer);
    const tokens = await rp.redeem(url, request, { DPoP });
    expect(tokens.token_type).toBe('dpop');
    for (const token of [tokens.access_token, tokens.id_token ?? ''])
      expect(decodeProtectedHeader(token).alg).toBe('PS256');
    const cnf = decodeJwt(tokens.access_token).cnf;
    expect(cnf).toEqual({ jkt: await DPoP.calculateThumbprint() });
    expect(await rp.userInfo(tokens.access_token, scene.person.userId, { DPoP })).toMatchObject({
      sub: scene.person.userId,
    });
    expect(await rp.introspect(tokens.access_token)).toMatchObject({
      active: true,
      cnf,
      token_type: 'DPoP',
    });
    const next = await rp.refresh(tokens.refresh_token ?? '', { DPoP });
    expect(next.token_type).toBe('dpop');
    await expect(rp.refresh(next.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    const own = await oidc.clientCredentialsGrant(rp.config, {}, { DPoP });
    expect(own.token_type).toBe('dpop');
    await expect(oidc.clientCredentialsGrant(rp.config, {})).rejects.toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringMatching(/header DPoP/),
    });
    const direct = await rp.authorize();
    expect(await answerOf(browser, direct.url)).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringMatching(/push/),
    });
    await expect(rp.push({ code_challenge: '', code_challenge_method: '' }, { DPoP })).rejects.toMatchObject({
      error: 'invalid_request',
    });
    expect(clientId).toBe(decodeJwt(tokens.access_token).client_id);
  });

  it('requires a server nonce, which the library gets by asking again (RFC 9449 section 8)', async () => {
    const { clientId, privateKey } = await fapiClient(app, scene.appId);
    const key = await proofKey();
    const assertion = (aud: string, alg = 'PS256') =>
      new SignJWT({ jti: randomUUID() })
        .setProtectedHeader({ alg, kid: 'client-key' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(aud)
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey);
    const ask = async (nonce: string | undefined, aud = app.issuer, at = app) =>
      post(
        '/oidc/token',
        {
          grant_type: 'client_credentials',
          client_assertion_type: ASSERTION,
          client_assertion: await assertion(aud),
        },
        { dpop: await tokenProof(key, { nonce }) },
        at,
      );
    const first = await ask(undefined);
    expect(first).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } });
    const nonce = first.headers.get('dpop-nonce') ?? '';
    expect(nonce).not.toBe('');
    expect(await ask(nonce)).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
    // Another process takes it too: nonces come from the master key.
    const at = apps.at(-1) ?? app;
    expect(await ask(nonce, app.issuer, at)).toMatchObject({ status: 200 });
    const guessed = await ask(`${nonce.slice(0, -4)}AAAA`);
    expect(guessed).toMatchObject({ status: 400, body: { error: 'use_dpop_nonce' } });
    // FAPI 2.0 5.3.2.1: the audience of the assertion is the issuer.
    expect(await ask(nonce, tokenUrl())).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('refuses a client assertion that is good for years, whatever number says so', async () => {
    const { clientId, privateKey } = await fapiClient(app, scene.appId);
    for (const exp of [Math.floor(Date.now() / 1000) + 90_000, Number.MAX_SAFE_INTEGER, 1e300]) {
      const assertion = await new SignJWT({ jti: randomUUID(), exp })
        .setProtectedHeader({ alg: 'PS256', kid: 'client-key' })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(app.issuer)
        .sign(privateKey);
      const form = { client_assertion_type: ASSERTION, client_assertion: assertion };
      expect(await post('/oidc/token', { grant_type: 'client_credentials', ...form })).toMatchObject({
        status: 401,
        body: { error: 'invalid_client', error_description: expect.stringMatching(/^exp/) },
      });
    }
  });

  it('refuses a client assertion signed with RS256, although the key would fit', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'any-rsa', use: 'sig' };
    const { fields } = await fapiFields();
    const { clientId } = await addClient(app, scene.appId, {
      ...fields,
      authentication_configuration: { method: 'private_key_jwt', jwks: { keys: [jwk] } },
    });
    const assertion = await new SignJWT({
      jti: randomUUID(),
      iss: clientId,
      sub: clientId,
      aud: app.issuer,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'any-rsa' })
      .setExpirationTime('1m')
      .sign(privateKey);
    const form = {
      grant_type: 'client_credentials',
      client_assertion_type: ASSERTION,
      client_assertion: assertion,
    };
    const dpop = await tokenProof(await proofKey());
    expect(await post('/oidc/token', form, { dpop })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  it('writes no proof, assertion or token into its log', () => {
    for (const process of apps) expect(process.output()).not.toMatch(/eyJ[\w-]{10,}\./);
  });
});
