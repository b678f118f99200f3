/** Clients that authenticate with a self-signed certificate, over real TLS handshakes (RFC 8705 section 2.2). */
import { decodeJwt, SignJWT } from 'jose';
import * as oidc from 'openid-client';
import { type Identity, selfSigned } from '../support/certificates.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type MutualTlsApp, startMutualTls } from '../support/mutual-tls.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';

const CREDENTIALS = { grant_type: 'client_credentials' };
const REFUSED = { status: 401, body: { error: 'invalid_client' } };

describe.each(policyStorages)('self-signed mutual TLS ($name)', (storage) => {
  let options: StorageOptions;
  let tls: MutualTlsApp;
  let mine: Identity;
  let renewed: Identity;
  let other: Identity;
  let expired: Identity;
  let scene: Scene;

  beforeAll(async () => {
    options = await storage.options();
    // The header is believed from 10.0.0.0/8 only: nobody in these tests.
    tls = await startMutualTls(options, {
      CLIENT_CERT_HEADER: 'X-SSL-Client-Cert',
      TRUSTED_PROXIES: '10.0.0.0/8',
    });
    [mine, renewed, other, expired] = await Promise.all([
      selfSigned('shop'),
      selfSigned('shop, renewed'),
      selfSigned('shop'),
      selfSigned('shop, old', { validFrom: -3, validTo: -1 }),
    ]);
    const keys = [{ x5c: [mine.x5c] }, { x5c: [renewed.cert] }, { x5c: [expired.x5c] }];
    scene = await setScene(tls.app, {
      authentication_configuration: { method: 'self_signed_tls_client_auth', jwks: { keys } },
    });
  });
  afterAll(async () => {
    await tls?.discard();
    await options?.release();
  });

  const withId = (form: Record<string, string> = CREDENTIALS) => ({ ...form, client_id: scene.clientId });

  it('announces the second port and keeps the issuer on both (R47)', async () => {
    const main = (await api(tls.app).get('/oidc/.well-known/openid-configuration')).body;
    const second = await (await tls.as()(`${tls.tlsUrl}/cis/oidc/.well-known/openid-configuration`)).json();
    expect(second).toEqual(main);
    expect(main.issuer).toBe(tls.app.issuer);
    expect(main.mtls_endpoint_aliases).toMatchObject({
      token_endpoint: `${tls.tlsUrl}/oidc/token`,
      revocation_endpoint: `${tls.tlsUrl}/oidc/token/revocation`,
      introspection_endpoint: `${tls.tlsUrl}/oidc/token/introspection`,
      userinfo_endpoint: `${tls.tlsUrl}/oidc/me`,
      pushed_authorization_request_endpoint: `${tls.tlsUrl}/oidc/request`,
    });
    expect(main.tls_client_certificate_bound_access_tokens).toBe(true);
    expect(main.token_endpoint_auth_methods_supported).toEqual(
      expect.arrayContaining(['self_signed_tls_client_auth', 'tls_client_auth']),
    );
  });

  it('takes the registered certificate and client_id alone, as openid-client sends it (R43, R47, R48)', async () => {
    const rp = await RelyingParty.discover(tls.app, {
      clientId: scene.clientId,
      redirectUri: REDIRECT_URI,
      tls: tls.as(mine),
    });
    const tokens = await oidc.clientCredentialsGrant(rp.config);
    expect(decodeJwt(tokens.access_token)).toMatchObject({ sub: scene.clientId, iss: tls.app.issuer });
    expect(decodeJwt(tokens.access_token).cnf).toBeUndefined();
    expect(await rp.introspect(tokens.access_token)).toMatchObject({ active: true });
    const signedIn = await rp.signIn(tls.app, scene.person);
    expect(signedIn.claims()?.sub).toBe(scene.person.userId);
    const pushed = await oidc.buildAuthorizationUrlWithPAR(rp.config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
    });
    expect(pushed.searchParams.get('request_uri')).toMatch(/^urn:ietf:params:oauth:request_uri:/);
    await rp.revoke(tokens.access_token);
    expect(await rp.introspect(tokens.access_token)).toEqual({ active: false });
  });

  it('takes each of several registered certificates, given as DER or as PEM (R48)', async () => {
    const answer = await tls.post('/oidc/token', withId(), { identity: renewed });
    expect(answer.status).toBe(200);
  });

  it('refuses no certificate, another one, and a registered one that has expired (R47)', async () => {
    for (const identity of [undefined, other, expired])
      expect(await tls.post('/oidc/token', withId(), { identity })).toMatchObject(REFUSED);
    expect(await postForm(`${tls.app.url}/oidc/token`, withId())).toMatchObject(REFUSED);
  });

  it('refuses the secret and an assertion, with and without the certificate (R42)', async () => {
    const assertion = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
      .setIssuer(scene.clientId)
      .setSubject(scene.clientId)
      .setAudience(tls.app.issuer)
      .setIssuedAt()
      .setExpirationTime('1m')
      .setJti('once')
      .sign(mine.keys.privateKey);
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    for (const proof of [
      { client_secret: scene.clientSecret },
      { client_assertion: assertion, client_assertion_type: type },
    ])
      for (const identity of [undefined, mine])
        expect(await tls.post('/oidc/token', { ...withId(), ...proof }, { identity })).toMatchObject(REFUSED);
  });

  it('refuses a client with a secret that shows a certificate only (R42, R43)', async () => {
    const { clientId } = await setScene(tls.app);
    const form = { ...CREDENTIALS, client_id: clientId };
    expect(await tls.post('/oidc/token', form, { identity: mine })).toMatchObject(REFUSED);
  });

  it('does not believe a header with the certificate from anybody, on either port (pitfall 8)', async () => {
    const values = [`:${mine.x5c}:`, encodeURIComponent(mine.cert)];
    for (const name of ['Client-Cert', 'X-Client-Cert', 'X-SSL-Client-Cert'])
      for (const value of values) {
        const headers = { [name]: value, 'x-forwarded-for': '10.0.0.1' };
        const plain = await fetch(`${tls.app.url}/oidc/token`, {
          method: 'POST',
          body: new URLSearchParams(withId()),
          headers,
        });
        expect(plain.status).toBe(401);
        for (const identity of [undefined, other])
          expect(await tls.post('/oidc/token', withId(), { identity, headers })).toMatchObject(REFUSED);
      }
  });

  it('leaves clients with a secret and tokens without a binding alone on the second port (R43, R49)', async () => {
    const { clientId, clientSecret } = await setScene(tls.app);
    const token = await clientToken({ url: tls.app.url }, { clientId, clientSecret });
    expect((await tls.get('/v1/clients', token)).status).toBe(200);
    expect((await tls.get('/v1/clients', token, other)).status).toBe(200);
    const answer = await tls.post('/oidc/token', {
      ...CREDENTIALS,
      client_id: clientId,
      client_secret: clientSecret,
    });
    expect(answer.status).toBe(200);
  });

  it('asks for the certificate when the method is chosen, and names what cannot be read (R48)', async () => {
    const admin = api(tls.app, await adminToken(tls.app));
    const path = `/v1/applications/${scene.appId}/clients/${scene.clientId}`;
    const put = (authentication: Record<string, unknown>) =>
      admin.put(path, { authentication_configuration: authentication });
    const method = 'self_signed_tls_client_auth';
    const at = 'authentication_configuration.jwks';
    for (const [jwks, sentence] of [
      [undefined, `${at} is required for ${method}`],
      [{ keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b' }] }, `${at} must have keys with x5c`],
      [{ keys: [{ x5c: [mine.x5c] }, { x5c: ['bm90IG9uZQ=='] }] }, `${at}.keys.1.x5c.0 is not a certificate`],
    ] as const) {
      const answer = await put({ method, ...(jwks && { jwks }) });
      expect(answer.status).toBe(400);
      expect(answer.body.message.join()).toContain(sentence);
    }
    const read = await admin.get(path);
    expect(read.body.authentication_configuration.jwks.keys).toHaveLength(3);
  });

  it('ends both ports on a signal while connections are open (R47)', async () => {
    await tls.post('/oidc/token', withId(), { identity: mine });
    expect(await tls.app.stop()).toBe(0);
    await expect(tls.post('/oidc/token', withId(), { identity: mine })).rejects.toThrow();
  });
});
