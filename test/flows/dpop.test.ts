import { randomUUID } from 'node:crypto';
import * as oidc from 'openid-client';
import { Browser } from '../support/browser.ts';
import { type ProofKey, proofKey, sha256 } from '../support/dpop.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { addClient, answerOf, authorizationUrl, call, send } from '../support/raw-requests.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import { type App, freePort, startApp } from '../support/start-app.ts';

const OFFLINE = { scope: 'openid offline_access', prompt: 'consent' };
const _ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe.each(policyStorages)('DPoP ($name)', ({ name, options }) => {
  let storage: StorageOptions;
  let apps: App[] = [];
  let app: App;
  let scene: Scene;
  let browser: Browser;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    apps = [app];
    // The embedded database lets one process in.
    if (name !== 'embedded') apps.push(await startApp({ like: app, port: await freePort() }));
    scene = await setScene(app);
    browser = new Browser(app);
    await scene.rp.signIn(app, scene.person, { browser });
  });
  afterAll(async () => {
    for (const process of apps.toReversed()) {
      await process.stop();
      await process.discard();
    }
    await storage?.release();
  });

  const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}, at = app) =>
    send(`${at.url}${path}`, form, headers);
  const basic = () => ({
    authorization: `Basic ${Buffer.from(`${scene.clientId}:${scene.clientSecret}`).toString('base64')}`,
  });
  const tokenUrl = () => `${app.issuer}/token`;
  const tokenProof = (key: ProofKey, claims: Record<string, unknown> = {}) =>
    key.proof({ htm: 'POST', htu: tokenUrl(), ...claims });
  /** A client token of the scene's client, bound to the key. */
  const boundToken = async (key: ProofKey): Promise<string> => {
    const { status, body } = await post(
      '/oidc/token',
      { grant_type: 'client_credentials' },
      { ...basic(), dpop: await tokenProof(key) },
    );
    if (status !== 200) throw new Error(`no token: ${JSON.stringify(body)}`);
    return body.access_token;
  };

  describe('a token bound to a key', () => {
    it('is given to any client that proves one, and works at UserInfo and the management API with it alone', async () => {
      const DPoP = oidc.getDPoPHandle(scene.rp.config, await oidc.randomDPoPKeyPair('ES256'));
      const request = await scene.rp.authorize();
      const tokens = await scene.rp.redeem((await browser.open(request.url)).url, request, { DPoP });
      expect(tokens.token_type).toBe('dpop');
      const { userId } = scene.person;
      expect(await scene.rp.userInfo(tokens.access_token, userId, { DPoP })).toMatchObject({ sub: userId });
      const stolen = oidc.getDPoPHandle(scene.rp.config, await oidc.randomDPoPKeyPair('ES256'));
      await expect(scene.rp.userInfo(tokens.access_token, userId)).rejects.toThrow();
      await expect(scene.rp.userInfo(tokens.access_token, userId, { DPoP: stolen })).rejects.toThrow();
      const own = await oidc.clientCredentialsGrant(scene.rp.config, {}, { DPoP });
      const url = new URL(`${app.url}/v1/applications/${scene.appId}`);
      const ask = (handle?: oidc.DPoPHandle) =>
        oidc.fetchProtectedResource(scene.rp.config, own.access_token, url, 'GET', undefined, undefined, {
          ...(handle && { DPoP: handle }),
        });
      expect((await ask(DPoP)).status).toBe(200);
      await expect(ask(stolen)).rejects.toThrow();
      await expect(ask()).rejects.toThrow();
    });

    it('is shown with its key by introspection, as DPoP', async () => {
      const key = await proofKey();
      expect(await scene.rp.introspect(await boundToken(key))).toMatchObject({
        active: true,
        token_type: 'DPoP',
        cnf: { jkt: key.thumbprint },
      });
    });

    describe.each([
      ['the management API', 'GET', (): string => `/v1/applications/${scene.appId}`],
      ['UserInfo', 'GET', (): string => '/oidc/me'],
      ['UserInfo by POST', 'POST', (): string => '/oidc/me'],
    ] as const)('at %s', (_, method, path) => {
      let key: ProofKey;
      let token: string;
      beforeAll(async () => {
        key = await proofKey();
        if (path() !== '/oidc/me') {
          token = await boundToken(key);
          return;
        }
        const { code = '' } = await answerOf(browser, authorizationUrl(app, scene.clientId));
        const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
        token = (await post('/oidc/token', form, { ...basic(), dpop: await tokenProof(key) })).body
          .access_token;
      });
      const right = () => ({ htm: method, htu: new URL(app.issuer).origin + path(), ath: sha256(token) });
      const ask = (dpop: string | undefined, scheme = 'DPoP', prefix = '', at = app) =>
        call(at.url + prefix + path(), {
          method,
          headers: { authorization: `${scheme} ${token}`, ...(dpop !== undefined && { dpop }) },
        });

      it('is served with a proof, with and without the prefix (D1)', async () => {
        const origin = new URL(app.issuer).origin;
        for (const htu of ['', '/cis'].map((prefix) => origin + prefix + path()))
          for (const prefix of ['', '/cis'])
            expect((await ask(await key.proof({ ...right(), htu }), 'DPoP', prefix)).status).toBe(200);
        const fraction = await key.proof({ ...right(), iat: Math.floor(Date.now() / 1000) - 0.5 });
        expect((await ask(fraction)).status).toBe(200);
        const query = { ...right(), htu: `${right().htu}?page=1#top` };
        expect((await ask(await key.proof(query))).status).toBe(200);
      });

      it('is refused without a right proof, and the challenge says why', async () => {
        const other = await proofKey();
        const now = Math.floor(Date.now() / 1000);
        const proofs = {
          'another key': await other.proof(right()),
          'no ath': await key.proof({ ...right(), ath: undefined }),
          'ath of another token': await key.proof({ ...right(), ath: sha256('another') }),
          'another method': await key.proof({ ...right(), htm: 'DELETE' }),
          'another path': await key.proof({ ...right(), htu: `${right().htu}/other` }),
          'another host': await key.proof({ ...right(), htu: `https://evil.example.com${path()}` }),
          'an old one': await key.proof({ ...right(), iat: now - 3600 }),
          'one for later': await key.proof({ ...right(), iat: now + 3600 }),
          'no jti': await key.proof({ ...right(), jti: undefined }),
          'another type': await key.proof(right(), { typ: 'JWT' }),
          'the header of another key': (await key.proof(right())).replace(
            /^[^.]+/,
            (await other.proof(right())).split('.')[0] ?? '',
          ),
          unsigned: `${Buffer.from('{"alg":"none","typ":"dpop+jwt"}').toString('base64url')}.e30.`,
          garbage: 'garbage',
        };
        for (const [what, dpop] of Object.entries(proofs)) {
          const { status, headers } = await ask(dpop);
          const challenge = headers.get('www-authenticate');
          expect({ what, status, challenge }).toEqual({
            what,
            status: 401,
            challenge: expect.stringMatching(
              /^DPoP .*error="(invalid_dpop_proof|invalid_token|use_dpop_nonce)"/,
            ),
          });
        }
      });

      it('is refused as Bearer, with a proof or without (downgrade)', async () => {
        for (const dpop of [undefined, await key.proof(right())]) {
          const { status } = await ask(dpop, 'Bearer');
          expect([400, 401]).toContain(status);
        }
        const { status, headers } = await ask(undefined, 'Bearer');
        expect(status).toBe(401);
        expect(headers.get('www-authenticate')).toMatch(/^DPoP /);
        expect([400, 401]).toContain((await ask(undefined, 'DPoP')).status);
      });

      it('is served once per proof, whichever process is asked', async () => {
        const proof = await key.proof(right());
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_none, at) => ask(proof, 'DPoP', '', apps[at % apps.length])),
        );
        expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
        for (const { headers } of answers.filter(({ status }) => status !== 200))
          expect(headers.get('www-authenticate')).toMatch(/error="invalid_dpop_proof"/);
      });
    });

    it('is refused in the form field, where no proof goes along; another is served there (RFC 6750 section 2.2)', async () => {
      const redeem = async (headers: Record<string, string>) => {
        const { code = '' } = await answerOf(browser, authorizationUrl(app, scene.clientId));
        const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI };
        return (await post('/oidc/token', form, { ...basic(), ...headers })).body.access_token;
      };
      const key = await proofKey();
      const bound = await redeem({ dpop: await tokenProof(key) });
      expect((await post('/oidc/me', { access_token: bound })).status).toBe(401);
      const dpop = await key.proof({ htm: 'POST', htu: `${app.issuer}/me`, ath: sha256(bound) });
      expect((await post('/oidc/me', { access_token: bound }, { dpop })).status).toBe(400);
      expect(await post('/oidc/me', { access_token: await redeem({}) })).toMatchObject({
        status: 200,
        body: { sub: scene.person.userId },
      });
    });

    it('that is bound to no key is refused as DPoP', async () => {
      const key = await proofKey();
      const { access_token: token } = await oidc.clientCredentialsGrant(scene.rp.config);
      const url = `${app.url}/v1/applications/${scene.appId}`;
      const dpop = await key.proof({ htm: 'GET', htu: url, ath: sha256(token) });
      expect(await call(url, { headers: { authorization: `DPoP ${token}`, dpop } })).toMatchObject({
        status: 401,
        body: { message: 'Invalid token', error_code: 401 },
      });
    });
  });

  describe('a proof at the token endpoint', () => {
    it('is good once, whichever process is asked, and invalid_dpop_proof after that (RFC 9449 section 5)', async () => {
      const dpop = await tokenProof(await proofKey());
      const form = new URLSearchParams({ grant_type: 'client_credentials' });
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          call(`${apps[at % apps.length]?.url}/oidc/token`, {
            method: 'POST',
            body: form,
            headers: { ...basic(), dpop },
          }),
        ),
      );
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused).toHaveLength(19);
      for (const answer of refused)
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_dpop_proof' } });
    });

    it.each([
      ['another endpoint', (key: ProofKey) => tokenProof(key, { htu: `${app.issuer}/me` })],
      ['another method', (key: ProofKey) => tokenProof(key, { htm: 'GET' })],
      ['an hour ago', (key: ProofKey) => tokenProof(key, { iat: Math.floor(Date.now() / 1000) - 3600 })],
      ['another type', (key: ProofKey) => key.proof({ htm: 'POST', htu: tokenUrl() }, { typ: 'JWT' })],
    ])('is refused where it was made for %s', async (_, make) => {
      const dpop = await make(await proofKey());
      const answer = await post('/oidc/token', { grant_type: 'client_credentials' }, { ...basic(), dpop });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({
        error: expect.stringMatching(/^(invalid_dpop_proof|use_dpop_nonce)$/),
        error_description: expect.any(String),
      });
    });

    it('may be made for the path with the prefix (D1)', async () => {
      const htu = tokenUrl().replace('/oidc/', '/cis/oidc/');
      const dpop = await tokenProof(await proofKey(), { htu });
      const answer = await post(
        '/cis/oidc/token',
        { grant_type: 'client_credentials' },
        { ...basic(), dpop },
      );
      expect(answer).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
    });

    it.each([
      [
        'dpop_jkt in the request',
        (key: ProofKey) =>
          answerOf(browser, authorizationUrl(app, scene.clientId, { dpop_jkt: key.thumbprint })),
      ],
      [
        'a proof at PAR',
        async (key: ProofKey) => {
          const form = { response_type: 'code', redirect_uri: REDIRECT_URI, scope: 'openid' };
          const dpop = await key.proof({ htm: 'POST', htu: `${app.issuer}/request` });
          const { body } = await post('/oidc/request', form, { ...basic(), dpop });
          const url = new URL(`${app.issuer}/auth`);
          url.search = String(
            new URLSearchParams({ client_id: scene.clientId, request_uri: body.request_uri }),
          );
          return answerOf(browser, url);
        },
      ],
    ])('has to be of the key that the code is bound to by %s (RFC 9449 section 10)', async (_, authorize) => {
      const [key, thief] = [await proofKey(), await proofKey()];
      const redeem = async (code: string, dpop?: string) =>
        post(
          '/oidc/token',
          { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI },
          { ...basic(), ...(dpop !== undefined && { dpop }) },
        );
      const refusal = { status: 400, body: { error: 'invalid_grant' } };
      expect(await redeem((await authorize(key)).code ?? '', await tokenProof(thief))).toMatchObject(refusal);
      expect(await redeem((await authorize(key)).code ?? '')).toMatchObject(refusal);
      expect(await redeem((await authorize(key)).code ?? '', await tokenProof(key))).toMatchObject({
        status: 200,
        body: { token_type: 'DPoP' },
      });
    });

    it('has to be of the key that a public client began with, in the grace window too (pitfall 2)', async () => {
      const { clientId } = await addClient(app, scene.appId, {
        pkce: 'enforcePkceInsteadOfClientCredentials',
      });
      const [key, thief] = [await proofKey(), await proofKey()];
      const verifier = randomUUID() + randomUUID();
      const { code = '' } = await answerOf(
        browser,
        authorizationUrl(app, clientId, {
          ...OFFLINE,
          code_challenge: sha256(verifier),
          code_challenge_method: 'S256',
        }),
      );
      const send = async (form: Record<string, string>, of?: ProofKey) =>
        post('/oidc/token', { client_id: clientId, ...form }, of ? { dpop: await tokenProof(of) } : {});
      const first = await send(
        { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: verifier },
        key,
      );
      expect(first.status).toBe(200);
      const refresh = (refresh_token: string, of?: ProofKey) =>
        send({ grant_type: 'refresh_token', refresh_token }, of);
      const refusal = {
        status: 400,
        body: { error: 'invalid_grant', error_description: expect.stringMatching(/bound/) },
      };
      const used = first.body.refresh_token;
      expect(await refresh(used, thief)).toMatchObject(refusal);
      expect(await refresh(used)).toMatchObject(refusal);
      const second = await refresh(used, key);
      expect(second).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
      expect(await refresh(used, thief)).toMatchObject(refusal);
      expect(await refresh(used)).toMatchObject(refusal);
      expect((await refresh(used, key)).body.refresh_token).toBe(second.body.refresh_token);
      expect((await refresh(second.body.refresh_token, key)).status).toBe(200);
    });
  });

  it('writes no proof, assertion or token into its log', () => {
    for (const process of apps) expect(process.output()).not.toMatch(/eyJ[\w-]{10,}\./);
  });
});
