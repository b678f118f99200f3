/** The certificate in the header of a trusted proxy: nginx, and the field of RFC 9440. */
import { type Identity, selfSigned } from '../support/certificates.ts';
import { nginxPath, policyStorages, type StorageOptions } from '../support/engines.ts';
import { api, postForm, read } from '../support/management.ts';
import { type ServerFiles, serverFiles, tlsCaller } from '../support/mutual-tls.ts';
import { describeWithNginx, startNginx } from '../support/nginx.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const HEADER = 'X-SSL-Client-Cert';

describe.each(policyStorages)('a certificate handed over by a proxy ($name)', (storage) => {
  let options: StorageOptions;
  let files: ServerFiles;
  let app: App;
  let mine: Identity;
  let other: Identity;
  let scene: Scene;
  let proxyPort: number;
  let stopProxy: (() => Promise<void>) | undefined;
  let caller: ReturnType<typeof tlsCaller>;

  beforeAll(async () => {
    options = await storage.options();
    files = await serverFiles();
    proxyPort = await freePort();
    app = await startApp({
      ...options,
      env: {
        CLIENT_CERT_HEADER: HEADER,
        TRUSTED_PROXIES: '127.0.0.1,::1',
        MTLS_PUBLIC_URL: `https://localhost:${proxyPort}`,
      },
    });
    const proxy = { port: proxyPort, upstream: `http://127.0.0.1:${app.port}`, header: HEADER, files };
    stopProxy = nginxPath ? await startNginx(proxy) : undefined;
    caller = tlsCaller(`https://localhost:${proxyPort}`, files.authority);
    [mine, other] = await Promise.all([selfSigned('shop'), selfSigned('other')]);
    const jwks = { keys: [{ x5c: [mine.x5c] }] };
    scene = await setScene(app, {
      authentication_configuration: {
        method: 'self_signed_tls_client_auth',
        jwks,
        isMtlsCertTokenBound: true,
      },
    });
  });
  afterAll(async () => {
    caller?.close();
    await stopProxy?.();
    await app?.discard();
    files?.remove();
    await options?.release();
  });

  const form = () => ({ grant_type: 'client_credentials', client_id: scene.clientId });
  /** As the trusted proxy would. */
  const hand = async (value: string) =>
    read(
      await fetch(`${app.url}/oidc/token`, {
        method: 'POST',
        body: new URLSearchParams(form()),
        headers: { [HEADER]: value },
      }),
    );

  it('is read in the form of RFC 9440 and as percent-encoded PEM (R47)', async () => {
    for (const value of [`:${mine.x5c}:`, encodeURIComponent(mine.cert)])
      expect((await hand(value)).status).toBe(200);
  });

  it('is refused where it is another one, broken, empty or given twice (R47)', async () => {
    const broken = [':bm90IG9uZQ==:', ':%%%:', '%E0%A4%A', 'garbage', '', mine.x5c];
    for (const value of [`:${other.x5c}:`, `:${mine.x5c}:, :${mine.x5c}:`, ...broken])
      expect(await hand(value)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('is announced under the address of the proxy, the issuer staying the same (R47)', async () => {
    const { body } = await api(app).get('/oidc/.well-known/openid-configuration');
    expect(body.issuer).toBe(app.issuer);
    expect(body.mtls_endpoint_aliases.token_endpoint).toBe(`https://localhost:${proxyPort}/oidc/token`);
  });

  describeWithNginx('by nginx', () => {
    it('authenticates the client and binds its token (R47, R49, R50)', async () => {
      const answer = await caller.post('/oidc/token', form(), { identity: mine });
      expect(answer.status).toBe(200);
      const token = answer.body.access_token;
      expect((await caller.get('/v1/clients', token, mine)).status).toBe(200);
      expect((await caller.get('/v1/clients', token, other)).status).toBe(401);
      expect((await caller.get('/v1/clients', token)).status).toBe(401);
    });

    it('is not what the caller writes into the header: nginx replaces it (R47)', async () => {
      const headers = { [HEADER]: encodeURIComponent(mine.cert) };
      for (const identity of [undefined, other])
        expect(await caller.post('/oidc/token', form(), { identity, headers })).toMatchObject({
          status: 401,
          body: { error: 'invalid_client' },
        });
    });
  });

  it('does not turn a secret into a certificate: without the header the client is refused (R42)', async () => {
    const answer = await postForm(`${app.url}/oidc/token`, { ...form(), client_secret: scene.clientSecret });
    expect(answer).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});
