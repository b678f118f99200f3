/** What metadata of a service provider says, and what of it is refused (contract/saml.md 1.5). */
import { createPrivateKey } from 'node:crypto';
import { readSpMetadata } from '../../src/clients/sp-metadata.ts';
import { makeSelfSigned } from '../../src/keys/certificate.ts';
import { signXml } from '../../src/xml/xml-signature.ts';
import { selfSigned } from '../support/certificates.ts';
import {
  acs,
  adfs,
  bare,
  entities,
  entity,
  key,
  mellon,
  POST,
  pysaml2,
  salesforce,
  shibboleth,
} from '../support/sp-metadata.ts';

const now = new Date('2030-01-01T00:00:00Z');
const read = (xml: string, question: Partial<Parameters<typeof readSpMetadata>[1]> = {}) =>
  readSpMetadata(xml, { named: undefined, certificate: undefined, now, ...question });

describe('metadata of a service provider', () => {
  let rsa: Awaited<ReturnType<typeof makeSelfSigned>>;
  let other: Awaited<ReturnType<typeof makeSelfSigned>>;
  let ec: string;
  beforeAll(async () => {
    [rsa, other] = [await makeSelfSigned('provider'), await makeSelfSigned('provider')];
    ec = (await selfSigned('provider')).cert;
  });
  /** Whatever lines they come in. */
  const sameKey = (found: readonly string[] | undefined, ...wanted: string[]) =>
    expect(found?.map(bare)).toEqual(wanted.map(bare));

  it('as mellon writes it becomes a client that wants signed requests', () => {
    const { sp_certificates, sp_encryption_certificate, ...fields } = read(mellon(rsa.pem));
    expect(fields).toEqual({
      sp_entity_id: 'https://app.example.com/mellon/metadata',
      sp_acs_url: 'https://app.example.com/mellon/postResponse',
      sp_acs_endpoints: [{ index: 0, url: 'https://app.example.com/mellon/postResponse' }],
      sp_slo_url: 'https://app.example.com/mellon/logout',
      sp_slo_binding: 'redirect',
      sign_assertion: true,
      want_authn_requests_signed: true,
      sp_name_id_type: 'transient',
    });
    sameKey(sp_certificates, rsa.pem);
    sameKey([sp_encryption_certificate ?? ''], rsa.pem);
  });

  it('as pysaml2 writes it has keys for both uses, and leaves the choice of two formats', () => {
    const { sp_certificates, sp_encryption_certificate, ...fields } = read(pysaml2(rsa.pem));
    expect(fields).toEqual({
      sp_entity_id: 'http://sp.example.com/sp.xml',
      sp_acs_url: 'https://sp.example.com/acs/post',
      sp_acs_endpoints: [{ index: 2, url: 'https://sp.example.com/acs/post' }],
      sp_slo_url: 'https://sp.example.com/slo/post',
      sp_slo_binding: 'post',
      sign_assertion: true,
      want_authn_requests_signed: false,
    });
    sameKey(sp_certificates, rsa.pem);
    sameKey([sp_encryption_certificate ?? ''], rsa.pem);
  });

  it('as Shibboleth writes it may begin with a comment, and says nothing of what is not in it', () => {
    const { sp_certificates, sp_encryption_certificate, ...fields } = read(shibboleth(ec, rsa.pem));
    expect(fields).toEqual({
      sp_entity_id: 'https://shib.example.com/shibboleth',
      sp_acs_url: 'https://shib.example.com/Shibboleth.sso/SAML2/POST',
      sp_acs_endpoints: [{ index: 1, url: 'https://shib.example.com/Shibboleth.sso/SAML2/POST' }],
      sp_slo_url: 'https://shib.example.com/Shibboleth.sso/SLO/Redirect',
      sp_slo_binding: 'redirect',
    });
    sameKey(sp_certificates, ec);
    sameKey([sp_encryption_certificate ?? ''], rsa.pem);
  });

  it('as ADFS writes it is one role of several', () => {
    expect(read(adfs(rsa.pem))).toMatchObject({
      sp_entity_id: 'http://adfs.example.com/adfs/services/trust',
      sp_acs_url: 'https://adfs.example.com/adfs/ls/',
      sp_slo_url: 'https://adfs.example.com/adfs/ls/',
      sign_assertion: true,
    });
  });

  it('as Salesforce writes it names one format that we know', () => {
    expect(read(salesforce(rsa.pem))).toMatchObject({
      sp_entity_id: 'https://acme.my.salesforce.com',
      sp_acs_url: 'https://acme.my.salesforce.com?so=00D000000000001',
      sp_name_id_type: 'email',
      sp_slo_url: '',
      sp_encryption_certificate: '',
    });
  });

  it('has its default consumer first: the one that says so, else the lowest index; one without an index gets a free one', () => {
    const at = (name: string) => `https://sp.example.com/${name}`;
    const some = acs(at('b'), 7) + acs(at('c'), 3);
    expect(read(entity({ acs: some })).sp_acs_url).toBe(at('c'));
    expect(read(entity({ acs: some + acs(at('d'), 9, ' isDefault="true"') })).sp_acs_endpoints).toEqual([
      { index: 9, url: at('d') },
      { index: 3, url: at('c') },
      { index: 7, url: at('b') },
    ]);
    const without = `<md:AssertionConsumerService Binding="${POST}" Location="${at('e')}"/>`;
    expect(read(entity({ acs: without + acs(at('f'), 0) })).sp_acs_endpoints).toEqual([
      { index: 0, url: at('f') },
      { index: 1, url: at('e') },
    ]);
  });

  it('registers the first certificate of a chain only: its issuers sign for others, too', () => {
    const chain = key(rsa.pem, 'signing').replace(
      '</ds:X509Data>',
      `<ds:X509Certificate>${bare(other.pem)}</ds:X509Certificate></ds:X509Data>`,
    );
    sameKey(read(entity({ keys: chain + key(ec, 'signing') + key(ec) })).sp_certificates, rsa.pem, ec);
  });

  it('may hold several providers, of which one is named, known, or the only one', () => {
    const [one, two] = [entity({ entityId: 'urn:one' }), entity({ entityId: 'urn:two' })];
    const idp = one.replaceAll('SPSSODescriptor', 'IDPSSODescriptor');
    expect(read(entities(one, two), { named: 'urn:two' }).sp_entity_id).toBe('urn:two');
    expect(read(entities(one, two), { known: 'urn:one' }).sp_entity_id).toBe('urn:one');
    expect(read(entities(idp, two)).sp_entity_id).toBe('urn:two');
    expect(() => read(entities(one, two))).toThrow('describes 2 service providers, and 0 of them');
    expect(() => read(entities(one, two), { named: 'urn:three' })).toThrow('"urn:three"');
    expect(() => read(entities(one, one), { named: 'urn:one' })).toThrow('2 of them');
    expect(() => read(entities(idp))).toThrow('describes 0 service providers');
    expect(() => read(entities(one), { named: 'urn:two' })).toThrow('it is that of "urn:one"');
    expect(() => read(one, { named: 'urn:two' })).toThrow('it is that of "urn:one"');
  });

  it.each([
    ['a document type', `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${entity()}`, 'DTD'],
    [
      'an entity bomb',
      `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${entity({ entityId: '&b;' })}`,
      'DTD',
    ],
    [
      'a comment before a document type',
      `<!-- x --><!DOCTYPE x SYSTEM "https://evil.example.com/x.dtd">${entity()}`,
      'DTD',
    ],
    ['a comment in a value', entity({ inside: '<md:NameIDFormat>a<!-- -->b</md:NameIDFormat>' }), 'comment'],
    ['a processing instruction', entity({ inside: '<?php x ?>' }), 'XML'],
    ['more than can be read', entity({ inside: ' '.repeat(300_000) }), 'longer than 256 KiB'],
    ['no XML', 'metadata', 'text outside the root element'],
    ['another root', '<x/>', 'it must be an EntityDescriptor'],
    ['a root of another namespace', '<EntityDescriptor xmlns="urn:x"/>', 'it must be an EntityDescriptor'],
    ['no service provider', entity().replaceAll('SPSSO', 'IDPSSO'), 'has 0'],
    ['SAML 1.1 only', entity().replaceAll('SAML:2.0:protocol', 'SAML:1.1:protocol'), 'has 0'],
    [
      'two service providers in one',
      entity().replace(/(<md:SPSSODescriptor.*<\/md:SPSSODescriptor>)/, '$1$1'),
      'has 2',
    ],
    [
      'no consumer by POST',
      entity({ acs: acs('https://sp.example.com/acs').replace('HTTP-POST', 'HTTP-Artifact') }),
      'no AssertionConsumerService with the HTTP-POST binding',
    ],
    ['a consumer without a place', entity({ acs: acs('') }), 'has no Location'],
    ['an index that is none', entity({ acs: acs('https://sp.example.com/acs', 70_000) }), 'up to 65535'],
    [
      'too many consumers',
      entity({
        acs: [...Array(21).keys()].map((index) => acs('https://sp.example.com/acs', index)).join(''),
      }),
      'more than 20',
    ],
    ['a certificate that is none', entity({ keys: key('MIIB', 'signing') }), 'cannot be read'],
    ['no entity ID', entity().replace(/ entityID="[^"]*"/, ''), 'the entityID must be'],
    ['an invisible entity ID', entity({ entityId: 'https://sp.example.com/&#x200B;' }), 'the entityID must'],
    ['a time that is over', entity({ attributes: ' validUntil="2029-12-31T23:59:59Z"' }), 'was valid until'],
    ['a role whose time is over', entity({ role: ' validUntil="2029-12-31T23:59:59Z"' }), 'was valid until'],
    [
      'a collection whose time is over',
      entities(entity()).replace('>', ' validUntil="2029-12-31T23:59:59Z">'),
      'was valid until',
    ],
    ['a time that is none', entity({ attributes: ' validUntil="tomorrow"' }), 'is no time'],
  ])('is refused with %s', (_what, xml, words) => {
    expect(() => read(xml)).toThrow(/^sp_metadata: /);
    expect(() => read(xml)).toThrow(words);
  });

  describe('with a certificate to verify it', () => {
    const signed = (xml: string, by: { privateKey: { reveal(): string }; pem: string }, id = '_m') =>
      signXml(xml, {
        id,
        privateKey: createPrivateKey(by.privateKey.reveal()),
        certificate: by.pem,
        algorithm: 'rsa-sha256',
      });
    const body = () => entity({ attributes: ' ID="_m"' });

    it('is read where the signature is that of the certificate, on the root or on the provider', async () => {
      const xml = await signed(body(), rsa);
      expect(read(xml, { certificate: rsa.pem }).sp_acs_url).toBe('https://sp.example.com/acs');
      expect(read(await signed(entities(body()), rsa), { certificate: rsa.pem }).sp_entity_id).toBe(
        'https://sp.example.com/metadata',
      );
    });

    it('is refused unsigned, signed by another, or changed afterwards', async () => {
      const xml = await signed(body(), rsa);
      expect(() => read(body(), { certificate: rsa.pem })).toThrow('it is not signed');
      expect(() => read(xml, { certificate: other.pem })).toThrow('SignatureValue');
      expect(() => read(xml.replaceAll('/acs"', '/evil"'), { certificate: rsa.pem })).toThrow('DigestValue');
      expect(read(xml.replaceAll('/acs"', '/evil"')).sp_acs_url).toContain('/evil');
    });

    it('is refused where what is signed is wrapped in something else', async () => {
      const xml = await signed(body(), rsa);
      const evil = entity({
        entityId: 'https://sp.example.com/metadata',
        acs: acs('https://evil.example.com'),
      });
      const wrapped = evil.replace('</md:SPSSODescriptor>', `</md:SPSSODescriptor>${xml}`);
      const signature = /<ds:Signature .*<\/ds:Signature>/s.exec(xml)?.[0] ?? '';
      const moved = evil.replace('<md:SPSSODescriptor', `${signature}<md:SPSSODescriptor`);
      for (const attack of [wrapped, moved, entities(evil, xml), entities(xml, evil)])
        expect(() =>
          read(attack, { certificate: rsa.pem, named: 'https://sp.example.com/metadata' }),
        ).toThrow(/^sp_metadata: /);
    });
  });
});
