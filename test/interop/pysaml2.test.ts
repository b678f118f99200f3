/** pysaml2 as the service provider: its own requests, and its own reading of our responses with xmlsec1. */
import { Browser, type Form, type Page, signInForm } from '../support/browser.ts';
import { policyStorages, type StorageOptions } from '../support/engines.ts';
import { type Api, api, clientToken } from '../support/management.ts';
import { describeWithPysaml2, Pysaml2, type PythonMessage, type PythonProvider } from '../support/pysaml2.ts';
import { statusOf, asked as stepOf, xmlAt } from '../support/saml-logout.ts';
import { type Scene, setScene } from '../support/scene.ts';
import {
  ACS,
  makeSamlClient,
  type PostedForm,
  postedForm,
  type SamlClientFields,
  signOn,
  xmlOf,
} from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';
import { rsaIdentity, type XmlIdentity } from '../support/xml-tools.ts';

const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

describeWithPysaml2.each(policyStorages)('pysaml2 ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let client: Api;
  let identity: XmlIdentity;
  let python: Pysaml2;
  beforeAll(async () => {
    [storage, identity] = await Promise.all([options(), rsaIdentity()]);
    python = new Pysaml2();
    app = await startApp({ ...storage });
    scene = await setScene(app);
    client = api(app, await clientToken(app, scene));
  });
  afterAll(async () => {
    await python?.stop();
    await app?.discard();
    await storage?.release();
  });

  /** Both sides of a new service provider, told of each other. */
  const provider = async (
    fields: Record<string, unknown> = {},
    settings: Partial<PythonProvider> = {},
  ): Promise<SamlClientFields> => {
    const made = await makeSamlClient(client, fields);
    const idpMetadata = await (await fetch(made.metadata_url)).text();
    const self = { entityId: made.sp_entity_id, acs: ACS, idpMetadata, identity, nameIdFormat: EMAIL };
    await python.make({ ...self, ...settings });
    return made;
  };
  const signed = () => ({ sp_certificates: [identity.certificate], want_authn_requests_signed: true });

  /** Signs in by the Redirect binding. */
  const signedOn = async (
    { sp_entity_id }: SamlClientFields,
    { signs = false, relayState = 'back', browser = new Browser(app) } = {},
  ): Promise<{ id: string; form: PostedForm }> => {
    const { id, url = '' } = await python.request(sp_entity_id, { binding: 'redirect', relayState, signs });
    expect(new URL(url).searchParams.has('Signature')).toBe(signs);
    return { id, form: await signOn(browser, url, scene.person) };
  };
  const facts = async (made: SamlClientFields, how = {}) => {
    const { id, form } = await signedOn(made, how);
    return { form, profile: await python.accept(made.sp_entity_id, form.SAMLResponse, id) };
  };

  /** The browser takes a message of the provider to an address of ours. */
  const brought = ({ url, html }: PythonMessage, address: string, browser: Browser): Promise<Page> => {
    if (url) return browser.open(url);
    const fields = [...html.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ]);
    return browser.submit({ action: new URL(address), method: 'POST', fields: Object.fromEntries(fields) });
  };

  it('signs a user in by the Redirect binding, with attributes (request without signature)', async () => {
    const made = await provider({ default_custom_claims: ['email', 'email_verified'] });
    const { form, profile } = await facts(made, { relayState: 'orders?x=1&y=2' });
    expect(form).toMatchObject({ action: ACS, RelayState: 'orders?x=1&y=2' });
    expect(profile).toEqual({
      nameId: scene.person.identifier,
      format: EMAIL,
      attributes: {
        email: [scene.person.identifier],
        email_verified: [expect.stringMatching(/^(true|false)$/)],
      },
      sessionIndex: expect.stringMatching(/^[\w-]{20,}$/),
      issuer: made.entity_id,
    });
  });

  it.each(['redirect', 'post'] as const)('signs its requests by the %s binding', async (binding) => {
    const made = await provider(signed(), { signs: true });
    const { id, url, html } = await python.request(made.sp_entity_id, {
      binding,
      relayState: 'r',
      signs: true,
    });
    const browser = new Browser(app);
    const page = await brought({ html, ...(url && { url }) }, made.sso_url, browser);
    const { identifier, password } = scene.person;
    const form = postedForm(await browser.submit(signInForm(page), { identifier, password }));
    expect(form.RelayState).toBe('r');
    expect(await python.accept(made.sp_entity_id, form.SAMLResponse, id)).toMatchObject({
      nameId: identifier,
    });
  });

  it('is refused without a signature where the client asks for signed requests', async () => {
    const made = await provider(signed());
    const how = { binding: 'redirect', relayState: '', signs: false } as const;
    const page = await new Browser(app).open((await python.request(made.sp_entity_id, how)).url ?? '');
    expect([page.status, page.forms]).toEqual([400, []]);
    expect(page.html).toContain('asks for signed requests');
  });

  it('decrypts an assertion that was encrypted to its certificate', async () => {
    const made = await provider({
      encrypt_assertion: true,
      sp_encryption_certificate: identity.certificate,
      default_custom_claims: ['email'],
    });
    const { form, profile } = await facts(made);
    expect(xmlOf(form)).toContain('EncryptedAssertion');
    expect(profile).toMatchObject({
      nameId: scene.person.identifier,
      attributes: { email: [scene.person.identifier] },
    });
  });

  it('takes a response that is signed by ECDSA', async () => {
    const made = await provider({ signature_algorithm: 'ecdsa-sha256' });
    const { form, profile } = await facts(made);
    expect(xmlOf(form)).toContain('xmldsig-more#ecdsa-sha256');
    expect(profile.nameId).toBe(scene.person.identifier);
  });

  it('takes a response whose assertion has no signature of its own', async () => {
    const made = await provider({ sign_assertion: false }, { wantsAssertionSigned: false });
    expect((await facts(made)).profile.nameId).toBe(scene.person.identifier);
  });

  it('reads attributes under their names of LDAP', async () => {
    const format = 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri';
    const made = await provider({
      default_custom_claims: ['email'],
      attribute_mapping: {
        email: { name: 'urn:oid:0.9.2342.19200300.100.1.3', friendly_name: 'mail', format },
      },
    });
    expect((await facts(made)).profile.attributes).toEqual({ mail: [scene.person.identifier] });
  });

  it('gets a persistent NameID where it asks for one, the same every time', async () => {
    const made = await provider({}, { nameIdFormat: PERSISTENT });
    const [one, two] = [(await facts(made)).profile, (await facts(made)).profile];
    expect(one.format).toBe(PERSISTENT);
    expect(one.nameId).not.toBe(scene.person.identifier);
    expect(two.nameId).toBe(one.nameId);
  });

  it('takes a response to no request of its own, where it wants that', async () => {
    const made = await provider({}, { allowsUnsolicited: true });
    const start = `${made.sso_url.replace(/\/sso$/, '/start')}?RelayState=inbox`;
    const form = await signOn(new Browser(app), start, scene.person);
    expect(form.RelayState).toBe('inbox');
    expect(await python.accept(made.sp_entity_id, form.SAMLResponse)).toMatchObject({
      nameId: scene.person.identifier,
    });
  });

  it('believes no response that was changed on the way', async () => {
    const made = await provider();
    const { id, form } = await signedOn(made);
    const changed = xmlOf(form).replaceAll(scene.person.identifier, 'boss@example.com');
    expect(changed).not.toBe(xmlOf(form));
    const forged = Buffer.from(changed).toString('base64');
    await expect(python.accept(made.sp_entity_id, forged, id)).rejects.toThrow('Signature');
    expect(await python.accept(made.sp_entity_id, form.SAMLResponse, id)).toMatchObject({
      nameId: scene.person.identifier,
    });
  });

  describe.each(['redirect', 'post'] as const)('single logout by the %s binding', (binding) => {
    const SLO = 'https://sp.example.com/slo';
    const slo = ({ sso_url }: SamlClientFields): string => sso_url.replace(/sso$/, 'slo');
    const signedIn = async (browser: Browser): Promise<SamlClientFields> => {
      const made = await provider(
        { ...signed(), sp_slo_url: SLO, sp_slo_binding: binding },
        { signs: true, slo: SLO },
      );
      await facts(made, { signs: true, browser });
      return made;
    };
    const hasSession = async (browser: Browser): Promise<boolean> =>
      (await browser.open((await scene.rp.authorize({ prompt: 'none' })).url)).url.searchParams.has('code');
    /** What a page or address of ours brings to the provider. */
    const fieldsAt = (page: Page): Record<string, string | undefined> =>
      binding === 'post' ? { ...postedForm(page) } : Object.fromEntries(page.url.searchParams);
    /** We are asked to sign the user out, and ask the provider. */
    const asking = async (browser: Browser) => {
      const [form] = (await browser.open(scene.rp.endSessionUrl({}))).forms;
      const step = stepOf(await browser.submit(form as Form, { logout: 'yes' }));
      expect([step.binding, step.at.origin + step.at.pathname]).toEqual([binding, SLO]);
      return { binding, fields: step.fields, signs: true };
    };

    it('is begun by the provider, which believes our answer', async () => {
      const browser = new Browser(app);
      const made = await signedIn(browser);
      const message = await python.logout(made.sp_entity_id, { binding, signs: true });
      const page = await brought(message, slo(made), browser);
      const fields = fieldsAt(page);
      const xml = binding === 'post' ? xmlOf(postedForm(page)) : xmlAt(page.url);
      expect(statusOf(xml)).toEqual(['Success']);
      expect(await python.answered(made.sp_entity_id, { binding, fields })).toEqual({ isSignedIn: false });
      expect(await hasSession(browser)).toBe(false);
    });

    it('is begun here, reaches the provider, and its answer us', async () => {
      const browser = new Browser(app);
      const made = await signedIn(browser);
      const { isSignedIn, ...answer } = await python.asked(made.sp_entity_id, await asking(browser));
      expect(isSignedIn).toBe(false);
      expect((await brought(answer, slo(made), browser)).html).toContain('You are signed out</h1>');
    });

    it('is begun by one provider and visits the other, by the binding of each', async () => {
      const browser = new Browser(app);
      const [first, second] = [await signedIn(browser), await signedIn(browser)];
      const message = await python.logout(first.sp_entity_id, { binding, signs: true });
      const step = stepOf(await brought(message, slo(first), browser));
      const answer = await python.asked(second.sp_entity_id, { binding, fields: step.fields, signs: true });
      expect(answer.isSignedIn).toBe(false);
      const fields = fieldsAt(await brought(answer, slo(second), browser));
      expect(await python.answered(first.sp_entity_id, { binding, fields })).toEqual({ isSignedIn: false });
    });

    it('is not believed where it was changed on the way', async () => {
      const browser = new Browser(app);
      const made = await signedIn(browser);
      const { fields, ...how } = await asking(browser);
      const xml = Buffer.from(fields.SAMLRequest ?? '', 'base64').toString();
      const forged =
        binding === 'post'
          ? { SAMLRequest: Buffer.from(xml.replace(' ID="_', ' ID="_x')).toString('base64') }
          : { RelayState: 'another' };
      await expect(
        python.asked(made.sp_entity_id, { ...how, fields: { ...fields, ...forged } }),
      ).rejects.toThrow(/[Ss]ignature/);
      expect((await python.asked(made.sp_entity_id, { ...how, fields })).isSignedIn).toBe(false);
    });
  });
});
