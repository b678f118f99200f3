/** The requirements of SAML clients (contract/clients-and-resources.md 1.13 to 1.15) that no other test shows. */
import { X509Certificate } from 'node:crypto';
import { readXml } from '../../src/xml/read-xml.ts';
import { verifiedElement } from '../../src/xml/xml-signature.ts';
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { fillProfile } from '../support/full-profile.ts';
import { type Api, api, clientToken, postForm } from '../support/management.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import {
  ACS,
  makeSamlClient,
  type PostedForm,
  ServiceProvider,
  signOn,
  xmlOf,
} from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';

const FORMAT = 'urn:oasis:names:tc:SAML:1.1:nameid-format:';

describe.each(policyStorages)('SAML requirements ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let client: Api;
  let browser: Browser;
  let profile: Awaited<ReturnType<typeof fillProfile>>;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage });
    scene = await setScene(app);
    profile = await fillProfile(app, scene);
    client = api(app, await clientToken(app, scene));
    browser = new Browser(app);
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const provider = async (
    fields: Record<string, unknown> = {},
    settings: ConstructorParameters<typeof ServiceProvider>[1] = {},
  ): Promise<ServiceProvider> => new ServiceProvider(await makeSamlClient(client, fields), settings);
  const responseFor = async (sp: ServiceProvider): Promise<PostedForm> =>
    signOn(browser, await sp.redirect(), scene.person);
  const count = (xml: string, element: string): number =>
    xml.match(new RegExp(`<saml:${element}[ >]`, 'g'))?.length ?? 0;
  const all = (xml: string, pattern: RegExp): string[] =>
    [...xml.matchAll(pattern)].map(([, value = '']) => value);

  it('a client is of one of two kinds, and both live in one application (R6)', async () => {
    const saml = await makeSamlClient(client);
    const made = { name: 'Web', redirect_uris: [REDIRECT_URI], authentication_protocol: 'oidc' };
    const oidc = await client.post('/v1/clients', made);
    expect(oidc.status).toBe(201);
    const kinds = (await client.get('/v1/clients')).body.map(
      (one: { client_id: string; authentication_protocol: string }) => [
        one.client_id,
        one.authentication_protocol,
      ],
    );
    expect(kinds).toEqual(
      expect.arrayContaining([
        [saml.client_id, 'saml'],
        [oidc.body.client_id, 'oidc'],
      ]),
    );
    for (const authentication_protocol of ['ws-federation', 'SAML', '', null])
      expect((await client.post('/v1/clients', { ...made, authentication_protocol })).status).toBe(400);
  });

  it('the authentication API and the engine refuse the ID of a SAML client, with its secret, too (R13, C27)', async () => {
    const saml = (
      await client.post('/v1/clients', {
        name: 'Payroll',
        authentication_protocol: 'saml',
        sp_entity_id: 'https://not-oauth.example.com',
        sp_acs_url: ACS,
      })
    ).body;
    const { client_id, client_secret } = saml;
    const { identifier, password } = scene.person;
    for (const [path, body] of [
      ['/v1/auth/password/login', { client_id, email: identifier, password, redirect_uri: ACS }],
      ['/v1/token', { client_id, client_secret, code: 'x' }],
    ] as const) {
      const answer = await api(app, '').post(path, body);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(JSON.stringify(answer.body)).toContain('A SAML client cannot be used');
    }
    for (const path of ['authenticate/start', 'register/start', 'cross-device/authenticate/init']) {
      const begun = await api(app, '').post(`/v1/auth/webauthn/${path}`, { client_id, username: identifier });
      expect([path, begun.status, begun.body.error_code]).toEqual([path, 400, 'invalid_request']);
      expect(begun.body.message).toContain('A SAML client cannot be used');
    }
    for (const path of ['token', 'token/introspection', 'token/revocation', 'request']) {
      const form = { grant_type: 'client_credentials', token: 'x', redirect_uri: ACS, response_type: 'code' };
      const answer = await postForm(`${app.url}/oidc/${path}`, form, {
        clientId: client_id,
        clientSecret: client_secret,
      });
      expect([path, answer.status, answer.body.error]).toEqual([path, 400, 'unauthorized_client']);
    }
  });

  it('its name is shown by the hosted login page during a SAML sign-in (R111)', async () => {
    const sp = await provider({ name: 'Löhne & <b>Gehalt</b>' });
    const page = await new Browser(app).open(await sp.redirect());
    expect(page.url.pathname).toMatch(/^\/login\//);
    expect(page.html).toContain('Löhne &amp; &lt;b&gt;Gehalt&lt;/b&gt;');
  });

  it('the response has one assertion, with subject, conditions, authentication statement and attributes (R114)', async () => {
    const sp = await provider({ default_custom_claims: ['email', 'country'] });
    const xml = xmlOf(await responseFor(sp));
    const parts = ['Assertion', 'Subject', 'Conditions', 'AuthnStatement', 'AttributeStatement'];
    expect(parts.map((part) => [part, count(xml, part)])).toEqual(parts.map((part) => [part, 1]));
    expect(count(xml, 'Attribute')).toBe(2);
  });

  it('the audience of the assertion is the entity ID of the provider and nothing else, and no other issuer is heard (R117)', async () => {
    const [sp, other] = [await provider(), await provider()];
    expect(all(xmlOf(await responseFor(sp)), /<saml:Audience>([^<]*)</g)).toEqual([sp.client.sp_entity_id]);
    const impostor = new ServiceProvider({ ...sp.client, sp_entity_id: other.client.sp_entity_id });
    const page = await browser.open(await impostor.redirect());
    expect([page.status, page.forms]).toEqual([400, []]);
    expect(page.html).toContain('The Issuer is');
  });

  it.each([
    ['email', 'R119', 'emailAddress'],
    ['phoneNumber', 'R120', 'unspecified'],
    ['username', 'R121', 'unspecified'],
    ['externalUserId', 'R122', 'unspecified'],
    ['secondaryEmail', 'R118', 'emailAddress'],
  ])('sp_name_id_type %s decides the subject (R118, %s)', async (sp_name_id_type, _number, format) => {
    const expected: Record<string, string> = {
      email: scene.person.identifier,
      phoneNumber: profile.phone_number,
      username: profile.username,
      externalUserId: profile.external_user_id,
      secondaryEmail: 'second@example.com',
    };
    const sp = await provider({ sp_name_id_type });
    expect((await client.get(`/v1/clients/${sp.client.client_id}`)).body).toMatchObject({ sp_name_id_type });
    expect(await sp.accept(await responseFor(sp))).toMatchObject({
      nameID: expected[sp_name_id_type],
      nameIDFormat: `${FORMAT}${format}`,
    });
  });

  it('a new client has four generated parameters: SSO URL, entity ID, certificate and metadata URL (R123)', async () => {
    const { sso_url, entity_id, x509_certificate, metadata_url, client_id } = await makeSamlClient(client);
    expect([sso_url, entity_id, metadata_url]).toEqual([
      `${app.env.PUBLIC_URL}/saml/${client_id}/sso`,
      `${app.env.PUBLIC_URL}/saml/${client_id}/metadata`,
      `${app.env.PUBLIC_URL}/saml/${client_id}/metadata`,
    ]);
    expect(new X509Certificate(x509_certificate).subject).toBe('CN=Payroll');
    expect((await client.get(`/v1/clients/${client_id}`)).body).toMatchObject({
      sso_url,
      entity_id,
      x509_certificate,
      metadata_url,
    });
  });

  it('every issuer is the entity ID, which is the entityID of the metadata (R126)', async () => {
    const sp = await provider();
    const { entity_id, metadata_url } = sp.client;
    const refused = await provider({ supported_prompts: ['login'] }, { passive: true });
    const [response, refusal] = [xmlOf(await responseFor(sp)), xmlOf(await responseFor(refused))];
    expect(all(response, /<saml:Issuer>([^<]*)</g)).toEqual([entity_id, entity_id]);
    expect(all(refusal, /<saml:Issuer>([^<]*)</g)).toEqual([refused.client.entity_id]);
    const metadata = readXml(await (await fetch(metadata_url)).text());
    expect(metadata.getAttribute('entityID')).toBe(entity_id);
  });

  it('the metadata lead to the endpoints of their own client, and a request for another one is refused (R127)', async () => {
    const [sp, other] = [await provider(), await provider()];
    const metadata = await (await fetch(sp.client.entity_id)).text();
    const places = all(metadata, /<md:SingleSignOnService [^>]*Location="([^"]*)"/g);
    expect(places).toEqual([sp.client.sso_url, sp.client.sso_url]);
    const url = new URL(await sp.redirect());
    const page = await browser.open(`${other.client.sso_url}${url.search}`);
    expect([page.status, page.forms]).toEqual([400, []]);
  });

  it('the signature verifies with the returned certificate, and fails after any change (R128)', async () => {
    const sp = await provider(
      { default_custom_claims: ['email', 'country'] },
      { validateInResponseTo: 'never' as never },
    );
    const xml = xmlOf(await responseFor(sp));
    const accept = (text: string) => sp.accept({ SAMLResponse: Buffer.from(text).toString('base64') });
    expect(await accept(xml)).toMatchObject({ nameID: scene.person.identifier });
    const changes: [string | RegExp, string][] = [
      [scene.person.identifier, 'boss@example.com'],
      ['>FR<', '>DE<'],
      [/ SessionIndex="[^"]*"/, ' SessionIndex="x"'],
      [/ InResponseTo="[^"]*"/, ''],
      ['</samlp:Status>', ' </samlp:Status>'],
    ];
    for (const [from, to] of changes) {
      const changed = xml.replace(from, to);
      expect(changed).not.toBe(xml);
      await expect(accept(changed)).rejects.toThrow('signature');
    }
    const stranger = new ServiceProvider(
      { ...sp.client, x509_certificate: (await makeSamlClient(client)).x509_certificate },
      { validateInResponseTo: 'never' as never },
    );
    await expect(stranger.accept({ SAMLResponse: Buffer.from(xml).toString('base64') })).rejects.toThrow(
      'signature',
    );
  });

  it('the metadata URL serves signed metadata to everybody: entity ID, certificate, bindings, NameID formats (R129)', async () => {
    const { metadata_url, entity_id, x509_certificate, sso_url } = await makeSamlClient(client, {
      sp_name_id_type: 'username',
    });
    const answer = await fetch(metadata_url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('application/samlmetadata+xml'),
    ]);
    const xml = await answer.text();
    const root = readXml(xml);
    expect(verifiedElement(root, root, [x509_certificate]).getAttribute('entityID')).toBe(entity_id);
    const bare = x509_certificate.replace(/-----[A-Z ]+-----|\s/g, '');
    expect(all(xml, /<md:KeyDescriptor use="signing">.*?<ds:X509Certificate>([^<]*)</g)).toEqual([bare]);
    expect(all(xml, /<md:SingleSignOnService Binding="([^"]*)"/g)).toEqual([
      'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
      'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
    ]);
    expect(xml).toContain(`Location="${sso_url}"`);
    expect(all(xml, /<md:NameIDFormat>([^<]*)</g)[0]).toBe(`${FORMAT}unspecified`);
    expect((await fetch(`${app.url}/cis${new URL(metadata_url).pathname}`)).status).toBe(200);
  });
});
