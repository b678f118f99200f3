/** SAML single sign-on with a service provider of other authors (@node-saml/node-saml), contract/saml.md 1. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Browser, signIn, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { rsaKeys } from '../support/saml-logout.ts';
import { REDIRECT_URI, type Scene, setScene } from '../support/scene.ts';
import {
  ACS,
  makeSamlClient,
  postedForm,
  type SamlClientFields,
  ServiceProvider,
  signOn,
  xmlOf,
} from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:';
const PASSWORD_CONTEXT = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport';

describe.each(policyStorages)('SAML sign-on ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let client: Api;
  let admin: Api;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage });
    scene = await setScene(app);
    client = api(app, await clientToken(app, scene));
    admin = api(app, await adminToken(app));
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const provider = async (
    fields: Record<string, unknown> = {},
    settings: ConstructorParameters<typeof ServiceProvider>[1] = {},
  ): Promise<ServiceProvider> => new ServiceProvider(await makeSamlClient(client, fields), settings);

  /** A request written by hand, for what the library does not send. */
  const written = (
    { sso_url, sp_entity_id }: SamlClientFields,
    { attributes = '', children = '', id = `_${crypto.randomUUID()}` } = {},
  ): string => {
    const xml = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${new Date().toISOString()}" ${attributes}><saml:Issuer>${sp_entity_id}</saml:Issuer>${children}</samlp:AuthnRequest>`;
    const query = new URLSearchParams({
      SAMLRequest: deflateRawSync(xml).toString('base64'),
      RelayState: 'r',
    });
    return `${sso_url}?${query}`;
  };
  const statusOf = (form: { SAMLResponse: string }): string[] =>
    [...xmlOf(form).matchAll(/StatusCode Value="([^"]+)"/g)].map(([, code = '']) => code.replace(STATUS, ''));

  describe('started by the provider', () => {
    it('signs the user in by the Redirect binding, for an email as NameID (R8, R11, R113, R119, R125, 1.2, 1.3)', async () => {
      const sp = await provider();
      const form = await signOn(
        new Browser(app),
        await sp.redirect('back-to/orders?x=1&y=<2>"'),
        scene.person,
      );
      expect(form).toMatchObject({ action: ACS, RelayState: 'back-to/orders?x=1&y=<2>"' });
      expect(await sp.accept(form)).toMatchObject({
        issuer: sp.client.entity_id,
        nameID: scene.person.identifier,
        nameIDFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
        sessionIndex: expect.stringMatching(/^[\w-]{20,}$/),
      });
      await expect(sp.accept(form)).rejects.toThrow('InResponseTo');
    });

    it('signs the user in by the POST binding', async () => {
      const sp = await provider({}, { skipRequestCompression: true });
      const browser = new Browser(app);
      const request = { action: new URL(sp.client.sso_url), method: 'POST', fields: await sp.post('relay') };
      const page = await browser.submit(request);
      const after = await browser.submit(signInForm(page), {
        identifier: scene.person.identifier,
        password: scene.person.password,
      });
      expect(await sp.accept(postedForm(after))).toMatchObject({ nameID: scene.person.identifier });
    });

    it('signs its requests by both bindings, where the client asks for that (1.5)', async () => {
      const { cert, key } = await rsaKeys();
      const trust = { sp_certificates: [cert], want_authn_requests_signed: true };
      const settings = {
        privateKey: key,
        signatureAlgorithm: 'sha256',
        digestAlgorithm: 'sha256',
      } as const;
      const { identifier, password } = scene.person;
      for (const authnRequestBinding of ['HTTP-Redirect', 'HTTP-POST']) {
        const isPost = authnRequestBinding === 'HTTP-POST';
        const sp = await provider(trust, {
          ...settings,
          skipRequestCompression: isPost,
          authnRequestBinding,
        });
        const asks = async (at: ServiceProvider, browser = new Browser(app)) =>
          isPost
            ? browser.submit({ action: new URL(at.client.sso_url), method: 'POST', fields: await at.post() })
            : browser.open(await at.redirect());
        const unsigned = new ServiceProvider(sp.client, {
          skipRequestCompression: isPost,
          authnRequestBinding,
        });
        expect(await asks(unsigned)).toMatchObject({
          status: 400,
          html: expect.stringContaining('is not signed'),
        });
        const browser = new Browser(app);
        const after = await browser.submit(signInForm(await asks(sp, browser)), { identifier, password });
        expect(await sp.accept(postedForm(after))).toMatchObject({ nameID: identifier });
      }
    });

    it('asks nobody who has a session: one login for OIDC and SAML, in both directions', async () => {
      const sp = await provider();
      const first = new Browser(app);
      await signIn(
        app,
        (await scene.rp.authorize()).url,
        scene.person.identifier,
        scene.person.password,
        first,
      );
      expect(await sp.accept(postedForm(await first.open(await sp.redirect())))).toMatchObject({
        nameID: scene.person.identifier,
      });
      const second = new Browser(app);
      await signOn(second, await sp.redirect(), scene.person);
      const page = await second.open((await scene.rp.authorize()).url);
      expect(`${page.url.origin}${page.url.pathname}`).toBe(REDIRECT_URI);
      expect(page.url.searchParams.has('code')).toBe(true);
    });

    it('asks again with ForceAuthn, and says NoPassive with IsPassive and without a session', async () => {
      const sp = await provider({}, { forceAuthn: true });
      const browser = new Browser(app);
      await signIn(
        app,
        (await scene.rp.authorize()).url,
        scene.person.identifier,
        scene.person.password,
        browser,
      );
      const page = await browser.open(await sp.redirect());
      expect(page.forms.some(({ fields }) => 'password' in fields)).toBe(true);
      const quiet = await provider({}, { passive: true });
      const form = postedForm(await new Browser(app).open(await quiet.redirect()));
      expect(statusOf(form)).toEqual(['Responder', 'NoPassive']);
      expect(
        (await quiet.saml.validatePostResponseAsync({ SAMLResponse: form.SAMLResponse })).profile,
      ).toBeNull();
      expect(await quiet.accept(postedForm(await browser.open(await quiet.redirect())))).toMatchObject({
        nameID: scene.person.identifier,
      });
    });

    it('refuses a prompt that the client does not support with RequestUnsupported (1.2)', async () => {
      const sp = await provider({ supported_prompts: ['consent'] }, { forceAuthn: true });
      const form = postedForm(await new Browser(app).open(await sp.redirect()));
      expect(statusOf(form)).toEqual(['Responder', 'RequestUnsupported']);
    });

    it('says PasswordProtectedTransport after a password, and NoAuthnContext for a class that it does not know (1.5)', async () => {
      const sp = await provider(
        {},
        { disableRequestedAuthnContext: false, authnContext: [PASSWORD_CONTEXT] },
      );
      const form = await signOn(new Browser(app), await sp.redirect(), scene.person);
      await sp.accept(form);
      expect(xmlOf(form)).toContain(
        `<saml:AuthnContextClassRef>${PASSWORD_CONTEXT}</saml:AuthnContextClassRef>`,
      );
      const other = await provider(
        {},
        {
          disableRequestedAuthnContext: false,
          authnContext: ['urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard'],
        },
      );
      const refused = postedForm(await new Browser(app).open(await other.redirect()));
      expect(statusOf(refused)).toEqual(['Responder', 'NoAuthnContext']);
    });

    it('honours transient and persistent NameIDs, and refuses another format with InvalidNameIDPolicy (1.3)', async () => {
      const format = (name: string) => `urn:oasis:names:tc:SAML:2.0:nameid-format:${name}`;
      const persistent = await provider({}, { identifierFormat: format('persistent') });
      const [one, two] = [
        await persistent.accept(await signOn(new Browser(app), await persistent.redirect(), scene.person)),
        await persistent.accept(await signOn(new Browser(app), await persistent.redirect(), scene.person)),
      ];
      expect(one.nameID).toBe(two.nameID);
      expect(one).toMatchObject({
        nameIDFormat: format('persistent'),
        spNameQualifier: persistent.client.sp_entity_id,
      });
      const rival = await provider({}, { identifierFormat: format('persistent') });
      const elsewhere = await rival.accept(
        await signOn(new Browser(app), await rival.redirect(), scene.person),
      );
      expect(elsewhere.nameID).not.toBe(one.nameID);
      const transient = await provider({}, { identifierFormat: format('transient') });
      const [three, four] = [
        await transient.accept(await signOn(new Browser(app), await transient.redirect(), scene.person)),
        await transient.accept(await signOn(new Browser(app), await transient.redirect(), scene.person)),
      ];
      expect(three.nameID).not.toBe(four.nameID);
      const other = await provider({}, { identifierFormat: format('kerberos') });
      const refused = postedForm(await new Browser(app).open(await other.redirect()));
      expect(statusOf(refused)).toEqual(['Requester', 'InvalidNameIDPolicy']);
    });

    it('sends no other identifier where the user has none of the configured kind (1.3)', async () => {
      const sp = await provider({ sp_name_id_type: 'phoneNumber' });
      const form = await signOn(new Browser(app), await sp.redirect(), scene.person);
      expect(statusOf(form)).toEqual(['Responder']);
      expect(xmlOf(form)).toContain('The user has no phone number');
      expect(xmlOf(form)).not.toContain(scene.person.identifier);
    });

    it('answers at another registered place by its URL or index, and nowhere else (R115)', async () => {
      const second = 'https://sp.example.com/second';
      const sp = await provider({ sp_acs_endpoints: [{ index: 3, url: second }] });
      const at = async (attributes: string) => new Browser(app).open(written(sp.client, { attributes }));
      const browser = new Browser(app);
      await signIn(
        app,
        (await scene.rp.authorize()).url,
        scene.person.identifier,
        scene.person.password,
        browser,
      );
      const ask = async (attributes: string) =>
        postedForm(await browser.open(written(sp.client, { attributes }))).action;
      expect(await ask('AssertionConsumerServiceIndex="3"')).toBe(second);
      expect(await ask(`AssertionConsumerServiceURL="${second}"`)).toBe(second);
      expect(await ask('')).toBe(ACS);
      for (const attributes of [
        'AssertionConsumerServiceIndex="4"',
        'AssertionConsumerServiceURL="https://evil.example.com/acs"',
        `AssertionConsumerServiceURL="${ACS}/"`,
      ]) {
        const page = await at(attributes);
        expect({ status: page.status, forms: page.forms.length }).toEqual({ status: 400, forms: 0 });
      }
    });
  });

  describe('started here', () => {
    it('signs the user in without a request, with the relay state and without InResponseTo', async () => {
      const sp = await provider({}, { validateInResponseTo: 'never' as never });
      const start = `${sp.client.sso_url.replace(/\/sso$/, '/start')}?RelayState=inbox`;
      const form = await signOn(new Browser(app), start, scene.person);
      expect(form).toMatchObject({ action: ACS, RelayState: 'inbox' });
      expect(xmlOf(form)).not.toContain('InResponseTo');
      expect(await sp.accept(form)).toMatchObject({ nameID: scene.person.identifier });
    });

    it('is refused where the client does not want it', async () => {
      const sp = await provider({ idp_initiated: false });
      const page = await new Browser(app).open(sp.client.sso_url.replace(/\/sso$/, '/start'));
      expect(page.status).toBe(400);
      expect(page.html).toContain('start there');
    });
  });

  describe('the response', () => {
    it('carries the listed claims as attributes, under their mapped names, escaped (1.3)', async () => {
      const nasty = '<b>&"\'{Issuer}{ID}]]>é';
      const person = { identifier: `marie-${Date.now()}@example.com`, password: 'Correct1!Horse-battery' };
      const made = await admin.post('/v1/users', {
        email: person.identifier,
        name: { first_name: nasty, last_name: 'Curie' },
        credentials: { password: person.password, force_replace: false },
      });
      expect(made).toMatchObject({ status: 201, body: { result: expect.any(Object) } });
      const sp = await provider({
        default_custom_claims: ['fname', 'lname', 'email', 'email_verified', 'groups'],
        attribute_mapping: {
          lname: {
            name: 'urn:oid:2.5.4.4',
            friendly_name: 'sn',
            format: 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
          },
        },
      });
      const form = await signOn(new Browser(app), await sp.redirect(), person);
      const { attributes } = (await sp.accept(form)) as unknown as { attributes: Record<string, unknown> };
      expect(attributes).toEqual({
        fname: nasty,
        'urn:oid:2.5.4.4': 'Curie',
        email: person.identifier,
        email_verified: expect.stringMatching(/^(true|false)$/),
      });
    });

    it('is read by who has the key where the assertion is encrypted to its certificate (1.5)', async () => {
      const [{ cert, key }, other] = await Promise.all([rsaKeys(), rsaKeys()]);
      const fields = { encrypt_assertion: true, sp_encryption_certificate: cert };
      const sp = await provider(fields, { decryptionPvk: key });
      const form = await signOn(new Browser(app), await sp.redirect(), scene.person);
      expect(xmlOf(form)).toContain('EncryptedAssertion');
      expect(xmlOf(form)).not.toContain(scene.person.identifier);
      const stranger = new ServiceProvider(sp.client, { decryptionPvk: other.key });
      await expect(stranger.saml.validatePostResponseAsync({ ...form })).rejects.toThrow();
      expect(await sp.accept(form)).toMatchObject({ nameID: scene.person.identifier });
    });

    it('is signed without the assertion where the client does not want that (1.3)', async () => {
      const sp = await provider({ sign_assertion: false }, { wantAssertionsSigned: false });
      const form = await signOn(new Browser(app), await sp.redirect(), scene.person);
      expect(xmlOf(form).match(/<ds:Signature /g)).toHaveLength(1);
      expect(await sp.accept(form)).toMatchObject({ nameID: scene.person.identifier });
    });
  });

  describe('what is not trusted', () => {
    it('refuses a request that was used before, is too old, or lies in the future', async () => {
      const sp = await provider();
      const url = await sp.redirect();
      const browser = new Browser(app);
      expect((await browser.open(url)).status).toBe(200);
      const again = await browser.open(url);
      expect([again.status, again.html]).toEqual([400, expect.stringContaining('used before')]);
      const at = (seconds: number) => {
        const raw = new URL(written(sp.client));
        const xml = inflateRawSync(Buffer.from(raw.searchParams.get('SAMLRequest') ?? '', 'base64'))
          .toString()
          .replace(
            /IssueInstant="[^"]+"/,
            `IssueInstant="${new Date(Date.now() + seconds * 1000).toISOString()}"`,
          );
        raw.searchParams.set('SAMLRequest', deflateRawSync(xml).toString('base64'));
        return browser.open(raw);
      };
      expect((await at(-400)).html).toContain('too old');
      expect((await at(120)).html).toContain('in the future');
      expect((await at(-300)).status).toBe(200);
    });

    it('refuses a foreign issuer and a foreign destination on a page, and posts nothing', async () => {
      const sp = await provider();
      for (const [url, words] of [
        [written({ ...sp.client, sp_entity_id: 'https://other.example.com' }), 'The Issuer is'],
        [
          written(sp.client, { attributes: 'Destination="https://other.example.com/sso"' }),
          'The Destination is',
        ],
        [`${sp.client.sso_url}?SAMLRequest=%3Cxml%3E`, 'not base64'],
        [sp.client.sso_url, 'Send one of SAMLRequest and SAMLResponse'],
      ] as const) {
        const page = await new Browser(app).open(url);
        expect([page.status, page.forms.length]).toEqual([400, 0]);
        expect(page.html).toContain(words);
      }
    });

    it('may be meant for the same address below /cis, and for no other one there (1.1, D1)', async () => {
      const sp = await provider();
      const { origin, pathname } = new URL(sp.client.sso_url);
      const at = async (path: string) =>
        (await new Browser(app).open(written(sp.client, { attributes: `Destination="${origin}${path}"` })))
          .status;
      expect(await at(`/cis${pathname}`)).toBe(200);
      expect(await at(`/cis/cis${pathname}`)).toBe(400);
      expect(await at(`/cis${pathname.replace(/sso$/, 'slo')}`)).toBe(400);
    });

    it('does not finish a sign-in in another browser (login CSRF)', async () => {
      const sp = await provider();
      const [victim, attacker] = [new Browser(app), new Browser(app)];
      await signOn(attacker, await sp.redirect(), scene.person);
      const page = await victim.open(`${app.url}/saml/signed-in?code=x&state=y`);
      expect([page.status, page.forms.length]).toEqual([400, 0]);
    });

    it('is not open to OAuth: no authorization request and no token for a SAML client (R13, C27)', async () => {
      const sp = await provider();
      const query = new URLSearchParams({
        client_id: sp.client.client_id,
        redirect_uri: `${new URL(app.issuer).origin}/saml/signed-in`,
        response_type: 'code',
        scope: 'openid',
      });
      const page = await new Browser(app).open(`${app.issuer}/auth?${query}`);
      expect(page.status).toBe(400);
      expect(page.forms).toEqual([]);
    });
  });
});
