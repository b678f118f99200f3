/** How a client proves who it is: each method alone, with other people's clients, and every way that must fail. */
import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import * as oidc from 'openid-client';
import pg from 'pg';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken, postForm } from '../support/management.ts';
import { RelyingParty } from '../support/relying-party.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ALGS = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const;
const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const now = (): number => Math.floor(Date.now() / 1000);

interface Keyed {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly key: CryptoKey;
  readonly publicJwk: Record<string, unknown>;
  readonly alg: string;
}

describe.each(policyStorages)('client authentication ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  let keyed: Keyed;
  let publicClient: { clientId: string; clientSecret: string };
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
    keyed = await keyedClient('ES256');
    publicClient = await make({ pkce: 'enforcePkceInsteadOfClientCredentials' });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const clients = () => `/v1/applications/${scene.appId}/clients`;
  async function make(fields: Record<string, unknown>) {
    const made = await admin.post(clients(), { name: 'Made', redirect_uris: [REDIRECT_URI], ...fields });
    expect(made.status).toBe(201);
    return { clientId: made.body.client_id as string, clientSecret: made.body.client_secret as string };
  }
  async function keyedClient(alg: string): Promise<Keyed> {
    const pair = await generateKeyPair(alg, { extractable: true });
    const publicJwk = await exportJWK(pair.publicKey);
    const credentials = await make({
      authentication_configuration: { method: 'private_key_jwt', jwks: { keys: [publicJwk] } },
    });
    return { ...credentials, key: pair.privateKey, publicJwk: publicJwk as Record<string, unknown>, alg };
  }
  const endpoint = (path: string): string => `${app.issuer}/${path}`;
  function assertion(
    client: Keyed,
    claims: Record<string, unknown> = {},
    by: { key?: CryptoKey | Uint8Array; alg?: string } = {},
  ): Promise<string> {
    const all = {
      iss: client.clientId,
      sub: client.clientId,
      aud: app.issuer,
      jti: randomUUID(),
      iat: now(),
      exp: now() + 60,
      ...claims,
    };
    return new SignJWT(all as JWTPayload)
      .setProtectedHeader({ alg: by.alg ?? client.alg, typ: 'JWT' })
      .sign(by.key ?? client.key);
  }
  const asserted = (client_assertion: string) => ({ client_assertion_type: BEARER, client_assertion });
  /** The same credentials at every endpoint that authenticates clients. */
  async function everywhere(
    form: Record<string, string> | ((path: string) => Promise<Record<string, string>>),
  ) {
    const fields = async (path: string) => (typeof form === 'function' ? form(path) : form);
    const answers: Record<string, Answer> = {};
    for (const [path, more] of [
      ['token', { grant_type: 'client_credentials' }],
      ['token/introspection', { token: 'unknown' }],
      ['token/revocation', { token: 'unknown' }],
      ['request', { response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid' }],
    ] as const)
      answers[path] = await postForm(endpoint(path), { ...(await fields(path)), ...more });
    return answers;
  }
  const outcomes = (answers: Record<string, Answer>) =>
    Object.entries(answers).map(([path, { status, body }]) =>
      `${path} ${status} ${body?.error ?? ''}`.trim(),
    );
  const ACCEPTED = ['token 200', 'token/introspection 200', 'token/revocation 200', 'request 201'];
  const REFUSED = ['token', 'token/introspection', 'token/revocation', 'request'].map(
    (path) => `${path} 401 invalid_client`,
  );
  const refusedToken = (form: Record<string, string>) =>
    postForm(endpoint('token'), { grant_type: 'client_credentials', ...form }).then(({ status, body }) => ({
      status,
      error: body.error,
    }));
  const INVALID_CLIENT = { status: 401, error: 'invalid_client' };
  const party = (client: { clientId: string }, authentication: oidc.ClientAuth) =>
    RelyingParty.discover(app, { clientId: client.clientId, redirectUri: REDIRECT_URI, authentication });

  describe('with a secret', () => {
    it('is the default method, by Basic or in the form, at every endpoint (R43, R44, C6)', async () => {
      const client = await make({});
      const read = await admin.get(`${clients()}/${client.clientId}`);
      expect(read.body).toMatchObject({
        token_endpoint_auth_method: 'client_secret_basic',
        authentication_configuration: { method: 'client_secret_basic' },
        pkce: 'allowPkceAlongsideClientCredentials',
      });
      const { clientId: client_id, clientSecret: client_secret } = client;
      expect(outcomes(await everywhere({ client_id, client_secret }))).toEqual(ACCEPTED);
      const basic = await postForm(endpoint('token'), { grant_type: 'client_credentials' }, client);
      expect(basic.status).toBe(200);
      for (const method of [oidc.ClientSecretBasic, oidc.ClientSecretPost]) {
        const rp = await party(client, method(client_secret));
        const tokens = await rp.signIn(app, scene.person, { parameters: OFFLINE });
        expect((await rp.introspect(tokens.access_token)).active).toBe(true);
        const { access_token, refresh_token } = await rp.refresh(String(tokens.refresh_token));
        await rp.revoke(String(refresh_token));
        expect((await rp.introspect(access_token)).active).toBe(false);
      }
    });

    it('cannot be sent twice, and fails when it is wrong, empty or another client’s', async () => {
      const { clientId: client_id, clientSecret: client_secret } = scene;
      const both = await postForm(
        endpoint('token'),
        { grant_type: 'client_credentials', client_id, client_secret },
        scene,
      );
      expect(both).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      const other = await make({});
      for (const secret of ['wrong', `${client_secret}x`, client_secret.slice(0, -1), other.clientSecret])
        expect(outcomes(await everywhere({ client_id, client_secret: secret }))).toEqual(REFUSED);
      expect(await refusedToken({ client_id })).toEqual(INVALID_CLIENT);
      expect(await refusedToken({ client_id, client_secret: '' })).toEqual(INVALID_CLIENT);
      expect(await refusedToken({ client_id: 'nobody', client_secret })).toEqual(INVALID_CLIENT);
      expect(await refusedToken({})).toEqual({ status: 400, error: 'invalid_request' });
      const wrong = await postForm(
        endpoint('token'),
        { grant_type: 'client_credentials' },
        { ...scene, clientSecret: 'wrong' },
      );
      expect(wrong.status).toBe(401);
      expect(wrong.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(wrong.body.error_description).toBe('unknown client, or wrong secret');
    });

    it('is needed with PKCE and without, and PKCE is served either way (R52 to R55)', async () => {
      const request = await scene.rp.authorize();
      const browser = new Browser(app);
      await scene.rp.signIn(app, scene.person, { browser });
      const { url } = await browser.open(request.url);
      const code = String(url.searchParams.get('code'));
      const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
      const bare = await postForm(endpoint('token'), {
        ...grant,
        client_id: scene.clientId,
        code_verifier: request.checks.pkceCodeVerifier,
      });
      expect(bare).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect((await scene.rp.redeem(url, request)).access_token).toEqual(expect.any(String));
      const plain = new URL((await scene.rp.authorize()).url);
      for (const parameter of ['code_challenge', 'code_challenge_method', 'nonce'])
        plain.searchParams.delete(parameter);
      const callback = (await browser.open(plain)).url;
      const without = { ...grant, code: String(callback.searchParams.get('code')) };
      expect((await postForm(endpoint('token'), { ...without, client_id: scene.clientId })).status).toBe(401);
      expect((await postForm(endpoint('token'), without, scene)).status).toBe(200);
    });
  });

  describe('with a private key JWT', () => {
    it.each(ALGS)('takes an assertion signed with %s by openid-client (R45, R46)', async (alg) => {
      const client = await keyedClient(alg);
      const rp = await party(client, oidc.PrivateKeyJwt(client.key));
      const { access_token } = await oidc.clientCredentialsGrant(rp.config);
      expect((await rp.introspect(access_token)).client_id).toBe(client.clientId);
      const tokens = await rp.signIn(app, scene.person);
      expect(tokens.claims()?.aud).toBe(client.clientId);
      expect(await refusedToken(asserted(await assertion(client)))).toEqual({
        status: 200,
        error: undefined,
      });
    });

    it('needs usable keys when the method is chosen (R46)', async () => {
      for (const jwks of [undefined, { keys: [] }, { keys: [{ kty: 'RSA', n: 'x', e: 'AQAB' }] }]) {
        const { status, body } = await admin.post(clients(), {
          name: 'x',
          redirect_uris: [REDIRECT_URI],
          authentication_configuration: { method: 'private_key_jwt', ...(jwks && { jwks }) },
        });
        expect(status).toBe(400);
        expect(body.message[0]).toContain('authentication_configuration.jwks');
      }
    });

    it('takes the issuer, the token and the called endpoint as audience, with and without /cis (R45, C7)', async () => {
      const { origin } = new URL(app.issuer);
      const prefixed = (url: string) => url.replace(origin, `${origin}/cis`);
      for (const form of [(url: string) => url, prefixed])
        for (const audienceAt of [
          () => form(app.issuer),
          () => form(endpoint('token')),
          (path: string) => form(endpoint(path)),
          (path: string) => ['https://other.example.com', form(endpoint(path))],
        ]) {
          const answers = await everywhere(async (path) => ({
            // A pushed request has to name the client besides (RFC 9126 section 2.1).
            client_id: keyed.clientId,
            ...asserted(await assertion(keyed, { aud: audienceAt(path) })),
          }));
          expect(outcomes(answers)).toEqual(ACCEPTED);
        }
    });

    it('refuses every assertion that is not the client’s own, fresh and meant for this server (R45)', async () => {
      const other = await keyedClient('ES256');
      const rsa = await keyedClient('RS256');
      const stranger = await generateKeyPair('ES256');
      const symmetric = new TextEncoder().encode(JSON.stringify(keyed.publicJwk));
      const good = await assertion(keyed);
      const none = [
        { alg: 'none' },
        JSON.parse(Buffer.from(String(good.split('.')[1]), 'base64url').toString()),
      ]
        .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
        .concat('')
        .join('.');
      const bad: Record<string, string> = {
        'another key': await assertion(keyed, {}, { key: stranger.privateKey }),
        'another client’s key': await assertion(keyed, {}, { key: other.key }),
        'a key of another type': await assertion(keyed, {}, { key: rsa.key, alg: 'RS256' }),
        'the public key as a shared secret': await assertion(keyed, {}, { key: symmetric, alg: 'HS256' }),
        'no signature': none,
        'a broken signature': `${good.slice(0, -8)}AAAAAAAA`,
        expired: await assertion(keyed, { iat: now() - 120, exp: now() - 60 }),
        'not yet valid': await assertion(keyed, { nbf: now() + 60, exp: now() + 120 }),
        'no exp': await assertion(keyed, { exp: undefined }),
        'exp as text': await assertion(keyed, { exp: `${now() + 60}` }),
        'good for years': await assertion(keyed, { exp: now() + 10 ** 9 }),
        'good for ever': await assertion(keyed, { exp: 10 ** 18 }),
        'no jti': await assertion(keyed, { jti: undefined }),
        'no aud': await assertion(keyed, { aud: undefined }),
        'for another server': await assertion(keyed, { aud: 'https://other.example.com/oidc' }),
        'for a path below the issuer': await assertion(keyed, { aud: `${app.issuer}/auth/x` }),
        'for a name that only begins alike': await assertion(keyed, { aud: `${app.issuer}.evil.com` }),
        'no iss': await assertion(keyed, { iss: undefined }),
        'another iss than sub': await assertion(keyed, { iss: other.clientId }),
        'another sub than iss': await assertion(keyed, { sub: other.clientId }),
      };
      for (const [what, value] of Object.entries(bad))
        expect([what, await refusedToken(asserted(value))]).toEqual([what, INVALID_CLIENT]);
      expect((await refusedToken({ ...asserted(good), client_id: other.clientId })).status).not.toBe(200);
      expect((await refusedToken({ client_assertion: good })).status).toBe(400);
      for (const malformed of ['x', 'a.b.c', '..'])
        expect((await refusedToken(asserted(malformed))).status).toBeGreaterThanOrEqual(400);
      expect((await refusedToken(asserted(good))).status).toBe(200);
    });

    it('follows the client’s keys: a replaced one is refused, the new ones are taken (R45, R46)', async () => {
      const [old, next, third] = [
        await keyedClient('ES256'),
        await keyedClient('EdDSA'),
        await keyedClient('PS256'),
      ];
      const signedBy = async ({ key, alg }: Keyed) =>
        (await refusedToken(asserted(await assertion(old, {}, { key, alg })))).status;
      expect([await signedBy(old), await signedBy(next)]).toEqual([200, 401]);
      const jwks = { keys: [next.publicJwk, third.publicJwk] };
      await admin.put(`${clients()}/${old.clientId}`, {
        authentication_configuration: { method: 'private_key_jwt', jwks },
      });
      expect([await signedBy(old), await signedBy(next), await signedBy(third)]).toEqual([401, 200, 200]);
    });

    it('takes an assertion once, at whatever endpoint it comes back (R45)', async () => {
      const once = asserted(await assertion(keyed));
      expect((await refusedToken(once)).status).toBe(200);
      expect(outcomes(await everywhere(once))).toEqual(REFUSED);
      // The id is the client's own: another client may use the same.
      const jti = randomUUID();
      const other = await keyedClient('ES256');
      expect((await refusedToken(asserted(await assertion(keyed, { jti })))).status).toBe(200);
      expect((await refusedToken(asserted(await assertion(other, { jti })))).status).toBe(200);
      expect(await refusedToken(asserted(await assertion(keyed, { jti })))).toEqual(INVALID_CLIENT);
    });
  });

  describe('without credentials', () => {
    it('signs a person in at a public client with PKCE alone (R58)', async () => {
      const rp = await party(publicClient, oidc.None());
      const tokens = await rp.signIn(app, scene.person, { parameters: OFFLINE });
      expect(tokens.claims()?.aud).toBe(publicClient.clientId);
      const next = await rp.refresh(String(tokens.refresh_token));
      expect(next.access_token).not.toBe(tokens.access_token);
      await rp.revoke(String(next.refresh_token));
    });
  });

  describe('by the one method that the client is set to', () => {
    it('refuses every other method, however valid (R42)', async () => {
      const { clientId: client_id, clientSecret: client_secret } = keyed;
      expect(outcomes(await everywhere({ client_id, client_secret }))).toEqual(REFUSED);
      expect(outcomes(await everywhere({ client_id }))).toEqual(REFUSED);
      expect(
        (await postForm(endpoint('token'), { grant_type: 'client_credentials' }, keyed)).body.error,
      ).toBe('invalid_client');
      expect(outcomes(await everywhere({ client_id: scene.clientId }))).toEqual(REFUSED);
      const bySecret = { ...keyed, clientId: scene.clientId };
      expect(outcomes(await everywhere(async () => asserted(await assertion(bySecret))))).toEqual(REFUSED);
      const asPublic = { client_id: publicClient.clientId, client_secret: publicClient.clientSecret };
      expect(outcomes(await everywhere(asPublic))).toEqual(REFUSED);
      const signing = { ...keyed, clientId: publicClient.clientId };
      expect(outcomes(await everywhere(async () => asserted(await assertion(signing))))).toEqual(REFUSED);
    });

    it('follows a change of the method at the next request, in both directions (R42, R45)', async () => {
      const client = await keyedClient('ES256');
      const path = `${clients()}/${client.clientId}`;
      const { clientId: client_id, clientSecret: client_secret } = client;
      const secret = { client_id, client_secret };
      const jwks = { keys: [client.publicJwk] };
      expect(
        (await postForm(endpoint('token'), { grant_type: 'client_credentials', ...secret })).body,
      ).toEqual({
        error: 'invalid_client',
        error_description: expect.stringContaining(
          'does not match the registered client authentication method',
        ),
      });
      await admin.put(path, { authentication_configuration: { method: 'client_secret_basic', jwks } });
      expect((await refusedToken(secret)).status).toBe(200);
      expect(await refusedToken(asserted(await assertion(client)))).toEqual(INVALID_CLIENT);
      await admin.put(path, { token_endpoint_auth_method: 'private_key_jwt' });
      expect(await refusedToken(secret)).toEqual(INVALID_CLIENT);
      expect((await refusedToken(asserted(await assertion(client)))).status).toBe(200);
    });
  });

  describe('client ID and secrets', () => {
    const secrets = (clientId: string) => `${clients()}/${clientId}/secrets`;

    it('come into being with the client and cannot be chosen (R98 to R102, R105, C34)', async () => {
      const body = { name: 'x', redirect_uris: [], client_id: 'mine', client_secret: 'my-own-secret' };
      const made = await Promise.all([1, 2, 3].map(() => admin.post(clients(), body)));
      const ids = made.map((answer) => answer.body.client_id as string);
      const values = made.map((answer) => answer.body.client_secret as string);
      expect(new Set([...ids, 'mine']).size).toBe(4);
      expect(new Set([...values, 'my-own-secret']).size).toBe(4);
      for (const value of [...ids, ...values]) expect(value).toMatch(/^[\w.~-]{20,50}$/);
      const token = await clientToken(app, { clientId: ids[0] as string, clientSecret: values[0] as string });
      expect((await scene.rp.introspect(token)).client_id).toBe(ids[0]);
      const changed = await admin.put(`${clients()}/${ids[0]}`, {
        client_id: 'mine',
        client_secret: 'x',
        name: 'y',
      });
      expect(changed.body).toMatchObject({ client_id: ids[0], name: 'y', client_secret: null });
      expect(await admin.get(`${clients()}/mine`)).toMatchObject({ status: 404 });
      const application = await admin.post('/v1/applications', {
        app_name: 'New',
        client_display_name: 'New',
      });
      expect(application.body.result).toMatchObject({
        client_id: expect.stringMatching(/^[\w.~-]{20,50}$/),
        client_secret: expect.stringMatching(/^[\w.~-]{40,50}$/),
      });
      for (const fields of [
        { pkce: 'enforcePkceInsteadOfClientCredentials' },
        { authentication_configuration: { method: 'private_key_jwt', jwks: { keys: [keyed.publicJwk] } } },
      ])
        expect((await make(fields)).clientSecret).toMatch(/^[\w.~-]{40,50}$/);
    });

    it('authorise requests, directly and by a token (R100, R103, R104)', async () => {
      const answer = await postForm(endpoint('token/introspection'), { token: 'unknown' }, scene);
      expect(answer).toMatchObject({ status: 200, body: { active: false } });
      const own = api(app, await clientToken(app, scene));
      expect((await own.get(`${clients()}/${scene.clientId}`)).body.client_id).toBe(scene.clientId);
    });

    it('rotate: generate, roll out, revoke; two at most, one at least (R106, D11)', async () => {
      const client = await make({});
      const path = secrets(client.clientId);
      const works = async (clientSecret: string) =>
        (await postForm(endpoint('token'), { grant_type: 'client_credentials' }, { ...client, clientSecret }))
          .status;
      const second = await admin.post(path);
      expect(second).toMatchObject({
        status: 201,
        body: { client_secret_hint: second.body.client_secret.slice(-4), id: expect.any(String) },
      });
      expect(await works(client.clientSecret)).toBe(200);
      expect(await works(second.body.client_secret)).toBe(200);
      expect(await admin.post(path)).toMatchObject({
        status: 400,
        body: { message: [expect.stringContaining('2 active secrets')] },
      });
      const list = await admin.get(path);
      expect(list.body).toHaveLength(2);
      expect(list.body.map((secret: { client_secret: unknown }) => secret.client_secret)).toEqual([
        null,
        null,
      ]);
      const first = list.body.find((secret: { id: string }) => secret.id !== second.body.id).id;
      expect((await admin.delete(`${path}/${first}`)).status).toBe(204);
      expect(await works(client.clientSecret)).toBe(401);
      expect(await works(second.body.client_secret)).toBe(200);
      expect(await admin.delete(`${path}/${second.body.id}`)).toMatchObject({
        status: 400,
        body: { message: [expect.stringContaining('last secret')] },
      });
      expect((await admin.delete(`${path}/${first}`)).status).toBe(404);
      expect(await works(second.body.client_secret)).toBe(200);
      const other = await make({});
      expect((await admin.delete(`${secrets(other.clientId)}/${second.body.id}`)).status).toBe(404);
    });

    it('let one generation and one revocation through, of many at once (R106)', async () => {
      const { clientId } = await make({});
      const path = secrets(clientId);
      const made = await Promise.all([1, 2, 3, 4, 5].map(() => admin.post(path)));
      expect(made.map(({ status }) => status).sort()).toEqual([201, 400, 400, 400, 400]);
      const { body } = await admin.get(path);
      const gone = await Promise.all(body.map(({ id }: { id: string }) => admin.delete(`${path}/${id}`)));
      expect(gone.map(({ status }: Answer) => status).sort()).toEqual([204, 400]);
      expect((await admin.get(path)).body).toHaveLength(1);
    });

    it('are shown once and never again: not in answers, pages, redirects, tokens, metadata or the log (R99, R107, R108)', async () => {
      const client = await make({});
      const generated = (await admin.post(secrets(client.clientId))).body.client_secret as string;
      const own = api(app, await clientToken(app, client));
      const answers = await Promise.all([
        own.get(`${clients()}/${client.clientId}`),
        own.get(clients()),
        own.get(`/v1/clients/${client.clientId}`),
        own.get(secrets(client.clientId)),
        own.get(`/v1/applications/${scene.appId}`),
        own.get('/v1/applications'),
        own.put(`${clients()}/${client.clientId}`, { name: 'Renamed' }),
        own.get('/oidc/.well-known/openid-configuration'),
        own.get('/oidc/jwks'),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      const rp = await party(client, oidc.ClientSecretPost(client.clientSecret));
      const request = await rp.authorize(OFFLINE);
      const browser = new Browser(app);
      const page = await browser.open(request.url);
      const tokens = await rp.signIn(app, scene.person, { parameters: OFFLINE });
      const decoded = [tokens.access_token, String(tokens.id_token)].map((token) =>
        Buffer.from(String(token.split('.')[1]), 'base64url').toString(),
      );
      const failed = await postForm(endpoint('token'), { grant_type: 'nothing' }, client);
      const seen = [
        ...answers.map(({ body }) => JSON.stringify(body)),
        page.html,
        page.url.href,
        JSON.stringify(tokens),
        ...decoded,
        JSON.stringify(failed.body),
        app.output(),
      ].join('\n');
      for (const value of [client.clientSecret, generated]) {
        expect(value.length).toBeGreaterThan(40);
        expect(seen).not.toContain(value);
      }
    });

    // The rows can be read from outside only where they are in Postgres.
    const itOnPostgres = name === 'embedded' ? () => undefined : it;
    itOnPostgres('are kept as hashes only (R107, D11)', async () => {
      const client = await make({});
      const database = new pg.Client({ connectionString: String(storage.databaseUrl) });
      await database.connect();
      try {
        const tables = await database.query(
          "select table_name from information_schema.tables where table_schema = 'public'",
        );
        expect(tables.rows.length).toBeGreaterThan(10);
        for (const { table_name } of tables.rows) {
          const { rows } = await database.query(`select t::text as text from "${table_name}" t`);
          expect(rows.map(({ text }) => text).join('\n')).not.toContain(client.clientSecret);
        }
      } finally {
        await database.end();
      }
    });
  });
});
