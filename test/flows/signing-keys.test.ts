/** Signing keys of one application: made, brought, used, rolled over, ended (contract/management-api.md 8). */
import {
  createRemoteJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWK,
  jwtVerify,
  SignJWT,
} from 'jose';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { checked } from '../support/openapi.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const KEYS = '/v1/applications/signing-keys';
const kidOf = (token: string): string => String(decodeProtectedHeader(token).kid);

async function privateJwk(alg: string, options: { modulusLength?: number; crv?: string } = {}): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
  return exportJWK(privateKey);
}

describe.each(policyStorages)('signing keys of an application ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const jwks = async (): Promise<JWK[]> =>
    ((await (await fetch(`${app.issuer}/jwks`)).json()) as { keys: JWK[] }).keys;
  /** What a resource server does that knows the issuer only. */
  const verify = (token: string) =>
    jwtVerify(token, createRemoteJWKSet(new URL(`${app.issuer}/jwks`)), { issuer: app.issuer });
  const introspect = (scene: Scene, token: string): Promise<Answer> =>
    postForm(`${app.issuer}/token/introspection`, { token }, scene);
  const own = async (scene: Scene): Promise<Api> => checked(api(app, await clientToken(app, scene)));
  const enable = async (scene: Scene, more: object = { signing_key_enabled: true }): Promise<void> => {
    expect((await admin.put(`/v1/applications/${scene.appId}`, more)).status).toBe(200);
  };

  it('signs access tokens and ID tokens once the application has it enabled, and no other application’s', async () => {
    const scene = await setScene(app);
    const other = await setScene(app);
    const by = await own(scene);
    const made = await by.post(KEYS, { name: 'First' });
    expect(made.body).toMatchObject({
      app_id: scene.appId,
      status: 'signing',
      source: 'mosaic',
      deleted_at: null,
    });
    expect(JSON.stringify(made.body)).not.toContain('"d"');
    expect(kidOf(await clientToken(app, scene))).not.toBe(made.body.kid);
    await enable(scene);
    const tokens = await scene.rp.signIn(app, scene.person);
    const client = await clientToken(app, scene);
    for (const token of [tokens.access_token, tokens.id_token ?? '', client]) {
      expect(kidOf(token)).toBe(made.body.kid);
      await expect(verify(token)).resolves.toMatchObject({ payload: { tid: made.body.tenant_id } });
    }
    expect((await introspect(scene, tokens.access_token)).body).toMatchObject({ active: true });
    expect(kidOf(await clientToken(app, other))).not.toBe(made.body.kid);
    const foreign = await other.rp.signIn(app, other.person);
    expect(kidOf(foreign.id_token ?? '')).not.toBe(made.body.kid);
    expect((await by.get(KEYS)).body).toEqual([made.body]);
    expect((await (await own(other)).get(KEYS)).body).toEqual([]);
  });

  it('is rolled over: published first, then signing, the former still verifies, a disabled one no more', async () => {
    const scene = await setScene(app);
    const by = await own(scene);
    const first = (await by.post(KEYS, { name: 'First' })).body;
    await enable(scene);
    const old = await clientToken(app, scene);
    const second = (await by.post(KEYS, { name: 'Second' })).body;
    expect(second.status).toBe('validating');
    expect((await jwks()).map(({ kid }) => kid)).toContain(second.kid);
    expect((await by.put(`${KEYS}/${second.id}`, { status: 'signing' })).body.status).toBe('signing');
    const statuses = (await by.get(KEYS)).body.map(({ status }: { status: string }) => status);
    expect(statuses).toEqual(['validating', 'signing']);
    const fresh = await clientToken(app, scene);
    expect([kidOf(old), kidOf(fresh)]).toEqual([first.kid, second.kid]);
    for (const token of [old, fresh]) expect((await introspect(scene, token)).body.active).toBe(true);
    await by.put(`${KEYS}/${first.id}`, { status: 'disabled' });
    expect((await introspect(scene, old)).body).toEqual({ active: false });
    expect((await api(app, old).get(KEYS)).status).toBe(401);
    expect((await jwks()).map(({ kid }) => kid)).not.toContain(first.kid);
    expect((await api(app, fresh).delete(`${KEYS}/${second.id}`)).status).toBe(204);
    expect((await introspect(scene, fresh)).body).toEqual({ active: false });
    expect((await (await own(scene)).delete(`${KEYS}/${second.id}`)).status).toBe(404);
  });

  it('goes with `should_delete_signing_key`, and every token that it signed ends', async () => {
    const scene = await setScene(app);
    const made = (await (await own(scene)).post(KEYS, { name: 'Mine' })).body;
    await enable(scene);
    const tokens = await scene.rp.signIn(app, scene.person);
    await enable(scene, { signing_key_enabled: false });
    expect(kidOf(await clientToken(app, scene))).not.toBe(made.kid);
    expect((await introspect(scene, tokens.access_token)).body.active).toBe(true);
    await enable(scene, { signing_key_enabled: false, should_delete_signing_key: true });
    expect((await introspect(scene, tokens.access_token)).body).toEqual({ active: false });
    expect((await jwks()).map(({ kid }) => kid)).not.toContain(made.kid);
    expect((await (await own(scene)).get(KEYS)).body).toEqual([]);
  });

  it.each([
    ['RS256', 'RS256'],
    ['ES256', 'ES256'],
    ['EdDSA', 'EdDSA'],
    ['PS256', 'PS256'],
  ])('can be brought: %s, and signs where the algorithm asked for is its own', async (alg) => {
    const scene = await setScene(app);
    const jwk = { ...(await privateJwk(alg)), alg };
    const made = await (await own(scene)).post(`${KEYS}/upload`, { name: alg, jwk });
    expect(made.body).toMatchObject({ source: 'uploaded', status: 'signing' });
    expect(JSON.stringify(made.body)).not.toContain(jwk.d);
    await enable(scene);
    await admin.put(`/v1/resources/${scene.resource.resourceId}`, { signing_alg: alg });
    const token = await clientToken(app, scene, { resource: scene.resource.uri });
    expect(kidOf(token)).toBe(made.body.kid);
    await expect(verify(token)).resolves.toMatchObject({ protectedHeader: { alg } });
    // Without a resource the algorithm is RS256: the key of another algorithm leaves that to the tenant's.
    expect(kidOf(await clientToken(app, scene)) === made.body.kid).toBe(alg === 'RS256');
  });

  it('is refused where it is public, symmetric, weak, of another curve, mixed, mislabelled or taken', async () => {
    const scene = await setScene(app);
    const by = await own(scene);
    const good = await privateJwk('RS256');
    const { d: _, ...halfless } = good;
    const bad: Record<string, object> = {
      public: halfless,
      symmetric: { kty: 'oct', k: 'AAAA', d: 'x' },
      weak: { kty: 'RSA', n: 'AQAB', e: 'AQAB', d: 'AQAB' },
      curve: await privateJwk('ES384'),
      mixed: { ...good, n: (await privateJwk('RS256')).n },
      mislabelled: { ...good, alg: 'ES256' },
      encrypting: { ...good, use: 'enc' },
      verifying: { ...good, key_ops: ['verify'] },
      'mixed (Ed25519)': { ...(await privateJwk('EdDSA')), x: (await privateJwk('EdDSA')).x },
      agreeing: await privateJwk('ECDH-ES', { crv: 'X25519' }),
      named: { ...good, kid: ' ' },
      empty: {},
    };
    for (const [name, jwk] of Object.entries(bad)) {
      const answer = await by.post(`${KEYS}/upload`, { name, jwk });
      expect([name, answer.status, answer.body.message[0]]).toEqual([
        name,
        400,
        expect.stringContaining('jwk'),
      ]);
    }
    const [tenantKey] = await jwks();
    const taken = await by.post(`${KEYS}/upload`, { name: 'x', jwk: { ...good, kid: tenantKey?.kid } });
    expect([taken.status, taken.body.ts_error_code]).toEqual([409, 'identifier_taken']);
    expect((await by.post(`${KEYS}/upload`, { name: 'x', jwk: { ...good, kid: 'mine' } })).status).toBe(201);
    expect((await by.post(`${KEYS}/upload`, { name: 'x', jwk: { ...good, kid: 'mine' } })).status).toBe(409);
  });

  it('of one application speaks for nobody else: forged tokens fail at every door', async () => {
    const scene = await setScene(app);
    const victim = await setScene(app);
    const jwk = await privateJwk('RS256');
    const made = await (await own(scene)).post(`${KEYS}/upload`, {
      name: 'Known',
      jwk: { ...jwk, kid: 'known' },
    });
    expect(made.status).toBe(201);
    await enable(scene);
    const { privateKey } = { privateKey: jwk };
    const forge = (claims: Record<string, unknown>): Promise<string> =>
      new SignJWT({
        tid: made.body.tenant_id,
        jti: `forged-${Math.random()}`,
        aud: 'userid-api',
        scope: 'openid',
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', kid: 'known', typ: 'at+jwt' })
        .setIssuer(app.issuer)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey as never);
    const management = { client_id: app.management.clientId, sub: app.management.clientId };
    const forgeries = {
      admin: await forge({ ...management, app_id: scene.appId, roles: ['Admin'] }),
      'own client with the role Admin': await forge({
        client_id: scene.clientId,
        sub: scene.clientId,
        app_id: scene.appId,
        roles: ['Admin'],
      }),
      'another client': await forge({
        client_id: victim.clientId,
        sub: victim.clientId,
        app_id: scene.appId,
      }),
      'another application': await forge({
        client_id: victim.clientId,
        sub: victim.clientId,
        app_id: victim.appId,
      }),
      'a user of another application': await forge({
        client_id: victim.clientId,
        sub: victim.person.userId,
        app_id: victim.appId,
        gid: 'guessed',
      }),
    };
    for (const [name, token] of Object.entries(forgeries)) {
      const tenantWide = await api(app, token).get('/v1/management/applications');
      const foreign = await api(app, token).get(`/v1/applications/${victim.appId}`);
      const info = await fetch(`${app.issuer}/me`, { headers: { authorization: `Bearer ${token}` } });
      expect([
        name,
        [401, 403].includes(tenantWide.status),
        [401, 404].includes(foreign.status),
        info.status,
      ]).toEqual([name, true, true, 401]);
      if (!name.startsWith('own')) expect((await introspect(victim, token)).body).toEqual({ active: false });
    }
  });

  it('cannot be brought by a client whose roles limit it: it would escape them', async () => {
    const scene = await setScene(app);
    const role = await admin.post('/v1/roles', {
      role_name: `keys ${scene.appId}`,
      permissions: ['apps:edit'],
    });
    const limited = await admin.post(`/v1/applications/${scene.appId}/clients`, {
      name: 'Limited',
      redirect_uris: [],
      role_ids: [role.body.result.role_id],
    });
    const credentials = { clientId: limited.body.client_id, clientSecret: limited.body.client_secret };
    const by = api(app, await clientToken(app, credentials));
    const jwk = await privateJwk('RS256');
    expect((await by.post(`${KEYS}/upload`, { name: 'x', jwk })).status).toBe(403);
    expect((await by.post(KEYS, { name: 'x' })).status).toBe(201);
  });

  it('is written over only by who has seen its present state (If-Match)', async () => {
    const scene = await setScene(app);
    const token = await clientToken(app, scene);
    const made = await api(app, token).post(KEYS, { name: 'Mine' });
    const put = (tag: string): Promise<Response> =>
      fetch(`${app.url}${KEYS}/${made.body.id}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-match': tag },
        body: JSON.stringify({ name: 'Renamed' }),
      });
    const tag = made.headers.get('etag') ?? '';
    expect((await put(tag)).status).toBe(200);
    const late = await put(tag);
    expect([late.status, await late.json()]).toEqual([
      412,
      { message: expect.stringContaining('read it again'), error_code: 412 },
    ]);
  });
});
