import { createHash, randomBytes } from 'node:crypto';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { adminToken, api, postForm } from '../support/management.ts';
import { addClient, answerOf, authorizationUrl, type Registered } from '../support/raw-requests.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';

const VERIFIER = randomBytes(32).toString('base64url');
const s256 = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');
const CHALLENGE = { code_challenge: s256(VERIFIER), code_challenge_method: 'S256' };
const ALONGSIDE = 'enforcePkceAlongsideClientCredentials';
const INSTEAD = 'enforcePkceInsteadOfClientCredentials';

describe.each(policyStorages)('the PKCE policy ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let browser: Browser;
  let enforcing: Registered;
  let publicClient: Registered;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
    enforcing = await addClient(app, scene.appId, { pkce: ALONGSIDE });
    publicClient = await addClient(app, scene.appId, { pkce: INSTEAD });
  });
  afterAll(async () => {
    await app?.stop();
    await app?.discard();
    await storage?.release();
  });

  const authorize = (client: Registered, parameters: Record<string, string> = {}) =>
    answerOf(browser, authorizationUrl(app, client.clientId, parameters));
  const codeOf = async (client: Registered, parameters: Record<string, string> = {}): Promise<string> => {
    const answer = await authorize(client, parameters);
    if (answer.code === undefined) throw new Error(`no code: ${JSON.stringify(answer)}`);
    return answer.code;
  };
  const token = (form: Record<string, string>, credentials?: Registered) =>
    postForm(`${app.url}/oidc/token`, form, credentials);
  const redeem = (code: string, form: Record<string, string>, credentials?: Registered) =>
    token({ grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, ...form }, credentials);
  const push = (client: Registered, parameters: Record<string, string>) =>
    postForm(
      `${app.url}/oidc/request`,
      { response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid', ...parameters },
      client,
    );
  const refusal = (error: string, text?: RegExp) => ({
    status: error === 'invalid_client' ? 401 : 400,
    body: { error, ...(text && { error_description: expect.stringMatching(text) }) },
  });

  it('has three values, returns the chosen one, and allows PKCE beside the credentials by default (R51, R52)', async () => {
    const admin = api(app, await adminToken(app));
    const path = `/v1/applications/${scene.appId}/clients`;
    expect(await admin.get(`${path}/${scene.clientId}`)).toMatchObject({
      body: { pkce: 'allowPkceAlongsideClientCredentials' },
    });
    expect(await admin.get(`${path}/${enforcing.clientId}`)).toMatchObject({ body: { pkce: ALONGSIDE } });
    expect(await admin.get(`${path}/${publicClient.clientId}`)).toMatchObject({
      body: { pkce: INSTEAD, token_endpoint_auth_method: 'none' },
    });
    expect((await admin.put(`${path}/${scene.clientId}`, { pkce: 'plain' })).status).toBe(400);
  });

  it('serves requests with PKCE and without, and wants the credentials either way (R53, R54, R55)', async () => {
    expect((await redeem(await codeOf(scene), {}, scene)).status).toBe(200);
    const verifier = { code_verifier: VERIFIER };
    expect((await redeem(await codeOf(scene, CHALLENGE), verifier, scene)).status).toBe(200);
    const code = await codeOf(scene, CHALLENGE);
    expect(await redeem(code, { ...verifier, client_id: scene.clientId })).toMatchObject(
      refusal('invalid_client'),
    );
    const plain = await codeOf(scene);
    expect(await redeem(plain, { client_id: scene.clientId })).toMatchObject(refusal('invalid_client'));
  });

  it.each([
    ['enforces beside the credentials (R56)', () => enforcing],
    ['enforces instead of the credentials (R58)', () => publicClient],
  ] as const)(
    'refuses a request without a challenge where the client %s, sent or pushed',
    async (_, client) => {
      // This is also what an attacker brings about who strips the challenge from the request.
      expect(await authorize(client())).toMatchObject({
        error: 'invalid_request',
        error_description: expect.stringMatching(/code_challenge/),
        state: 'af0ifjsldkj',
      });
      const credentials = client() === publicClient ? undefined : enforcing;
      const form = {
        response_type: 'code',
        redirect_uri: REDIRECT_URI,
        scope: 'openid',
        client_id: client().clientId,
      };
      expect(await postForm(`${app.url}/oidc/request`, form, credentials)).toMatchObject(
        refusal('invalid_request', /code_challenge/),
      );
    },
  );

  it('wants credentials and verifier where both are enforced (R57)', async () => {
    const verifier = { code_verifier: VERIFIER };
    const code = await codeOf(enforcing, CHALLENGE);
    expect(await redeem(code, { ...verifier, client_id: enforcing.clientId })).toMatchObject(
      refusal('invalid_client'),
    );
    expect(await redeem(code, {}, enforcing)).toMatchObject(refusal('invalid_grant', /code_verifier/));
    expect((await redeem(code, verifier, enforcing)).status).toBe(200);
  });

  it('takes the verifier in place of a secret where PKCE is enforced instead of it (R58)', async () => {
    const form = { client_id: publicClient.clientId, code_verifier: VERIFIER };
    expect(await redeem(await codeOf(publicClient, CHALLENGE), form)).toMatchObject({
      status: 200,
      body: { access_token: expect.any(String), id_token: expect.any(String) },
    });
    const code = await codeOf(publicClient, CHALLENGE);
    expect(await redeem(code, { client_id: publicClient.clientId })).toMatchObject(refusal('invalid_grant'));
    // Its old secret is no way in: one method per client.
    expect(await redeem(code, { code_verifier: VERIFIER }, publicClient)).toMatchObject(
      refusal('invalid_client'),
    );
  });

  it('gives a public client user tokens only (R59)', async () => {
    const form = { grant_type: 'client_credentials', client_id: publicClient.clientId };
    expect(await token(form)).toMatchObject(refusal('unauthorized_client', /client_credentials/));
    expect(await token({ grant_type: 'client_credentials' }, scene)).toMatchObject({ status: 200 });
    expect(await token({ grant_type: 'implicit' }, scene)).toMatchObject(refusal('unsupported_grant_type'));
  });

  it.each([
    ['the plain method', { code_challenge: VERIFIER, code_challenge_method: 'plain' }, /S256/],
    ['a challenge without a method, which would mean plain', { code_challenge: s256(VERIFIER) }, /S256/],
    ['a method without a challenge', { code_challenge_method: 'S256' }, /code_challenge/],
    ['a challenge that is too short', { code_challenge: 'short', code_challenge_method: 'S256' }, /43/],
  ])('refuses %s, sent or pushed (D10)', async (_, parameters, text) => {
    expect(await authorize(scene, parameters)).toMatchObject({
      error: 'invalid_request',
      error_description: expect.stringMatching(text),
    });
    expect(await push(scene, parameters)).toMatchObject(refusal('invalid_request', text));
  });

  it('refuses every downgrade at the token endpoint (RFC 9700 2.1.1)', async () => {
    const wrong = randomBytes(32).toString('base64url');
    const grant = (text: RegExp) => refusal('invalid_grant', text);
    // A challenge, but no verifier or another one: the code was intercepted.
    const code = await codeOf(scene, CHALLENGE);
    expect(await redeem(code, {}, scene)).toMatchObject(grant(/send the code_verifier/));
    expect(await redeem(code, { code_verifier: wrong }, scene)).toMatchObject(grant(/not the one/));
    expect(await redeem(code, { code_verifier: CHALLENGE.code_challenge }, scene)).toMatchObject(
      grant(/not the one/),
    );
    // A verifier, but no challenge: somebody took it out of the authorization request.
    expect(await redeem(await codeOf(scene), { code_verifier: VERIFIER }, scene)).toMatchObject(
      grant(/no code_challenge/),
    );
    expect((await redeem(code, { code_verifier: VERIFIER }, scene)).status).toBe(200);
  });

  it('refuses a code of one client at another, whatever verifier comes with it', async () => {
    const code = await codeOf(enforcing, CHALLENGE);
    const verifier = { code_verifier: VERIFIER };
    expect(await redeem(code, verifier, scene)).toMatchObject(refusal('invalid_grant', /another client/));
    expect(await redeem(code, { ...verifier, client_id: publicClient.clientId })).toMatchObject(
      refusal('invalid_grant', /another client/),
    );
  });

  it('accepts a pushed challenge with its verifier, and ignores another one beside the request_uri', async () => {
    const pushed = await push(enforcing, CHALLENGE);
    expect(pushed.status).toBe(201);
    const url = new URL(`${app.issuer}/auth`);
    url.search = new URLSearchParams({
      client_id: enforcing.clientId,
      request_uri: pushed.body.request_uri,
      code_challenge: s256('an attacker knows this one, and it is long enough'),
      code_challenge_method: 'S256',
    }).toString();
    const { code = '' } = await answerOf(browser, url);
    expect((await redeem(code, { code_verifier: VERIFIER }, enforcing)).status).toBe(200);
  });
});
