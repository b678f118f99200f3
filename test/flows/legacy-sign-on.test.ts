/** Service providers of the older form: an application signs the user in and relays the request (contract/saml.md 2). */
import { deflateRawSync } from 'node:zlib';
import { SAML, type SamlConfig } from '@node-saml/node-saml';
import { readXml } from '../../src/xml/read-xml.ts';
import { verifiedElement } from '../../src/xml/xml-signature.ts';
import { Browser, formsOf } from '../support/browser.ts';
import { CodeScene } from '../support/code-scene.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Answer, type Api, adminToken, api, clientToken, read } from '../support/management.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { ACS, xmlOf } from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';
import { addThirdParty, tokensByConsent } from '../support/third-party.ts';

const LOGIN_PAGE = 'https://app.example.com/login';
const MISSING = { status: 404, body: { message: 'Service provider does not exist in tenant' } };
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const PASSWORD_CONTEXT = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';

interface Provider {
  readonly service_provider_id: string;
  readonly entity_id: string;
  readonly issuer: string;
  readonly saml_url: string;
  readonly pub_cert: string;
}

describe.each(policyStorages)('sign-on by relay ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let admin: Api;
  let token: string;
  let provider: Provider;
  let count = 0;
  const make = async (fields: Record<string, unknown> = {}): Promise<Provider> => {
    count += 1;
    const made = await admin.post('/v1/serviceprovider/saml2', {
      name: 'Payroll',
      assertion_consumer_service_URL: ACS,
      entity_id: `https://sp-${count}.example.com`,
      ...fields,
    });
    expect(made.status).toBe(201);
    return made.body.result;
  };
  const use = async (appId: string, ...providers: Provider[]): Promise<void> => {
    const service_providers = providers.map(({ service_provider_id }) => service_provider_id);
    expect((await admin.put(`/v1/applications/${appId}`, { service_providers })).status).toBe(200);
  };
  const signedIn = async (at = scene): Promise<string> => (await at.rp.signIn(app, at.person)).access_token;
  beforeAll(async () => {
    storage = await options();
    app = await startApp(storage);
    scene = await setScene(app);
    admin = api(app, await adminToken(app));
    token = await signedIn();
    provider = await make();
    await use(scene.appId, provider);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  /** The provider itself, with the application's page as its SSO URL. */
  const library = (of: Provider, more: Partial<SamlConfig> = {}): SAML =>
    new SAML({
      callbackUrl: ACS,
      entryPoint: LOGIN_PAGE,
      issuer: of.entity_id,
      idpIssuer: of.issuer,
      idpCert: of.pub_cert,
      audience: of.entity_id,
      wantAssertionsSigned: true,
      wantAuthnResponseSigned: true,
      identifierFormat: PERSISTENT,
      authnContext: [PASSWORD_CONTEXT],
      validateInResponseTo: 'always',
      acceptedClockSkewMs: 0,
      ...more,
    } as SamlConfig);
  /** The query with which the provider sends its user to the application. */
  const sent = async (saml: SAML, relayState = ''): Promise<string> =>
    new URL(await saml.getAuthorizeUrlAsync(relayState, undefined, {})).search;
  const written = (of: Provider, { attributes = '', children = '', seconds = 0 } = {}): string => {
    const xml = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_${crypto.randomUUID()}" Version="2.0" IssueInstant="${new Date(Date.now() + seconds * 1000).toISOString()}" ${attributes}><saml:Issuer>${of.entity_id}</saml:Issuer>${children}</samlp:AuthnRequest>`;
    return `?${new URLSearchParams({ SAMLRequest: deflateRawSync(xml).toString('base64') })}`;
  };
  const relay = (query: string, by: Api = api(app, token), to = provider): Promise<Answer> =>
    by.get(`/v1/serviceprovider/saml2/sso/${to.service_provider_id}${query}`);
  const page = async (query: string, accept?: string): Promise<Answer> =>
    read(
      await fetch(`${app.url}/cis/v1/serviceprovider/saml2/sso/${provider.service_provider_id}${query}`, {
        headers: { authorization: `Bearer ${token}`, ...(accept !== undefined && { accept }) },
      }),
    );
  const statusOf = (answer: Answer): string[] =>
    [...xmlOf(answer.body.result).matchAll(/StatusCode Value="[^"]+:([^":]+)"/g)].map(
      ([, code = '']) => code,
    );

  it('answers the request of the provider, for the user ID as NameID, as JSON where that is preferred', async () => {
    const saml = library(provider);
    const answer = await relay(await sent(saml, 'back-to/orders?x=1&y=<2>"'));
    expect(answer).toMatchObject({
      status: 201,
      body: { result: { SsoUrl: ACS, RelayState: 'back-to/orders?x=1&y=<2>"' } },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { profile } = await saml.validatePostResponseAsync(answer.body.result);
    expect(profile).toMatchObject({
      issuer: provider.issuer,
      nameID: scene.person.userId,
      nameIDFormat: PERSISTENT,
      sessionIndex: expect.stringMatching(/^[\w-]{20,}$/),
    });
    expect(profile?.nameQualifier).toBeUndefined();
    expect(xmlOf(answer.body.result)).toContain(`>${PASSWORD_CONTEXT}</saml:AuthnContextClassRef>`);
    await expect(saml.validatePostResponseAsync(answer.body.result)).rejects.toThrow('InResponseTo');
  });

  it('answers without a request (IdP-initiated), qualified as configured', async () => {
    const qualified = await make({ name_qualifier: 'https://names.example.com/?a&b' });
    await use(scene.appId, provider, qualified);
    const answer = await relay('?RelayState=inbox', api(app, token), qualified);
    expect(answer).toMatchObject({ status: 201, body: { result: { SsoUrl: ACS, RelayState: 'inbox' } } });
    expect(xmlOf(answer.body.result)).not.toContain('InResponseTo');
    const saml = library(qualified, { validateInResponseTo: 'never' as never });
    const { profile } = await saml.validatePostResponseAsync(answer.body.result);
    expect(profile).toMatchObject({
      nameID: scene.person.userId,
      nameQualifier: 'https://names.example.com/?a&b',
    });
    const bare = await relay('?SAMLRequest=');
    expect(Object.keys(bare.body.result)).toEqual(['SsoUrl', 'SAMLResponse']);
  });

  it('is a page that posts by itself for every other Accept, whole wherever it is shown, with everything escaped', async () => {
    const nasty = `"><script>alert(1)</script>'&{SAMLResponse}`;
    for (const accept of ['*/*', 'text/html', 'text/html,application/xhtml+xml,*/*;q=0.8', 'image/png']) {
      const saml = library(provider);
      const answer = await page(await sent(saml, nasty), accept);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      // As on the application's own address.
      const [form, ...more] = formsOf(answer.body, new URL(LOGIN_PAGE));
      expect([form?.action.href, form?.method, more]).toEqual([ACS, 'POST', []]);
      expect(form?.fields.RelayState).toBe(nasty);
      expect(answer.body).not.toContain('<script>');
      expect(answer.body).not.toMatch(/(?:src|href)=/);
      expect(answer.body).toMatch(/<button type="submit">Continue<\/button>/);
      const [, nonce] =
        /<script nonce="([^"]+)">document\.forms\[0\]\.submit\(\)<\/script>/.exec(answer.body) ?? [];
      expect(answer.headers.get('content-security-policy')).toContain(`script-src 'nonce-${nonce}'`);
      const { profile } = await saml.validatePostResponseAsync(form?.fields as { SAMLResponse: string });
      expect(profile?.nameID).toBe(scene.person.userId);
    }
    expect((await page('', 'application/json, text/plain, */*')).status).toBe(201);
    expect((await page('', 'text/html;q=0.5, application/json')).status).toBe(201);
  });

  it('takes the request as either binding sends it', async () => {
    const posted = library(provider, { skipRequestCompression: true });
    const fields = (await posted.getAuthorizeMessageAsync('r')) as Record<string, string>;
    const answer = await relay(`?${new URLSearchParams(fields)}`);
    const { profile } = await posted.validatePostResponseAsync(answer.body.result);
    expect(profile?.nameID).toBe(scene.person.userId);
  });

  it('tells the provider what it cannot have, in a signed status', async () => {
    const as = (attributes: string, children = '') => relay(written(provider, { attributes, children }));
    const policy = (attributes: string) => as('', `<samlp:NameIDPolicy ${attributes}/>`);
    const context = (name: string, comparison = 'exact') =>
      as(
        '',
        `<samlp:RequestedAuthnContext Comparison="${comparison}"><saml:AuthnContextClassRef>${name}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>`,
      );
    const subject = (name: string) =>
      as('', `<saml:Subject><saml:NameID>${name}</saml:NameID></saml:Subject>`);
    const smartcard = 'urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard';
    const said: [Answer, string[]][] = [
      [
        await policy('Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"'),
        ['Requester', 'InvalidNameIDPolicy'],
      ],
      [
        await policy('Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"'),
        ['Requester', 'InvalidNameIDPolicy'],
      ],
      [await policy('SPNameQualifier="https://other.example.com"'), ['Requester', 'InvalidNameIDPolicy']],
      [await policy('Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"'), ['Success']],
      [await context(smartcard), ['Responder', 'NoAuthnContext']],
      [await context(smartcard, 'minimum'), ['Responder', 'NoAuthnContext']],
      [await context(PASSWORD_CONTEXT), ['Success']],
      [await subject('somebody-else'), ['Responder', 'UnknownPrincipal']],
      [await subject(scene.person.userId), ['Success']],
      [
        await as('ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"'),
        ['Requester', 'UnsupportedBinding'],
      ],
    ];
    for (const [answer, codes] of said) {
      expect(statusOf(answer)).toEqual(codes);
      const root = readXml(xmlOf(answer.body.result));
      expect(verifiedElement(root, root, [provider.pub_cert]).localName).toBe('Response');
      expect(xmlOf(answer.body.result).includes('<saml:Assertion ')).toBe(codes[0] === 'Success');
    }
  });

  it('takes a sign-in of after the request for ForceAuthn', async () => {
    const saml = library(provider, { forceAuthn: true });
    const answer = await relay(await sent(saml), api(app, await signedIn()));
    expect((await saml.validatePostResponseAsync(answer.body.result)).profile?.nameID).toBe(
      scene.person.userId,
    );
  });

  describe('what is not trusted', () => {
    it('is not open to anybody but a user of the application (C1, C25)', async () => {
      const query = '?RelayState=x';
      expect((await relay(query, api(app))).status).toBe(401);
      expect((await relay(query, api(app, 'a.b.c'))).status).toBe(401);
      expect((await relay(query, api(app, await clientToken(app, scene)))).status).toBe(403);
      expect((await relay(query, admin)).status).toBe(403);
      const party = await addThirdParty(app, scene, { allowed_scopes: ['openid'] });
      const tokens = await tokensByConsent(app, scene, party, { scope: 'openid' });
      expect((await relay(query, api(app, tokens.access_token))).status).toBe(403);
      expect((await relay(query)).status).toBe(201);
    });

    it('knows the providers of the application only: another one is not there (404)', async () => {
      const other = await setScene(app);
      const [foreign, unused] = [await make(), await make()];
      await use(other.appId, foreign);
      const stranger = api(app, await signedIn(other));
      expect(await relay('', stranger, foreign)).toMatchObject({ status: 201 });
      for (const [by, to] of [
        [api(app, token), foreign],
        [stranger, provider],
        [stranger, unused],
        [stranger, { ...provider, service_provider_id: 'nobody' }],
        [stranger, { ...provider, service_provider_id: '%00' }],
      ] as const)
        expect((await relay('', by, to)).status).toBe(404);
      expect(await relay('', stranger, provider)).toMatchObject(MISSING);
      await use(other.appId);
      expect(await relay('', stranger, foreign)).toMatchObject(MISSING);
    });

    it('ends with the user: disabled, or signed out', async () => {
      const other = await setScene(app);
      await use(other.appId, provider);
      const browser = new Browser(app);
      const { access_token: first } = await other.rp.signIn(app, other.person, { browser });
      expect((await relay('', api(app, first))).status).toBe(201);
      expect(
        (await api(app, await clientToken(app, other)).delete(`/v1/sessions/${other.person.userId}`)).status,
      ).toBe(200);
      expect(await relay('', api(app, first))).toMatchObject({ status: 401 });
      const second = await signedIn(other);
      expect((await relay('', api(app, second))).status).toBe(201);
      expect((await relay('', api(app, first))).status).toBe(401);
      expect((await admin.put(`/v1/users/${other.person.userId}`, { status: 'Disabled' })).status).toBe(200);
      expect((await relay('', api(app, second))).status).toBe(401);
    });

    it('ends with a session at the application, too', async () => {
      const code = await CodeScene.set(app);
      await use(code.scene.appId, provider);
      const named = { identifier_type: 'email', identifier: `otp-${Date.now()}@example.com` };
      await code.newMember({ email: named.identifier });
      const sentCode = await code.backend.post('/v1/auth/otp/send', { channel: 'direct', ...named });
      const signed = await code.backend.post('/v1/auth/otp/authenticate', {
        ...named,
        passcode: sentCode.body.code,
      });
      expect(signed.status).toBe(200);
      const user = api(app, signed.body.access_token);
      const answer = await relay('', user);
      expect(answer.status).toBe(201);
      expect(xmlOf(answer.body.result)).toContain('ac:classes:unspecified<');
      const { session_id } = signed.body;
      expect((await code.backend.post('/v1/auth/session/logout', { session_id })).status).toBe(204);
      expect((await relay('', user)).status).toBe(401);
    });

    it('refuses a foreign issuer and a foreign place, and posts nothing', async () => {
      const place = (url: string) =>
        written(provider, { attributes: `AssertionConsumerServiceURL="${url}"` });
      for (const [query, words] of [
        [written({ ...provider, entity_id: 'https://other.example.com' }), 'The Issuer is'],
        [place('https://evil.example.com/acs'), 'The AssertionConsumerServiceURL is'],
        [place(`${ACS}/`), 'The AssertionConsumerServiceURL is'],
        [place('javascript:alert(1)'), 'The AssertionConsumerServiceURL is'],
        [written(provider, { attributes: 'AssertionConsumerServiceIndex="0"' }), 'with the index 0'],
        [written(provider, { seconds: -400 }), 'too old'],
        [written(provider, { seconds: 120 }), 'in the future'],
        ['?SAMLRequest=%3Cxml%3E', 'not base64'],
        ['?SAMLRequest=YWJj', 'SAMLRequest'],
        ['?SAMLResponse=YWJj', 'Send a SAMLRequest'],
        [`${written(provider)}&SAMLRequest=YWJj`, 'must name SAMLRequest once'],
        [
          `?${new URLSearchParams({ SAMLRequest: deflateRawSync('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>').toString('base64') })}`,
          'document type',
        ],
        [
          `?${new URLSearchParams({ SAMLRequest: deflateRawSync(' '.repeat(5_000_000)).toString('base64') })}`,
          'larger than',
        ],
        [`?${new URLSearchParams({ RelayState: 'x'.repeat(5000) })}`, 'RelayState must be'],
      ] as const) {
        const answer = await relay(query);
        expect([answer.status, String(answer.body.message)]).toEqual([400, expect.stringContaining(words)]);
        const shown = await page(query, 'text/html');
        expect(shown.status).toBe(400);
        expect(formsOf(shown.body, new URL(LOGIN_PAGE))).toEqual([]);
        expect(shown.body).not.toContain('SAMLResponse"');
      }
    });

    it('answers a request once, however often it is relayed', async () => {
      const query = await sent(library(provider));
      const answers = await Promise.all([relay(query), relay(query), relay(query)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 400, 400]);
      expect(String((await relay(query)).body.message)).toContain('used before');
    });

    it('is no other method', async () => {
      expect(
        (await api(app, token).post(`/v1/serviceprovider/saml2/sso/${provider.service_provider_id}`)).status,
      ).toBe(405);
    });
  });

  describe('the metadata at the issuer', () => {
    const at = async (url: string, headers: Record<string, string> = {}): Promise<Answer> =>
      read(await fetch(url.replace(app.env.PUBLIC_URL ?? '', app.url), { headers }));

    it('is ours for this provider, signed, for anybody', async () => {
      const answer = await at(provider.issuer);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'application/samlmetadata+xml; charset=utf-8',
      ]);
      const root = readXml(answer.body);
      const signed = verifiedElement(root, root, [provider.pub_cert]);
      expect([signed.localName, signed.getAttribute('entityID')]).toEqual([
        'EntityDescriptor',
        provider.issuer,
      ]);
      expect(answer.body).toContain(`Location="${provider.saml_url}"`);
      expect(answer.body).toContain(`<md:NameIDFormat>${PERSISTENT}</md:NameIDFormat>`);
      expect(answer.body).not.toContain('SingleLogoutService');
      expect((await at(provider.issuer.replace(/[^/]+$/, 'nobody'))).status).toBe(404);
      expect((await at(provider.issuer, { accept: 'text/xml' })).status).toBe(200);
    });

    it('does not stand in the way of the row of the management API', async () => {
      const path = `/v1/serviceprovider/saml2/${provider.service_provider_id}`;
      expect(await admin.get(path)).toMatchObject({ status: 200, body: { result: provider } });
      expect((await api(app).get(path)).status).toBe(401);
      expect((await at(provider.issuer, { authorization: 'Bearer a.b.c' })).status).toBe(401);
      expect((await api(app, token).get(path)).status).toBe(403);
    });
  });
});
