/** What a user's access token is good for: that user, that client, and nothing that managing needs. */
import { decodeJwt } from 'jose';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, api, clientToken, postForm } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid email offline_access', prompt: 'consent' };

describe.each(policyStorages)('a user’s access token ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let other: Scene;
  let tokens: Awaited<ReturnType<Scene['rp']['signIn']>>;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    [scene, other] = [await setScene(app), await setScene(app)];
    await other.rp.signIn(app, other.person);
    tokens = await scene.rp.signIn(app, scene.person, { parameters: OFFLINE });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  it('tells about its user, whoever else is named beside it (R151, R152)', async () => {
    expect(decodeJwt(tokens.access_token).sub).toBe(scene.person.userId);
    expect(decodeJwt(await clientToken(app, scene)).sub).toBe(scene.clientId);
    const named = new URLSearchParams({ sub: other.person.userId, user_id: other.person.userId });
    for (const init of [{}, { method: 'POST', body: named }]) {
      const answer = await fetch(`${app.url}/oidc/me?${named}`, {
        ...init,
        headers: { authorization: `Bearer ${tokens.access_token}` },
      });
      expect(await answer.json()).toMatchObject({ sub: scene.person.userId, email: scene.person.identifier });
    }
    const user = api(app, tokens.access_token);
    for (const { userId } of [scene.person, other.person])
      expect((await user.get(`/v1/users/${userId}`)).status).toBe(403);
  });

  it('belongs to its client: another can neither refresh nor revoke it (R153)', async () => {
    expect(decodeJwt(tokens.access_token)).toMatchObject({ client_id: scene.clientId, app_id: scene.appId });
    const refresh = { grant_type: 'refresh_token', refresh_token: String(tokens.refresh_token) };
    expect(await postForm(`${app.url}/oidc/token`, refresh, other)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    for (const token of [tokens.access_token, String(tokens.refresh_token)])
      expect(await postForm(`${app.url}/oidc/token/revocation`, { token }, other)).toMatchObject({
        status: 400,
        body: { error: 'invalid_request' },
      });
    expect(await scene.rp.introspect(tokens.access_token)).toMatchObject({ active: true });
    expect((await scene.rp.refresh(String(tokens.refresh_token))).access_token).toBeDefined();
  });

  it('opens nothing at another application (R155)', async () => {
    const request = await other.rp.authorize({ prompt: 'none', id_token_hint: String(tokens.id_token) });
    const hinted = await new Browser(app).open(request.url);
    expect(hinted.url.searchParams.get('code')).toBeNull();
    expect(hinted.url.searchParams.get('error')).toEqual(expect.any(String));
    const silent = await other.rp.authorize({ prompt: 'none' });
    const bearer = await fetch(silent.url, {
      headers: { authorization: `Bearer ${tokens.access_token}` },
      redirect: 'manual',
    });
    expect(new URL(bearer.headers.get('location') ?? '').searchParams.get('error')).toBe('login_required');
    const tries: Record<string, string>[] = [
      { grant_type: 'authorization_code', code: tokens.access_token, redirect_uri: other.rp.redirectUri },
      { grant_type: 'refresh_token', refresh_token: tokens.access_token },
      { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: tokens.access_token },
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: tokens.access_token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      },
    ];
    for (const form of tries) {
      const answer: Answer = await postForm(`${app.url}/oidc/token`, form, other);
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatch(/^(invalid_grant|unsupported_grant_type)$/);
    }
  });
});
