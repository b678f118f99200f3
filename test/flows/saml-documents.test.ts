/** What the server sends as SAML, before validators of other authors: the schemas of OASIS (xmllint) and xmlsec1. */
import { Browser } from '../support/browser.ts';
import { policyStorages, type StorageOptions, xmllintPath, xmlsecPath } from '../support/engines.ts';
import { type Api, adminToken, api, clientToken } from '../support/management.ts';
import { schemaFaults, signatureCount, signatureFaults } from '../support/saml-proof.ts';
import { type Scene, setScene } from '../support/scene.ts';
import { makeSamlClient, postedForm, ServiceProvider, signOn, xmlOf } from '../support/service-provider.ts';
import { type App, startApp } from '../support/start-app.ts';
import { rsaIdentity, type XmlIdentity, xmlsecDecrypts } from '../support/xml-tools.ts';

const described = xmlsecPath && xmllintPath ? describe : describe.skip;
const ALGORITHMS = ['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'ecdsa-sha256', 'ecdsa-sha384'];

described.each(policyStorages)('SAML documents before other authors ($name)', ({ options }) => {
  let storage: StorageOptions;
  let app: App;
  let scene: Scene;
  let client: Api;
  let identity: XmlIdentity;
  beforeAll(async () => {
    storage = await options();
    app = await startApp({ ...storage });
    scene = await setScene(app);
    client = api(app, await clientToken(app, scene));
    identity = await rsaIdentity();
    const admin = api(app, await adminToken(app));
    await admin.put(`/v1/users/${scene.person.userId}`, {
      name: { first_name: 'Ma<ri>&e', last_name: ']]>"' },
    });
  });
  afterAll(async () => {
    await app?.discard();
    await storage?.release();
  });

  const provider = async (
    fields: Record<string, unknown> = {},
    settings: ConstructorParameters<typeof ServiceProvider>[1] = {},
  ): Promise<ServiceProvider> => new ServiceProvider(await makeSamlClient(client, fields), settings);
  const answered = async (sp: ServiceProvider, url?: string): Promise<string> =>
    xmlOf(await signOn(new Browser(app), url ?? (await sp.redirect()), scene.person));
  const faultsOf = (xml: string, { client: { x509_certificate } }: ServiceProvider) => ({
    schema: schemaFaults(xml),
    signatures: signatureFaults(xml, x509_certificate),
  });
  const NONE = { schema: '', signatures: '' };
  const ATTRIBUTES = {
    default_custom_claims: ['fname', 'lname', 'email', 'email_verified'],
    attribute_mapping: { lname: { name: 'urn:oid:2.5.4.4', friendly_name: 'sn' } },
  };

  it.each(ALGORITHMS)('a response with both signatures, by %s', async (signature_algorithm) => {
    const sp = await provider({ signature_algorithm, ...ATTRIBUTES });
    const xml = await answered(sp);
    expect(signatureCount(xml)).toBe(2);
    expect(faultsOf(xml, sp)).toEqual(NONE);
    for (const [part, other] of [
      ['<saml:Audience>', '<saml:Audience>x'],
      ['<samlp:Status>', '<samlp:Status><!---->'],
    ] as const)
      expect(faultsOf(xml.replace(part, other), sp).signatures === '').toBe(other.includes('<!'));
    expect(schemaFaults(xml.replace(/ Version="2.0"/, ''))).toContain('Version');
  });

  it('a response whose assertion is not signed (R119)', async () => {
    const sp = await provider({ sign_assertion: false });
    const xml = await answered(sp);
    expect(signatureCount(xml)).toBe(1);
    expect(faultsOf(xml, sp)).toEqual(NONE);
  });

  it('a response whose assertion is encrypted, and the assertion within', async () => {
    const sp = await provider({
      encrypt_assertion: true,
      sp_encryption_certificate: identity.certificate,
      ...ATTRIBUTES,
    });
    const xml = await answered(sp);
    expect(xml).not.toContain(scene.person.identifier);
    expect(faultsOf(xml, sp)).toEqual(NONE);
    const { ok, output } = xmlsecDecrypts(xml, identity.keyPem);
    expect(ok).toBe(true);
    const [assertion = ''] = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(output) ?? [];
    expect(assertion).toContain(scene.person.identifier);
    expect({
      schema: schemaFaults(assertion, 'assertion'),
      signatures: signatureFaults(assertion, sp.client.x509_certificate),
    }).toEqual(NONE);
  });

  it('a response that nobody asked for', async () => {
    const sp = await provider();
    const xml = await answered(sp, sp.client.sso_url.replace(/\/sso$/, '/start'));
    expect(faultsOf(xml, sp)).toEqual(NONE);
  });

  it.each(['persistent', 'transient'])('a response with a %s NameID', async (name) => {
    const sp = await provider({}, { identifierFormat: `urn:oasis:names:tc:SAML:2.0:nameid-format:${name}` });
    expect(faultsOf(await answered(sp), sp)).toEqual(NONE);
  });

  it('a response that says an error, with one status and with two', async () => {
    const passive = await provider({}, { passive: true });
    const two = xmlOf(postedForm(await new Browser(app).open(await passive.redirect())));
    expect(two).toContain('NoPassive');
    expect(faultsOf(two, passive)).toEqual(NONE);
    const nameless = await provider({ sp_name_id_type: 'phoneNumber' });
    const one = await answered(nameless);
    expect(one).toContain('The user has no phone number');
    expect(faultsOf(one, nameless)).toEqual(NONE);
  });

  it.each(['rsa-sha256', 'ecdsa-sha256'])('the metadata, signed by %s (1.4)', async (signature_algorithm) => {
    const sp = await provider({ signature_algorithm });
    const xml = await (await fetch(new URL(new URL(sp.client.metadata_url).pathname, app.url))).text();
    expect({
      schema: schemaFaults(xml, 'metadata'),
      signatures: signatureFaults(xml, sp.client.x509_certificate),
    }).toEqual(NONE);
    expect(signatureFaults(xml.replace('/sso"', '/evil"'), sp.client.x509_certificate)).not.toBe('');
  });
});
