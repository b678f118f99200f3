/** Resources: made for the tenant, put on clients' lists, named in requests, and obeyed in the tokens that come of it. */
import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid email offline_access', prompt: 'consent' };

type Pair = [string, string];

interface Made {
  readonly id: string;
  readonly uri: string;
}

describe.each(policyStorages)('resources ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let other: Scene;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    other = await setScene(app);
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const body = (uri: string, more: Record<string, unknown> = {}) => ({
    name: 'Made',
    uri,
    access_token_ttl: 300,
    refresh_token_ttl: 600,
    max_refresh_rotate: 900,
    ...more,
  });
  async function make(more: Record<string, unknown> = {}): Promise<Made> {
    const uri = `https://r-${randomBytes(6).toString('hex')}.example.com`;
    const answer = await admin.post('/v1/resources', body(uri, more));
    expect(answer.status).toBe(201);
    return { id: answer.body.result.resource_id, uri: answer.body.result.uri };
  }
  const clientPath = (owner: Scene) => `/v1/applications/${owner.appId}/clients/${owner.clientId}`;
  async function setList(owner: Scene, ...made: Made[]): Promise<void> {
    const answer = await admin.put(`${clientPath(owner)}/resources`, {
      resource_ids: made.map(({ id }) => id),
    });
    expect(answer.status).toBe(200);
    expect(answer.body.resources).toEqual(made.map(({ id }) => id));
  }
  const first = (owner: Scene): Made => ({ id: owner.resource.resourceId, uri: owner.resource.uri });
  const post = (form: Pair[], path = 'token') => postForm(`${app.issuer}/${path}`, form, scene);
  const ask = (...resources: string[]) =>
    post([['grant_type', 'client_credentials'], ...resources.map((uri): Pair => ['resource', uri])]);
  const refresh = (token: string | undefined, ...more: Pair[]) =>
    post([['grant_type', 'refresh_token'], ['refresh_token', String(token)], ...more]);
  const INVALID_TARGET = {
    status: 400,
    body: { error: 'invalid_target', error_description: expect.any(String) },
  };

  describe('in the tenant', () => {
    it('belong to the tenant and to no application, and start on nobody’s list (R141, R142, R171)', async () => {
      const uri = 'https://tenant-level.example.com';
      const made = await admin.post('/v1/resources', body(uri));
      expect(made.body.result).toMatchObject({
        ...body(uri),
        tenant_id: expect.any(String),
        resource_id: expect.any(String),
      });
      expect(made.body.result).not.toHaveProperty('app_id');
      expect(await ask(uri)).toMatchObject(INVALID_TARGET);
      const sibling = await admin.post(`/v1/applications/${scene.appId}/clients`, {
        name: 'Sibling',
        redirect_uris: [],
      });
      expect(sibling.body.resources).toEqual([]);
      const own = api(app, await clientToken(app, other));
      const listed = (await own.get('/v1/resources')).body.result as { uri: string }[];
      expect(listed.map((resource) => resource.uri)).toContain(uri);
      expect(
        (await own.get(`/v1/resources/uri?resourceUri=${encodeURIComponent(uri)}`)).body.result.uri,
      ).toBe(uri);
    });

    it('are one absolute URI each, without fragment, unique in the tenant, compared exactly (R134)', async () => {
      for (const uri of [
        '',
        'orders',
        '/orders',
        'https://a.example/#x',
        'https://a.example/#',
        'https://a b.example',
      ])
        expect([uri, (await admin.post('/v1/resources', body(uri))).status]).toEqual([uri, 400]);
      const { uri: _, ...without } = body('x');
      expect(await admin.post('/v1/resources', without)).toMatchObject({
        status: 400,
        body: { message: ['uri is required'] },
      });
      const { id, uri } = await make();
      const again = await admin.post('/v1/resources', body(uri));
      expect(again).toMatchObject({
        status: 400,
        body: { message: [expect.stringContaining('already taken')] },
      });
      const twin = await make();
      expect((await admin.put(`/v1/resources/${twin.id}`, { uri })).status).toBe(400);
      await setList(scene, { id, uri });
      expect((await ask(uri)).status).toBe(200);
      for (const near of [
        `${uri}/`,
        uri.toUpperCase(),
        `${uri}:443`,
        `${uri}?x`,
        `${uri} `,
        `${uri}\0`,
        `${uri}#`,
      ])
        expect([near, await ask(near)]).toMatchObject([near, INVALID_TARGET]);
      await setList(scene, first(scene));
    });

    it('cannot be deleted while a client has them (R142, 409)', async () => {
      const made = await make();
      await setList(scene, first(scene), made);
      expect(await admin.delete(`/v1/resources/${made.id}`)).toMatchObject({
        status: 409,
        body: { message: 'Resource in use', error_code: 409 },
      });
      await setList(scene, first(scene));
      expect((await admin.delete(`/v1/resources/${made.id}`)).status).toBe(204);
      expect(await admin.delete(`/v1/resources/${made.id}`)).toMatchObject({
        status: 404,
        body: { message: 'Resource does not exist in tenant' },
      });
    });

    it('stand for an application, a page of it, or an outside API, and differ by path alone (R68, R136 to R138)', async () => {
      const base = `https://shop-${randomBytes(4).toString('hex')}.example.com`;
      const uris = [
        base,
        `${base}/checkout`,
        'urn:example:profile-api',
        'https://api.elsewhere.org/v2/users?x=1',
      ];
      const made = await Promise.all(
        uris.map(async (uri, at) => {
          const { result } = (await admin.post('/v1/resources', body(uri, { access_token_ttl: 100 + at })))
            .body;
          return { id: result.resource_id, uri };
        }),
      );
      await setList(scene, ...made);
      for (const [at, uri] of uris.entries()) {
        const answer = await ask(uri);
        expect(answer).toMatchObject({ status: 200, body: { expires_in: 100 + at } });
        expect(decodeJwt(answer.body.access_token).aud).toBe(uri);
      }
      await setList(scene, first(scene));
    });

    it('can be shared by applications, as users are (R139, R140)', async () => {
      const made = await make();
      await setList(scene, first(scene), made);
      await setList(other, first(other), made);
      for (const owner of [scene, other]) {
        const token = await clientToken(app, owner, { resource: made.uri });
        expect(decodeJwt(token)).toMatchObject({ aud: made.uri, app_id: owner.appId });
      }
      const own = api(app, await clientToken(app, other));
      const associated = await own.post('/v1/users', { email: scene.person.identifier });
      expect(associated).toMatchObject({ status: 201, body: { result: { user_id: scene.person.userId } } });
      const tokens = await other.rp.signIn(app, scene.person);
      expect(tokens.claims()?.sub).toBe(scene.person.userId);
      await setList(scene, first(scene));
      await setList(other, first(other));
    });
  });

  describe('on a client’s list', () => {
    it('are set at creation, by update and by both resource operations (R61)', async () => {
      const [a, b] = [await make(), await make()];
      const path = `/v1/applications/${scene.appId}/clients`;
      const created = await admin.post(path, { name: 'x', redirect_uris: [], resources: [a.id] });
      expect(created.body.resources).toEqual([a.id]);
      const own = api(app, await clientToken(app, scene));
      const at = `${path}/${created.body.client_id}`;
      expect((await admin.put(at, { resources: [b.id, a.id] })).body.resources).toEqual([b.id, a.id]);
      expect((await admin.put(`${at}/resources`, { resource_ids: [b.id] })).body.resources).toEqual([b.id]);
      const second = `/v1/clients/${created.body.client_id}/resources`;
      expect((await own.put(second, { resource_ids: [a.id] })).body.resources).toEqual([a.id]);
      expect((await admin.get(at)).body.resources).toEqual([a.id]);
    });

    it('have to exist (R65)', async () => {
      for (const [path, fields] of [
        [`/v1/applications/${scene.appId}/clients`, { name: 'x', redirect_uris: [], resources: ['nothing'] }],
      ] as const)
        expect(await admin.post(path, fields)).toMatchObject({
          status: 400,
          body: { message: ['resources: unknown resource nothing'] },
        });
      const ids = { resource_ids: [scene.resource.resourceId, 'nothing'] };
      expect((await admin.put(`${clientPath(scene)}/resources`, ids)).status).toBe(400);
      expect((await admin.get(clientPath(scene))).body.resources).toEqual([scene.resource.resourceId]);
    });

    it('are what may be asked for, and nothing else: by a client, a browser and a pushed request (R62, R130, R148, D9)', async () => {
      expect((await ask(scene.resource.uri)).status).toBe(200);
      for (const uri of [
        other.resource.uri,
        'https://nowhere.example.com',
        'nonsense',
        '*',
        'https://a.example/#f',
      ]) {
        expect([uri, await ask(uri)]).toMatchObject([uri, INVALID_TARGET]);
        const request = await scene.rp.authorize({ resource: uri });
        const { url } = await new Browser(app).open(request.url);
        expect(url.href.startsWith(scene.rp.redirectUri)).toBe(true);
        expect(Object.fromEntries(url.searchParams)).toMatchObject({
          error: 'invalid_target',
          error_description: expect.any(String),
          state: request.checks.expectedState,
        });
        const pushed = await post([...request.url.searchParams], 'request');
        expect([uri, pushed]).toMatchObject([uri, INVALID_TARGET]);
      }
    });

    it('are obeyed at the next request after a change of the list (R62, R148)', async () => {
      const made = await make();
      expect(await ask(made.uri)).toMatchObject(INVALID_TARGET);
      await setList(scene, first(scene), made);
      expect((await ask(made.uri)).status).toBe(200);
      await setList(scene, first(scene));
      expect(await ask(made.uri)).toMatchObject(INVALID_TARGET);
    });
  });

  describe('in a request', () => {
    it('are one at most (R67, D9)', async () => {
      const made = await make();
      await setList(scene, first(scene), made);
      const { uri } = scene.resource;
      expect(await ask(uri, made.uri)).toMatchObject(INVALID_TARGET);
      expect(await ask(uri, uri)).toMatchObject(INVALID_TARGET);
      const request = await scene.rp.authorize({ ...OFFLINE, resource: uri });
      const doubled = new URL(request.url);
      doubled.searchParams.append('resource', made.uri);
      const refused = await new Browser(app).open(doubled);
      expect(refused.url.href.startsWith(scene.rp.redirectUri)).toBe(true);
      expect(refused.url.searchParams.get('error')).toBe('invalid_target');
      expect(await post([...doubled.searchParams], 'request')).toMatchObject(INVALID_TARGET);
      const browser = new Browser(app);
      await scene.rp.signIn(app, scene.person, { browser });
      const { url } = await browser.open(request.url);
      const exchange = (...more: Pair[]) =>
        post([
          ['grant_type', 'authorization_code'],
          ['code', String(url.searchParams.get('code'))],
          ['redirect_uri', scene.rp.redirectUri],
          ['code_verifier', request.checks.pkceCodeVerifier],
          ...more,
        ]);
      expect(await exchange(['resource', uri], ['resource', made.uri])).toMatchObject(INVALID_TARGET);
      // Nor is an unknown pair taken as the default where nothing was granted.
      const plain = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE, browser });
      const pair = [made.uri, 'https://x.example.com'].map((value): Pair => ['resource', value]);
      expect(await refresh(plain.refresh_token, ...pair)).toMatchObject(INVALID_TARGET);
      await setList(scene, first(scene));
    });

    it('name the audience, and the resource’s server can check it by signature and by introspection (R133, R135, R143, R144, R146, R147, R150)', async () => {
      const keys = createRemoteJWKSet(new URL(`${app.issuer}/jwks`));
      const { uri } = scene.resource;
      const user = await scene.rp.signIn(app, scene.person, { parameters: { resource: uri } });
      const client = await ask(uri);
      for (const token of [user.access_token, client.body.access_token as string]) {
        const { payload } = await jwtVerify(token, keys, {
          issuer: app.issuer,
          audience: uri,
          typ: 'at+jwt',
        });
        expect(payload.aud).toBe(uri);
        await expect(jwtVerify(token, keys, { audience: other.resource.uri })).rejects.toThrow('aud');
        const answer = await postForm(`${app.issuer}/token/introspection`, { token }, other);
        expect(answer.body).toMatchObject({ active: true, aud: uri, client_id: scene.clientId });
      }
      expect(user.expires_in).toBe(600);
      expect(client.body.expires_in).toBe(600);
    });

    it('may be left out: the implicit default resource then stands in (R132, R149, R150, R175, D5)', async () => {
      const bare = await setScene(app, { resources: [] });
      const user = await bare.rp.signIn(app, bare.person, { parameters: OFFLINE });
      const client = await clientToken(app, bare);
      for (const token of [user.access_token, client]) expect(decodeJwt(token).aud).toBe('userid-api');
      expect(user.expires_in).toBe(3600);
      expect(decodeJwt((await bare.rp.refresh(String(user.refresh_token))).access_token).aud).toBe(
        'userid-api',
      );
      const listed = (await admin.get('/v1/resources')).body.result as { uri: string }[];
      expect(listed.map(({ uri }) => uri)).not.toContain('userid-api');
    });

    it.each(['RS256', 'PS256', 'ES256', 'EdDSA'])(
      'have the token signed with the resource’s algorithm %s (D6, R135)',
      async (alg) => {
        const made = await make({ signing_alg: alg });
        await setList(scene, first(scene), made);
        const keys = createRemoteJWKSet(new URL(`${app.issuer}/jwks`));
        const user = await scene.rp.signIn(app, scene.person, { parameters: { resource: made.uri } });
        const client = await clientToken(app, scene, { resource: made.uri });
        for (const token of [user.access_token, client]) {
          expect(decodeProtectedHeader(token)).toMatchObject({ alg, typ: 'at+jwt', kid: expect.any(String) });
          await jwtVerify(token, keys, { issuer: app.issuer, audience: made.uri, algorithms: [alg] });
          expect((await scene.rp.introspect(token)).active).toBe(true);
        }
        expect((await scene.rp.userInfo(user.access_token, scene.person.userId)).sub).toBe(
          scene.person.userId,
        );
        await setList(scene, first(scene));
      },
    );
  });

  describe('through code exchange and refresh (RFC 8707)', () => {
    it('stay the granted one: it may be repeated, another one is refused and nothing is used up (R62, R67, R133)', async () => {
      const made = await make();
      await setList(scene, first(scene), made);
      const { uri } = scene.resource;
      const tokens = await scene.rp.signIn(app, scene.person, { parameters: { ...OFFLINE, resource: uri } });
      let { refresh_token } = tokens as { refresh_token?: string };
      for (const wrong of [made.uri, other.resource.uri, 'https://nowhere.example.com', 'nonsense'])
        expect([wrong, await refresh(refresh_token, ['resource', wrong])]).toMatchObject([
          wrong,
          INVALID_TARGET,
        ]);
      expect(await refresh(refresh_token, ['resource', uri], ['resource', made.uri])).toMatchObject(
        INVALID_TARGET,
      );
      for (const more of [[], [['resource', uri]]] as Pair[][]) {
        const next = await refresh(refresh_token, ...more);
        expect(next.status).toBe(200);
        expect(decodeJwt(next.body.access_token).aud).toBe(uri);
        expect(next.body.expires_in).toBe(600);
        refresh_token = next.body.refresh_token;
      }
      const plain = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
      expect(await refresh(plain.refresh_token, ['resource', uri])).toMatchObject(INVALID_TARGET);
      const request = await scene.rp.authorize({ resource: uri });
      const browser = new Browser(app);
      await scene.rp.signIn(app, scene.person, { browser });
      const { url } = await browser.open(request.url);
      const exchange = await post([
        ['grant_type', 'authorization_code'],
        ['code', String(url.searchParams.get('code'))],
        ['redirect_uri', scene.rp.redirectUri],
        ['code_verifier', request.checks.pkceCodeVerifier],
        ['resource', made.uri],
      ]);
      expect(exchange).toMatchObject(INVALID_TARGET);
      await setList(scene, first(scene));
    });

    it('take a narrower scope and refuse a wider one (R159, invalid_scope)', async () => {
      const { uri } = scene.resource;
      for (const resource of [{}, { resource: uri }]) {
        const tokens = await scene.rp.signIn(app, scene.person, { parameters: { ...OFFLINE, ...resource } });
        const narrow = await refresh(tokens.refresh_token, ['scope', 'openid']);
        expect(narrow).toMatchObject({ status: 200, body: { scope: 'openid' } });
        expect(decodeJwt(narrow.body.access_token).scope).toBe('openid');
        const wide = await refresh(narrow.body.refresh_token, ['scope', 'openid phone']);
        expect(wide).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
        const whole = await refresh(narrow.body.refresh_token);
        expect(whole.body.scope).toBe('openid email offline_access');
      }
    });

    it('end with their place on the list: the next refresh is refused, and works again with it back (R62, R148)', async () => {
      const made = await make();
      await setList(scene, first(scene), made);
      const tokens = await scene.rp.signIn(app, scene.person, {
        parameters: { ...OFFLINE, resource: made.uri },
      });
      await setList(scene, first(scene));
      expect(await refresh(tokens.refresh_token)).toMatchObject(INVALID_TARGET);
      await setList(scene, first(scene), made);
      expect((await refresh(tokens.refresh_token)).status).toBe(200);
      await setList(scene, first(scene));
    });
  });

  it('have lifetimes of their own, whatever the client’s, and only when they are asked for (R63, R64, R68, R131, R173 to R175)', async () => {
    const [short, long] = [await make({ access_token_ttl: 60 }), await make({ access_token_ttl: 7200 })];
    const slow = await setScene(app, { token_expiration: { access_token_ttl: 1000 } });
    await setList(slow, short, long);
    const expiresIn = async (parameters: Record<string, string>) =>
      (await slow.rp.signIn(app, slow.person, { parameters })).expires_in;
    expect(await expiresIn({ resource: short.uri })).toBe(60);
    expect(await expiresIn({ resource: long.uri })).toBe(7200);
    expect(await expiresIn({})).toBe(1000);
    expect((await admin.put(`/v1/resources/${short.id}`, { access_token_ttl: 45 })).status).toBe(200);
    expect(await expiresIn({ resource: short.uri })).toBe(45);
    expect(await expiresIn({ resource: long.uri })).toBe(7200);
    expect(await expiresIn({})).toBe(1000);
  });

  it('are written over and deleted only by who has seen their present state (If-Match, RFC 9110 13.1.1)', async () => {
    const made = await admin.post('/v1/resources', body('https://versioned.example.com'));
    const path = `/v1/resources/${made.body.result.resource_id}`;
    const token = await adminToken(app);
    const withTag = (method: string, tag: string): Promise<Response> =>
      fetch(app.url + path, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-match': tag },
        ...(method === 'PUT' && { body: JSON.stringify({ description: 'Changed' }) }),
      });
    const first = made.headers.get('etag') ?? '';
    const read = await admin.get('/v1/resources/uri?resourceUri=https%3A%2F%2Fversioned.example.com');
    expect([first, read.headers.get('etag')]).toEqual([expect.stringMatching(/^"[\w-]{27}"$/), first]);
    const put = await withTag('PUT', first);
    expect(put.status).toBe(200);
    for (const method of ['PUT', 'DELETE']) expect((await withTag(method, first)).status).toBe(412);
    expect((await withTag('DELETE', put.headers.get('etag') ?? '')).status).toBe(204);
    expect((await withTag('DELETE', '*')).status).toBe(404);
  });
});
