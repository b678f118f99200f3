/** Tokens tied to the client's certificate, and what happens without it (RFC 8705 sections 3, 4 and 7.1). */
import { decodeJwt } from 'jose';
import { type Identity, selfSigned } from '../support/certificates.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type MutualTlsApp, startMutualTls } from '../support/mutual-tls.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';

const OFFLINE = { scope: 'openid email offline_access', prompt: 'consent' };
const PUBLIC = 'enforcePkceInsteadOfClientCredentials';

describe.each(policyStorages)('certificate-bound tokens ($name)', (storage) => {
  let options: StorageOptions;
  let tls: MutualTlsApp;
  let mine: Identity;
  let renewed: Identity;
  let other: Identity;
  let registered: Scene;
  let withSecret: Scene;
  let withoutSecret: Scene;

  beforeAll(async () => {
    options = await storage.options();
    tls = await startMutualTls(options);
    [mine, renewed, other] = await Promise.all([
      selfSigned('shop'),
      selfSigned('renewed'),
      selfSigned('other'),
    ]);
    const bound = { isMtlsCertTokenBound: true };
    const jwks = { keys: [{ x5c: [mine.x5c] }, { x5c: [renewed.x5c] }] };
    registered = await setScene(tls.app, {
      authentication_configuration: { method: 'self_signed_tls_client_auth', jwks, ...bound },
    });
    const secret = { authentication_configuration: { method: 'client_secret_basic', ...bound } };
    withSecret = await setScene(tls.app, secret);
    withoutSecret = await setScene(tls.app, { ...secret, pkce: PUBLIC });
  });
  afterAll(async () => {
    await tls?.discard();
    await options?.release();
  });

  const partyOf = ({ clientId }: Scene, rest: { clientSecret?: string; isPublic?: boolean } = {}) =>
    RelyingParty.discover(tls.app, { clientId, redirectUri: REDIRECT_URI, tls: tls.as(mine), ...rest });

  it('puts the thumbprint into client tokens, and shows it at introspection (R49)', async () => {
    const form = { grant_type: 'client_credentials', client_id: registered.clientId };
    const answer = await tls.post('/oidc/token', form, { identity: mine });
    const cnf = { 'x5t#S256': mine.thumbprint };
    expect(decodeJwt(answer.body.access_token).cnf).toEqual(cnf);
    const rp = await partyOf(registered);
    expect(await rp.introspect(answer.body.access_token)).toMatchObject({ active: true, cnf });
  });

  it('lets the APIs be called over a connection with that certificate only (R50)', async () => {
    const form = { grant_type: 'client_credentials', client_id: registered.clientId };
    const token = (await tls.post('/oidc/token', form, { identity: mine })).body.access_token;
    expect((await tls.get('/v1/clients', token, mine)).status).toBe(200);
    const invalid = { status: 401, body: { message: 'Invalid token', error_code: 401 } };
    // Registered for the same client, but not the one of this token.
    for (const identity of [renewed, other, undefined])
      expect(await tls.get('/v1/clients', token, identity)).toMatchObject(invalid);
    const plain = await fetch(`${tls.app.url}/v1/clients`, { headers: { authorization: `Bearer ${token}` } });
    expect(plain.status).toBe(401);
  });

  it('lets UserInfo be asked over a connection with that certificate only (R49, R50)', async () => {
    const rp = await partyOf(registered);
    const tokens = await rp.signIn(tls.app, registered.person, { parameters: { scope: 'openid email' } });
    expect(decodeJwt(tokens.access_token).cnf).toEqual({ 'x5t#S256': mine.thumbprint });
    const person = await rp.userInfo(tokens.access_token, registered.person.userId);
    expect(person.email).toBe(registered.person.identifier);
    for (const identity of [renewed, other, undefined])
      expect(await tls.get('/oidc/me', tokens.access_token, identity)).toMatchObject({
        status: 401,
        body: { error: 'invalid_token' },
      });
    const plain = await fetch(`${tls.app.url}/oidc/me`, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
    });
    expect(plain.status).toBe(401);
  });

  it('refuses the refresh token of a registered client with another certificate or none (R50)', async () => {
    const tokens = await (await partyOf(registered)).signIn(tls.app, registered.person, {
      parameters: OFFLINE,
    });
    const form = { grant_type: 'refresh_token', client_id: registered.clientId };
    const refresh = { ...form, refresh_token: String(tokens.refresh_token) };
    for (const identity of [other, undefined])
      expect(await tls.post('/oidc/token', refresh, { identity })).toMatchObject({
        status: 401,
        body: { error: 'invalid_client' },
      });
    // A client may renew its certificate: it is bound through its authentication (RFC 8705 section 7.1).
    const answer = await tls.post('/oidc/token', refresh, { identity: renewed });
    expect(answer.status).toBe(200);
    expect(decodeJwt(answer.body.access_token).cnf).toEqual({ 'x5t#S256': renewed.thumbprint });
  });

  it('repeats a lost answer to the holder of the certificate only (R50, pitfall 2)', async () => {
    const tokens = await (await partyOf(registered)).signIn(tls.app, registered.person, {
      parameters: OFFLINE,
    });
    const form = { grant_type: 'refresh_token', client_id: registered.clientId };
    const refresh = { ...form, refresh_token: String(tokens.refresh_token) };
    const first = await tls.post('/oidc/token', refresh, { identity: mine });
    expect(first.status).toBe(200);
    expect((await tls.post('/oidc/token', refresh, { identity: other })).body).not.toHaveProperty(
      'refresh_token',
    );
    const again = await tls.post('/oidc/token', refresh, { identity: mine });
    expect(again.body.refresh_token).toBe(first.body.refresh_token);
  });

  describe.each([
    ['a secret', () => withSecret, (scene: Scene) => ({ clientSecret: scene.clientSecret })],
    ['PKCE instead', () => withoutSecret, () => ({ isPublic: true })],
  ] as const)('of a client with %s', (_kind, sceneOf, credentials) => {
    const refreshOf = (scene: Scene, token: string) => ({
      grant_type: 'refresh_token',
      client_id: scene.clientId,
      refresh_token: token,
      ...(scene === withSecret && { client_secret: scene.clientSecret }),
    });

    it('need the certificate from the first request to each refresh (R49, R50)', async () => {
      const scene = sceneOf();
      const rp = await partyOf(scene, credentials(scene));
      const tokens = await rp.signIn(tls.app, scene.person, { parameters: OFFLINE });
      expect(decodeJwt(tokens.access_token).cnf).toEqual({ 'x5t#S256': mine.thumbprint });
      const refresh = refreshOf(scene, String(tokens.refresh_token));
      const refused = { status: 400, body: { error: 'invalid_grant' } };
      for (const identity of [other, undefined])
        expect(await tls.post('/oidc/token', refresh, { identity })).toMatchObject(refused);
      const first = await tls.post('/oidc/token', refresh, { identity: mine });
      expect(first.status).toBe(200);
      // Within the grace window the used token is repeated, for the same certificate.
      expect(await tls.post('/oidc/token', refresh, { identity: other })).toMatchObject(refused);
      const again = await tls.post('/oidc/token', refresh, { identity: mine });
      expect(again.body.refresh_token).toBe(first.body.refresh_token);
      const next = refreshOf(scene, first.body.refresh_token);
      expect(await tls.post('/oidc/token', next, { identity: other })).toMatchObject(refused);
      expect((await tls.post('/oidc/token', next, { identity: mine })).status).toBe(200);
    });

    it('are not issued without a certificate (R49)', async () => {
      const scene = sceneOf();
      const rp = await RelyingParty.discover(tls.app, {
        clientId: scene.clientId,
        redirectUri: REDIRECT_URI,
        ...(scene === withSecret && { clientSecret: scene.clientSecret }),
      });
      await expect(rp.signIn(tls.app, scene.person)).rejects.toMatchObject({ error: 'invalid_grant' });
    });
  });
});
