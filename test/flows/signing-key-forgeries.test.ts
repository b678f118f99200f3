/** What the owner of an application can do with the private half of its own signing key: nothing for anybody else. */
import { decodeJwt, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type StorageOptions, storages } from '../support/engines.ts';
import {
  type Answer,
  type Api,
  adminToken,
  api,
  clientToken,
  postForm,
  read,
} from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const KEYS = '/v1/applications/signing-keys';

describe.each(storages.slice(0, 1))("forgeries with an application's key ($name)", ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let admin: Api;
  let forger: Scene;
  let victim: Scene;
  let jwk: JWK;
  let tenantId: string;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    admin = api(app, await adminToken(app));
    forger = await setScene(app);
    victim = await setScene(app);
    jwk = await exportJWK((await generateKeyPair('RS256', { extractable: true })).privateKey);
    const own = api(app, await clientToken(app, forger));
    const made = await own.post(`${KEYS}/upload`, { name: 'Known', jwk: { ...jwk, kid: 'known' } });
    expect(made.status).toBe(201);
    tenantId = made.body.tenant_id;
    await admin.put(`/v1/applications/${forger.appId}`, { signing_key_enabled: true });
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const sign = (claims: Record<string, unknown>, header: Record<string, unknown> = {}): Promise<string> =>
    new SignJWT({ iss: app.issuer, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'known', typ: 'at+jwt', ...header })
      .sign(jwk as never);
  const now = (): number => Math.floor(Date.now() / 1000);
  /** As the server itself writes a client token of the forger. */
  const honest = () => ({
    tid: tenantId,
    app_id: forger.appId,
    client_id: forger.clientId,
    sub: forger.clientId,
    aud: 'userid-api',
    iat: now(),
    exp: now() + 600,
    jti: `forged-${Math.random()}`,
    roles: [] as string[],
  });
  const introspect = (token: string): Promise<Answer> =>
    postForm(`${app.issuer}/token/introspection`, { token }, victim);
  const userInfo = async (token: string): Promise<Answer> =>
    read(await fetch(`${app.issuer}/me`, { headers: { authorization: `Bearer ${token}` } }));

  it('speaks for its own client: the forged token of this test is good where it stays in its own application', async () => {
    const token = await sign(honest());
    expect((await introspect(token)).body).toMatchObject({ active: true, client_id: forger.clientId });
    expect((await api(app, token).get(`/v1/applications/${forger.appId}`)).status).toBe(200);
    expect((await api(app, token).get(`/v1/applications/${victim.appId}`)).status).toBe(404);
    expect((await api(app, token).get('/v1/management/applications')).status).toBe(403);
  });

  it('does not make its bearer an administrator, widen its audience, or leave out the name of the key', async () => {
    const forgeries: Record<string, string> = {
      administrator: await sign({ ...honest(), roles: ['Admin'] }),
      'resource that only another client has': await sign({ ...honest(), aud: victim.resource.uri }),
      'several audiences': await sign({ ...honest(), aud: ['userid-api', victim.resource.uri] }),
      'no kid': await sign(honest(), { kid: undefined }),
      'another tenant': await sign({ ...honest(), tid: 'another' }),
      'ID token as access token': await sign(honest(), { typ: 'JWT' }),
    };
    for (const [name, token] of Object.entries(forgeries)) {
      expect([name, (await introspect(token)).body]).toEqual([name, { active: false }]);
      expect([name, (await api(app, token).get(`/v1/applications/${forger.appId}`)).status]).toEqual([
        name,
        401,
      ]);
    }
    const own = await sign({ ...honest(), aud: forger.resource.uri });
    expect((await introspect(own)).body).toMatchObject({ active: true, aud: forger.resource.uri });
  });

  it('is no way to a user whose grant it does not have: not by another’s grant, not by no grant', async () => {
    const mine = await forger.rp.signIn(app, forger.person);
    const theirs = await victim.rp.signIn(app, victim.person);
    const [myGrant, theirGrant] = [mine, theirs].map((one) => decodeJwt(one.access_token).gid);
    expect([typeof myGrant, typeof theirGrant]).toEqual(['string', 'string']);
    const head = { ...honest(), scope: 'openid email' };
    const them = victim.person.userId;
    const forgeries: Record<string, string> = {
      'no grant': await sign({ ...head, sub: them }),
      'grant of another user': await sign({ ...head, sub: them, gid: myGrant }),
      'grant of another client': await sign({ ...head, sub: them, gid: theirGrant }),
      'client of another application': await sign({
        ...head,
        sub: them,
        gid: theirGrant,
        client_id: victim.clientId,
      }),
      'administrator by user token': await sign({
        ...head,
        sub: forger.person.userId,
        gid: myGrant,
        roles: ['Admin'],
      }),
    };
    for (const [name, token] of Object.entries(forgeries)) {
      const answers = [await userInfo(token), await api(app, token).get('/v1/users/me')];
      expect([name, answers.map(({ status }) => status)]).toEqual([name, [401, 401]]);
      expect([name, (await introspect(token)).body]).toEqual([name, { active: false }]);
    }
  });

  it('revokes tokens of its own client alone, whatever id it repeats (RFC 7009 2.1, C9)', async () => {
    const { access_token: ofPerson } = await victim.rp.signIn(app, victim.person);
    for (const theirs of [ofPerson, await clientToken(app, victim)]) {
      const { jti } = decodeJwt(theirs);
      const copy = await sign({ ...honest(), jti });
      const shorter = await sign({ ...honest(), jti, exp: now() + 5 });
      for (const token of [shorter, copy])
        expect((await postForm(`${app.issuer}/token/revocation`, { token }, forger)).status).toBe(200);
      expect((await introspect(copy)).body).toEqual({ active: false });
      expect((await introspect(theirs)).body).toMatchObject({ active: true, client_id: victim.clientId });
      expect((await postForm(`${app.issuer}/token/revocation`, { token: theirs }, forger)).status).toBe(400);
      expect((await introspect(theirs)).body).toMatchObject({ active: true });
      expect((await postForm(`${app.issuer}/token/revocation`, { token: theirs }, victim)).status).toBe(200);
      expect((await introspect(theirs)).body).toEqual({ active: false });
    }
  });

  it('breaks nothing with claims in a form that we never write', async () => {
    const odd: Record<string, unknown>[] = [
      { jti: 7 },
      { jti: 'nul\0' },
      { jti: 'x'.repeat(300) },
      { sub: ['a'] },
      { client_id: { a: 1 } },
      { gid: 'nul\0', sub: 'x' },
      { gid: { a: 1 }, sub: 'x' },
      { sid: 5 },
      { org_id: 'nul\0' },
      { scope: ['openid'] },
      { scope: 5 },
      { roles: 'Admin' },
      { roles: { length: 0 } },
      { exp: 1e300 },
      { iat: -1 },
      { cnf: 'x' },
      { cnf: { jkt: 5 } },
    ];
    for (const claims of odd) {
      const token = await sign({ ...honest(), ...claims });
      const name = JSON.stringify(claims).slice(0, 60);
      expect([name, (await api(app, token).get(`/v1/applications/${forger.appId}`)).status]).toEqual([
        name,
        401,
      ]);
      expect([name, (await introspect(token)).body]).toEqual([name, { active: false }]);
      const revoked = await postForm(`${app.issuer}/token/revocation`, { token }, forger);
      expect([name, revoked.status]).toEqual([name, 200]);
    }
  });

  it('names no user to another client: an ID token as hint is read with the keys of that client’s application', async () => {
    const idToken = (aud: string, sub: string, header: object = {}): Promise<string> =>
      sign({ aud, sub, iat: now(), exp: now() + 600 }, { typ: 'JWT', ...header });
    const ask = async (scene: Scene, hint: string): Promise<string> => {
      const { url } = await scene.rp.authorize({ id_token_hint: hint, prompt: 'none' });
      const location = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
      return new URL(location, REDIRECT_URI).searchParams.get('error_description') ?? '';
    };
    const forged = await idToken(victim.clientId, victim.person.userId);
    const nameless = await idToken(forger.clientId, forger.person.userId, { kid: undefined });
    const own = await idToken(forger.clientId, forger.person.userId);
    expect(await ask(victim, forged)).toContain('id_token_hint');
    expect(await ask(forger, nameless)).toContain('id_token_hint');
    expect(await ask(forger, own)).not.toContain('id_token_hint');
    const end = async (hint: string): Promise<number> =>
      (await fetch(`${app.issuer}/session/end?id_token_hint=${hint}`)).status;
    expect([await end(forged), await end(nameless), await end(own)]).toEqual([400, 400, 200]);
  });
});
