/** The older code exchange, POST /v1/token (contract/oidc.md 5.1). */
import { decodeJwt } from 'jose';
import { Browser } from '../support/browser.ts';
import { CodeScene } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { api, postForm } from '../support/management.ts';
import { REDIRECT_URI } from '../support/scene.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, PARTNER_REDIRECT_URI } from '../support/third-party.ts';

describe.each(policyStorages)('the older code exchange ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let code: CodeScene;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    code = await CodeScene.set(app);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  /** A code of the password sign-in, without the consumer of the code. */
  async function newCode(at = code): Promise<string> {
    const { person, clientId } = at.scene;
    const { body } = await api(app).post('/v1/auth/password/login', {
      email: person.identifier,
      password: person.password,
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
    });
    const page = await new Browser(app).open(new URL(body.result.url));
    return String(page.url.searchParams.get('code'));
  }
  const exchange = (body: Record<string, unknown>) => api(app).post('/v1/token', body);
  const own = () => ({ client_id: code.scene.clientId, client_secret: code.scene.clientSecret });
  const REFUSED = { error_code: 400, message: [expect.any(String)] };

  it('gives tokens for a code without a redirect URI, with and without /cis, each code once', async () => {
    for (const prefix of ['', '/cis']) {
      const body = { code: await newCode(), ...own() };
      const answer = await api(app).post(`${prefix}/v1/token`, body);
      expect([answer.status, answer.body]).toEqual([
        200,
        {
          id_token: expect.any(String),
          access_token: expect.any(String),
          refresh_token: expect.any(String),
          is_user_created: false,
        },
      ]);
      expect(decodeJwt(answer.body.id_token).sub).toBe(code.scene.person.userId);
      expect((await api(app, answer.body.access_token).get('/v1/users/me')).status).toBe(200);
      const again = await exchange(body);
      expect([again.status, again.body]).toEqual([400, REFUSED]);
      // RFC 6749 4.1.2: what came of a code that is shown twice ends.
      const form = { grant_type: 'refresh_token', refresh_token: answer.body.refresh_token };
      expect((await postForm(`${app.url}/oidc/token`, form, code.scene)).status).toBe(400);
    }
  });

  it('is won by one of many who show the code at once', async () => {
    const body = { code: await newCode(), ...own() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => exchange(body)));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400]));
  });

  it('really checks the secret, and keeps the code good for who has it', async () => {
    const fresh = await newCode();
    for (const client_secret of ['wrong', `${code.scene.clientSecret}x`.slice(-50)]) {
      const answer = await exchange({ code: fresh, ...own(), client_secret });
      expect([answer.status, answer.body]).toEqual([400, REFUSED]);
    }
    expect((await exchange({ code: fresh, ...own() })).status).toBe(200);
  });

  it('refuses the code of another client and application, whatever their secret', async () => {
    const fresh = await newCode();
    const other = await CodeScene.set(app);
    const another = await code.anotherClient();
    for (const { clientId, clientSecret } of [another, other.scene]) {
      const answer = await exchange({ code: fresh, client_id: clientId, client_secret: clientSecret });
      expect([answer.status, answer.body]).toEqual([400, REFUSED]);
    }
    expect((await exchange({ code: fresh, ...own() })).status).toBe(200);
  });

  it('refuses a SAML client with its secret (C27), a third party, an unknown client and a management client', async () => {
    const saml = await code.admin.post(`/v1/applications/${code.scene.appId}/clients`, {
      name: 'Payroll',
      authentication_protocol: 'saml',
      sp_entity_id: 'https://payroll.example.com/metadata',
    });
    expect(saml.status).toBe(201);
    const party = await addThirdParty(app, code.scene);
    expect(PARTNER_REDIRECT_URI).not.toBe(REDIRECT_URI);
    for (const [client_id, client_secret] of [
      [saml.body.client_id, saml.body.client_secret ?? 'none'],
      [party.clientId, party.clientSecret],
      ['nobody', 'secret'],
      [app.management.clientId, app.management.clientSecret],
    ]) {
      const answer = await exchange({ code: await newCode(), client_id, client_secret });
      expect([answer.status, answer.body]).toEqual([400, REFUSED]);
    }
  });

  it('does not go around PKCE: a code with a challenge needs its verifier, which this form does not have', async () => {
    const { person, rp } = code.scene;
    const browser = new Browser(app);
    await browser.open(
      new URL(
        (
          await api(app).post('/v1/auth/password/login', {
            email: person.identifier,
            password: person.password,
            client_id: code.scene.clientId,
            redirect_uri: REDIRECT_URI,
          })
        ).body.result.url,
      ),
    );
    const page = await browser.open((await rp.authorize({ prompt: 'none' })).url);
    const answer = await exchange({ code: page.url.searchParams.get('code'), ...own() });
    expect([answer.status, answer.body]).toEqual([400, REFUSED]);
  });

  it('does not take a secret from a client that authenticates in another way', async () => {
    const keyed = await code.admin.post(`/v1/applications/${code.scene.appId}/clients`, {
      name: 'Public',
      redirect_uris: [REDIRECT_URI],
      pkce: 'enforcePkceInsteadOfClientCredentials',
    });
    expect(keyed.status).toBe(201);
    const answer = await exchange({
      code: await newCode(),
      client_id: keyed.body.client_id,
      client_secret: keyed.body.client_secret ?? 'none',
    });
    expect([answer.status, answer.body]).toEqual([400, REFUSED]);
  });

  it.each([
    ['a code that is none', () => ({ code: 'made-up', ...own() })],
    ['no secret', () => ({ code: 'x', client_id: code.scene.clientId })],
    ['a client id of 51 characters', () => ({ code: 'x', ...own(), client_id: 'x'.repeat(51) })],
    ['an unknown member', () => ({ code: 'x', ...own(), redirect_uri: REDIRECT_URI })],
  ])('answers 400 with a list for %s', async (_what, body) => {
    const answer = await exchange(body());
    expect([answer.status, answer.body]).toEqual([400, REFUSED]);
  });
});
