import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { Browser } from '../support/browser.ts';
import { type StorageOptions, storages } from '../support/engines.ts';
import { adminToken, api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid email offline_access', prompt: 'consent' };

describe.each(storages)('the main job ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const introspect = (token: string) =>
    postForm(`${app.url}/oidc/token/introspection`, { token }, scene).then(({ status, body }) => ({
      status,
      body,
    }));

  it('signs a person in and gives the application tokens that verify offline (R7, R26, R143, R147)', async () => {
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: { scope: 'openid email' } });
    expect(tokens.claims()).toMatchObject({ sub: scene.person.userId, aud: scene.clientId, amr: ['pwd'] });
    const keys = createRemoteJWKSet(new URL(`${app.issuer}/jwks`));
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, keys, {
      issuer: app.issuer,
      audience: 'userid-api',
    });
    expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'RS256' });
    expect(payload).toMatchObject({
      sub: scene.person.userId,
      client_id: scene.clientId,
      app_id: scene.appId,
      scope: 'openid email',
      roles: [],
    });
    expect(tokens.expires_in).toBe(3600);
    expect(tokens.refresh_token).toBeUndefined();
    expect(await scene.rp.userInfo(tokens.access_token, scene.person.userId)).toMatchObject({
      sub: scene.person.userId,
      email: scene.person.identifier,
    });
  });

  it('names the requested resource as audience, with its lifetime, and refuses others (R62, R133, R148, R150, D9)', async () => {
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: { resource: scene.resource.uri } });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: scene.resource.uri });
    expect(tokens.expires_in).toBe(600);
    for (const [parameters, error] of [
      [{ resource: 'https://elsewhere.example.com' }, 'invalid_target'],
    ] as const) {
      const answer = await postForm(
        `${app.url}/oidc/token`,
        { grant_type: 'client_credentials', ...parameters },
        scene,
      );
      expect(answer).toMatchObject({ status: 400, body: { error } });
    }
  });

  it('signs the same browser in silently at the next client, and answers prompt=none by session (R78, R81)', async () => {
    const browser = new Browser(app);
    const other = await setScene(app);
    await scene.rp.signIn(app, scene.person, { browser });
    const request = await other.rp.authorize({ prompt: 'none' });
    const arrival = await browser.open(request.url);
    expect(arrival.url.searchParams.get('error')).toBeNull();
    const tokens = await other.rp.redeem(arrival.url, request);
    expect(tokens.claims()?.sub).toBe(scene.person.userId);
    const stranger = await new Browser(app).open((await other.rp.authorize({ prompt: 'none' })).url);
    expect(stranger.url.searchParams.get('error')).toBe('login_required');
  });

  it('refreshes with rotation; inside the grace window a used token yields the same successor (pitfall 2)', async () => {
    const first = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    const [used, second] = [String(first.refresh_token), await scene.rp.refresh(String(first.refresh_token))];
    expect(second.refresh_token).toBeDefined();
    expect(second.refresh_token).not.toBe(used);
    expect((await scene.rp.refresh(used)).refresh_token).toBe(second.refresh_token);
    expect((await scene.rp.refresh(String(second.refresh_token))).refresh_token).not.toBe(
      second.refresh_token,
    );
  });

  it('introspects JWT access tokens and opaque refresh tokens alike (R165, D6)', async () => {
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    expect(await introspect(tokens.access_token)).toMatchObject({
      status: 200,
      body: {
        active: true,
        sub: scene.person.userId,
        client_id: scene.clientId,
        iss: app.issuer,
        aud: 'userid-api',
        scope: 'openid email offline_access',
        jti: decodeJwt(tokens.access_token).jti,
      },
    });
    expect(await introspect(String(tokens.refresh_token))).toMatchObject({
      status: 200,
      body: { active: true, client_id: scene.clientId },
    });
    const client = await clientToken(app, scene);
    expect(await introspect(client)).toMatchObject({ body: { active: true, sub: scene.clientId } });
    const header = decodeProtectedHeader(client);
    for (const bad of [
      'x',
      '',
      'a.b.c',
      `${client}x`,
      `${client.slice(0, -8)}AAAAAAAA`,
      `${Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url')}.${client.split('.')[1]}.`,
    ].filter(Boolean))
      expect(await introspect(bad)).toEqual({ status: 200, body: { active: false } });
    expect((await postForm(`${app.url}/oidc/token/introspection`, { token: client })).status).not.toBe(200);
    expect(
      (
        await postForm(
          `${app.url}/oidc/token/introspection`,
          { token: client },
          { ...scene, clientSecret: 'wrong-wrong-wrong' },
        )
      ).status,
    ).toBe(401);
  });

  it('ends a revoked access token and leaves its refresh token; a revoked refresh token takes the rest along (C9)', async () => {
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    await scene.rp.revoke(tokens.access_token);
    expect(await introspect(tokens.access_token)).toEqual({ status: 200, body: { active: false } });
    await expect(scene.rp.userInfo(tokens.access_token, scene.person.userId)).rejects.toThrow();
    const next = await scene.rp.refresh(String(tokens.refresh_token));
    await scene.rp.revoke(String(next.refresh_token));
    expect(await introspect(next.access_token)).toEqual({ status: 200, body: { active: false } });
    await expect(scene.rp.refresh(String(next.refresh_token))).rejects.toThrow();
  });

  it('ends the tokens of a code that is used twice (C5)', async () => {
    const request = await scene.rp.authorize(OFFLINE);
    const browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
    const { url } = await browser.open(request.url);
    const tokens = await scene.rp.redeem(url, request);
    await expect(scene.rp.redeem(url, request)).rejects.toThrow();
    expect(await introspect(tokens.access_token)).toEqual({ status: 200, body: { active: false } });
  });

  it('ends everything of a disabled user and of a deleted client at once (R165)', async () => {
    const admin = api(app, await adminToken(app));
    const other = await setScene(app);
    const tokens = await other.rp.signIn(app, other.person, { parameters: OFFLINE });
    expect((await introspect(tokens.access_token)).body.active).toBe(true);
    expect((await admin.put(`/v1/users/${other.person.userId}`, { status: 'Disabled' })).status).toBe(200);
    expect(await introspect(tokens.access_token)).toEqual({ status: 200, body: { active: false } });
    await expect(other.rp.refresh(String(tokens.refresh_token))).rejects.toThrow();
    const token = await clientToken(app, other);
    expect((await introspect(token)).body.active).toBe(true);
    expect((await admin.delete(`/v1/applications/${other.appId}/clients/${other.clientId}`)).status).toBe(
      204,
    );
    expect(await introspect(token)).toEqual({ status: 200, body: { active: false } });
  });

  it('lets a client token reach its own application and nothing else (R1, R2, R156 to R158)', async () => {
    const other = await setScene(app);
    const own = api(app, await clientToken(app, scene));
    expect((await own.get(`/v1/applications/${scene.appId}`)).status).toBe(200);
    expect((await own.get(`/v1/applications/${other.appId}`)).status).toBe(404);
    expect((await api(app, await adminToken(app)).get(`/v1/applications/${other.appId}`)).status).toBe(200);
    const tokens = await scene.rp.signIn(app, scene.person);
    expect((await api(app, tokens.access_token).get(`/v1/applications/${scene.appId}`)).status).toBe(403);
    expect(await api(app, 'x').get('/v1/applications')).toMatchObject({
      status: 401,
      body: { message: 'Invalid token', error_code: 401 },
    });
  });

  it('asks before signing out, and then has no session (contract/oidc.md 11)', async () => {
    const browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
    const page = await browser.open(scene.rp.endSessionUrl({}));
    expect(page.html).toContain('Sign out?');
    expect(page.html).toContain('id="logout-confirm"');
    const form = page.forms[0];
    if (!form) throw new Error('no form');
    const done = await browser.submit(form, { logout: 'yes' });
    expect(done.html).toContain('signed out');
    const after = await browser.open((await scene.rp.authorize({ prompt: 'none' })).url);
    expect(after.url.searchParams.get('error')).toBe('login_required');
  });

  it('never writes a secret into its log', async () => {
    const tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
    for (const secret of [
      tokens.access_token,
      String(tokens.refresh_token),
      scene.person.password,
      scene.clientSecret,
    ])
      expect(app.output()).not.toContain(secret);
  });
});
