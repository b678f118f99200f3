import { type CryptoKey, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import * as oidc from 'openid-client';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, postForm } from '../support/management.ts';
import { addClient, answerOf, authorizationUrl } from '../support/raw-requests.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const SIGNED = 'application/token-introspection+jwt';

/** The signed token that the library found inside. */
function innerOf(answer: oidc.TokenEndpointResponse): string {
  const inner = oidc.getDecryptedResponses(answer);
  return (typeof inner === 'string' ? inner : inner?.id_token?.token_endpoint) ?? '';
}

describe.each(policyStorages)('encrypted ID tokens and signed introspection ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let browser: Browser;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const encrypting = async (alg: string, crv?: string, more: Record<string, unknown> = {}) => {
    const pair = await generateKeyPair(alg, { extractable: true, ...(crv && { crv }) });
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'to-me', ...more };
    const client = await addClient(app, scene.appId, {
      id_token_encryption: { enabled: true, jwks: { keys: [jwk] } },
    });
    const rp = await RelyingParty.discover(app, { ...client, redirectUri: REDIRECT_URI });
    oidc.enableDecryptingResponses(rp.config, ['A256GCM'], {
      key: pair.privateKey as CryptoKey,
      alg,
      kid: 'to-me',
    });
    return { rp, client };
  };

  it.each([
    ['RSA-OAEP-256', undefined, {}],
    ['ECDH-ES', 'P-256', {}],
    ['ECDH-ES', 'X25519', {}],
    ['RSA-OAEP-512', undefined, { alg: 'RSA-OAEP-512', use: 'enc' }],
    ['ECDH-ES+A256KW', 'P-256', { alg: 'ECDH-ES+A256KW' }],
  ])('signs, then encrypts to the key of the client: %s %s (C28)', async (alg, crv, more) => {
    const { rp } = await encrypting(alg, crv, more);
    const request = await rp.authorize({ scope: 'openid offline_access', prompt: 'consent' });
    const tokens = await rp.redeem((await browser.open(request.url)).url, request);
    for (const answer of [tokens, await rp.refresh(tokens.refresh_token ?? '')]) {
      expect(decodeProtectedHeader(answer.id_token ?? '')).toMatchObject({
        alg,
        enc: 'A256GCM',
        cty: 'JWT',
        kid: 'to-me',
      });
      expect(decodeProtectedHeader(innerOf(answer))).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
      // The library has checked the signature, the issuer, the audience and the nonce of what was inside.
      expect(answer.claims()).toMatchObject({ sub: scene.person.userId });
    }
  });

  it('takes the decrypted token for a hint, not the encrypted one', async () => {
    const { rp, client } = await encrypting('ECDH-ES', 'P-256');
    const request = await rp.authorize();
    const tokens = await rp.redeem((await browser.open(request.url)).url, request);
    const hint = (id_token_hint: string) =>
      answerOf(browser, authorizationUrl(app, client.clientId, { id_token_hint, prompt: 'none' }));
    expect(await hint(innerOf(tokens))).toMatchObject({
      code: expect.any(String),
    });
    expect(await hint(tokens.id_token ?? '')).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringMatching(/not encrypted/),
    });
  });

  it('keeps the key for encryption apart from those that authenticate the client', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
    const own = await generateKeyPair('ES256', { extractable: true });
    const { clientId } = await addClient(app, scene.appId, {
      authentication_configuration: {
        method: 'private_key_jwt',
        jwks: { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'auth' }] },
      },
      id_token_encryption: {
        enabled: true,
        jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'encryption' }] },
      },
    });
    const rpWith = (key: CryptoKey, kid: string) =>
      RelyingParty.discover(app, {
        clientId,
        redirectUri: REDIRECT_URI,
        authentication: oidc.PrivateKeyJwt({ key, kid }),
      });
    const wrong = await rpWith(privateKey, 'encryption');
    await expect(oidc.clientCredentialsGrant(wrong.config)).rejects.toMatchObject({
      error: 'invalid_client',
    });
    const right = await rpWith(own.privateKey, 'auth');
    expect(await oidc.clientCredentialsGrant(right.config)).toMatchObject({ token_type: 'bearer' });
  });

  it('is a 400 when it is saved without a key that can be encrypted to', async () => {
    const admin = api(app, await adminToken(app));
    const rsa = await exportJWK((await generateKeyPair('RS256', { extractable: true })).publicKey);
    const path = `/v1/applications/${scene.appId}/clients/${scene.clientId}`;
    const save = (jwks: unknown) => admin.put(path, { id_token_encryption: { enabled: true, jwks } });
    for (const jwks of [
      undefined,
      { keys: [] },
      { keys: [{ ...rsa, use: 'sig' }] },
      { keys: [{ ...rsa, alg: 'RSA1_5' }] },
    ])
      expect(await save(jwks)).toMatchObject({
        status: 400,
        body: { message: [expect.stringMatching(/^id_token_encryption\.jwks/)] },
      });
  });

  describe('introspection with a signed answer (RFC 9701)', () => {
    const ask = async (token: string, accept = SIGNED) => {
      const pair = Buffer.from(`${scene.clientId}:${scene.clientSecret}`).toString('base64');
      return fetch(`${app.url}/oidc/token/introspection`, {
        method: 'POST',
        body: new URLSearchParams({ token }),
        headers: { accept, authorization: `Basic ${pair}` },
      });
    };

    it('is verified by the client library, for access and refresh tokens, active or not', async () => {
      const rp = await RelyingParty.discover(app, {
        ...scene,
        redirectUri: REDIRECT_URI,
        metadata: { introspection_signed_response_alg: 'RS256' },
      });
      const request = await rp.authorize({ scope: 'openid offline_access', prompt: 'consent' });
      const tokens = await rp.redeem((await browser.open(request.url)).url, request);
      expect(await rp.introspect(tokens.access_token)).toMatchObject({
        active: true,
        sub: scene.person.userId,
        client_id: scene.clientId,
        aud: 'userid-api',
      });
      expect(await rp.introspect(tokens.refresh_token ?? '')).toMatchObject({ active: true });
      for (const inactive of ['unknown', `${tokens.access_token.slice(0, -8)}AAAAAAAA`])
        expect(await rp.introspect(inactive)).toEqual({ active: false });
      const answer = await ask(tokens.access_token);
      expect(answer.headers.get('content-type')).toContain(SIGNED);
      const jwt = await answer.text();
      expect(decodeProtectedHeader(jwt)).toMatchObject({ typ: 'token-introspection+jwt', alg: 'RS256' });
    });

    it('is JSON for everybody who does not ask for it', async () => {
      expect((await ask('unknown', 'application/json')).headers.get('content-type')).toMatch(/json/);
      const plain = await postForm(`${app.url}/oidc/token/introspection`, { token: 'unknown' }, scene);
      expect(plain.body).toEqual({ active: false });
    });

    it('still wants the client to authenticate', async () => {
      const answer = await fetch(`${app.url}/oidc/token/introspection`, {
        method: 'POST',
        body: new URLSearchParams({ token: 'unknown', client_id: scene.clientId }),
        headers: { accept: SIGNED },
      });
      expect(answer.status).toBe(401);
    });
  });

  it('describes itself as contract/oidc.md 2 says', async () => {
    const document = (await (await fetch(`${app.issuer}/.well-known/openid-configuration`)).json()) as Record<
      string,
      unknown
    >;
    const at = (path: string): string => app.issuer + path;
    expect(document).toMatchObject({
      issuer: app.issuer,
      authorization_endpoint: at('/auth'),
      token_endpoint: at('/token'),
      userinfo_endpoint: at('/me'),
      jwks_uri: at('/jwks'),
      introspection_endpoint: at('/token/introspection'),
      revocation_endpoint: at('/token/revocation'),
      pushed_authorization_request_endpoint: at('/request'),
      end_session_endpoint: at('/session/end'),
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      code_challenge_methods_supported: ['S256'],
      claims_parameter_supported: true,
      prompt_values_supported: ['login', 'consent', 'none'],
      require_pushed_authorization_requests: false,
      authorization_response_iss_parameter_supported: true,
      request_uri_parameter_supported: false,
      response_modes_supported: expect.arrayContaining(['query', 'form_post']),
      scopes_supported: ['openid', 'profile', 'email', 'phone', 'address', 'offline_access'],
      grant_types_supported: expect.arrayContaining([
        'authorization_code',
        'refresh_token',
        'client_credentials',
      ]),
      id_token_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'],
      token_endpoint_auth_methods_supported: expect.arrayContaining([
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
        'none',
      ]),
      claims_supported: expect.arrayContaining(['sub', 'email', 'phone_number', 'auth_time', 'acr', 'amr']),
      acr_values_supported: expect.arrayContaining(['mfa', 'phone_number', 'urn:transmit:centralized']),
      dpop_signing_alg_values_supported: expect.arrayContaining(['ES256', 'EdDSA', 'PS256']),
      id_token_encryption_enc_values_supported: ['A256GCM'],
      introspection_signing_alg_values_supported: ['RS256', 'PS256'],
    });
    for (const absent of [
      'registration_endpoint',
      'request_object_signing_alg_values_supported',
      'introspection_encryption_alg_values_supported',
    ])
      expect(document).not.toHaveProperty(absent);
    const methods = document.token_endpoint_auth_methods_supported;
    expect(methods).not.toContain('client_secret_jwt');
    const prefixed = await fetch(`${app.url}/cis/oidc/.well-known/openid-configuration`);
    expect(await prefixed.json()).toEqual(document);
  });
});
