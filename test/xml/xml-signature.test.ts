/** Signatures that other programs read, and theirs that are read here (XML Signature 1.1, RFC 9231). */
import { sign } from 'node:crypto';
import { attributeOf, childOf, elementsOf, elementText, readXml } from '../../src/xml/read-xml.ts';
import {
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  SignatureFault,
  signatureOf,
  signOctets,
  signXml,
  verifiedElement,
  verifyOctets,
} from '../../src/xml/xml-signature.ts';
import { DS, message, SAML } from '../support/xml-messages.ts';
import {
  describeWithXmlsec,
  ecIdentity,
  rsaIdentity,
  type XmlIdentity,
  xmlsecSigns,
  xmlsecVerifies,
} from '../support/xml-tools.ts';

const ALGORITHMS = Object.keys(SIGNATURE_ALGORITHMS).map((name) => name as SignatureAlgorithm);
/** By the letters that the name of an algorithm begins with, and curves that fit its hash. */
const identities: Record<string, XmlIdentity> = {};
let foreign: XmlIdentity;
beforeAll(async () => {
  const [rsa, p256, p384, p521, other] = await Promise.all([
    rsaIdentity(),
    ecIdentity('P-256'),
    ecIdentity('P-384'),
    ecIdentity('P-521'),
    rsaIdentity(),
  ]);
  Object.assign(identities, { 'ecdsa-sha256': p256, 'ecdsa-sha384': p384, 'ecdsa-sha512': p521, rsa });
  foreign = other;
});
const identityFor = (algorithm: string): XmlIdentity => identities[algorithm] ?? identities.rsa ?? foreign;

function signed(xml: string, id: string, algorithm: SignatureAlgorithm): Promise<string> {
  const { key, certificate } = identityFor(algorithm);
  return signXml(xml, { id, privateKey: key, certificate, algorithm });
}

function verified(xml: string, certificates: readonly string[]): Element {
  const root = readXml(xml);
  return verifiedElement(root, root, certificates);
}

describe('signXml', () => {
  it('puts the signature behind the Issuer of the element, and only there', async () => {
    const xml = await signed(message('Response', '_r', 'alice'), '_ra', 'rsa-sha256');
    const root = readXml(xml);
    const assertion = childOf(root, SAML, 'Assertion');
    expect(signatureOf(root)).toBeUndefined();
    expect(assertion && elementsOf(assertion).map((child) => child.localName)).toEqual([
      'Issuer',
      'Signature',
      'Subject',
    ]);
  });

  it('puts it first where there is no Issuer (metadata)', async () => {
    const xml = await signed(
      '<md:EntityDescriptor xmlns:md="urn:m" ID="_m"><md:X/></md:EntityDescriptor>',
      '_m',
      'rsa-sha256',
    );
    expect(elementsOf(readXml(xml)).map((child) => child.localName)).toEqual(['Signature', 'X']);
  });

  it('carries the certificate, and a digest as strong as the signature', async () => {
    for (const algorithm of ALGORITHMS) {
      const xml = await signed(message('AuthnRequest', '_q', 'alice'), '_q', algorithm);
      expect(xml).toContain(identityFor(algorithm).certificate.replace(/-----[^-]+-----|\s/g, ''));
      expect(xml).toMatch(new RegExp(`DigestMethod Algorithm="[^"]*${algorithm.slice(-6)}"`));
    }
  });

  it('refuses an ID that is not there, that is no ID, and a key that does not fit', async () => {
    const { key, certificate } = identityFor('ecdsa-sha256');
    const xml = message('AuthnRequest', '_q', 'alice');
    const by = { id: '_q', privateKey: key, certificate, algorithm: 'rsa-sha256' } as const;
    await expect(signXml(xml, { ...by, id: '_x' })).rejects.toThrow('no element with the ID');
    await expect(signXml(xml, { ...by, id: "_q' or '1'='1" })).rejects.toThrow('no element with the ID');
    await expect(signXml(xml, by)).rejects.toThrow('rsa-sha256 needs a key of type rsa, not ec');
  });

  it('leaves the event loop free while the key works', async () => {
    let isSigned = false;
    const signing = signed(message('AuthnRequest', '_q', 'a'), '_q', 'rsa-sha512').then(() => {
      isSigned = true;
    });
    // What is done on this thread is done after some turns of the microtask queue; what a thread does, is not.
    for (let turn = 0; turn < 1000; turn += 1) await Promise.resolve();
    expect(isSigned).toBe(false);
    await signing;
    expect(isSigned).toBe(true);
  });
});

describe.each(ALGORITHMS)('%s', (algorithm) => {
  it('is verified with any of the registered certificates, and not with others', async () => {
    const xml = await signed(message('LogoutRequest', '_l', 'alice'), '_l', algorithm);
    const { certificate } = identityFor(algorithm);
    expect(attributeOf(verified(xml, [foreign.certificate, certificate]), 'ID')).toBe('_l');
    expect(() => verified(xml, [foreign.certificate])).toThrow(SignatureFault);
  });

  it('signs a message around a signed assertion: both are verified', async () => {
    const inner = await signed(message('Response', '_r', 'alice'), '_ra', algorithm);
    const root = readXml(await signed(inner, '_r', algorithm));
    const { certificate } = identityFor(algorithm);
    const outer = verifiedElement(root, root, [certificate]);
    const assertion = childOf(outer, SAML, 'Assertion');
    expect(assertion && elementText(verifiedElement(outer, assertion, [certificate]))).toContain('alice');
    expect(signatureOf(outer)).toBeUndefined();
  });

  it('signs octets beside a message (SAML bindings section 3.4.4.1)', async () => {
    const { key, certificate } = identityFor(algorithm);
    const signature = await signOctets('SAMLRequest=x', key, algorithm);
    const by = {
      signature,
      algorithm: SIGNATURE_ALGORITHMS[algorithm],
      certificates: [foreign.certificate, certificate],
    };
    expect(() => verifyOctets('SAMLRequest=x', by)).not.toThrow();
    expect(() => verifyOctets(Buffer.from('SAMLRequest=x'), by)).not.toThrow();
    expect(() => verifyOctets('SAMLRequest=y', by)).toThrow(/signature value: expected one made/);
    expect(() => verifyOctets('SAMLRequest=x', { ...by, certificates: [foreign.certificate] })).toThrow(
      SignatureFault,
    );
  });
});

describe('verifyOctets', () => {
  it('takes ECDSA as DER, too', () => {
    const { key, certificate } = identityFor('ecdsa-sha256');
    const signature = sign('sha256', Buffer.from('x'), { key, dsaEncoding: 'der' }).toString('base64');
    const by = { signature, algorithm: SIGNATURE_ALGORITHMS['ecdsa-sha256'], certificates: [certificate] };
    expect(() => verifyOctets('x', by)).not.toThrow();
    expect(() => verifyOctets('y', by)).toThrow(SignatureFault);
  });

  it('refuses SHA-1, HMAC, "none", nothing, and text that is not base64', async () => {
    const { key, certificate } = identityFor('rsa');
    const good = await signOctets('x', key, 'rsa-sha256');
    const by = {
      signature: good,
      algorithm: SIGNATURE_ALGORITHMS['rsa-sha256'],
      certificates: [certificate],
    };
    const sha1 = sign('sha1', Buffer.from('x'), key).toString('base64');
    for (const algorithm of [`${DS}rsa-sha1`, `${DS}hmac-sha1`, 'none', '', 'rsa-sha256'])
      expect(() => verifyOctets('x', { ...by, algorithm, signature: sha1 })).toThrow(
        /signature algorithm: expected/,
      );
    for (const signature of [
      '',
      '!',
      `${good}!`,
      good.slice(0, -1),
      good.replaceAll('+', '-').replaceAll('/', '_').concat('-'),
    ])
      expect(() => verifyOctets('x', { ...by, signature })).toThrow('signature value: expected base64');
  });

  it('a sentence never carries what would break out of it', () => {
    const algorithm = `<script>\n${'x'.repeat(1000)}`;
    const by = { signature: 'AAAA', algorithm, certificates: [identityFor('rsa').certificate] };
    expect(() => verifyOctets('x', by)).toThrow(/^[\x20-\x7e]{1,300}$/);
  });
});

const template = (kind: string, method: string, digest: string, prefixes = ''): string =>
  message(kind, '_t', 'al&#xD;ice &lt;&amp;&gt; caf\u00e9 \u{1f600}').replace(
    '</saml:Issuer>',
    `</saml:Issuer>
<Signature xmlns="${DS}">
  <SignedInfo>
    <CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
    <SignatureMethod Algorithm="${method}"/>
    <Reference URI="#_t">
      <Transforms>
        <Transform Algorithm="${DS}enveloped-signature"/>
        <Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">${prefixes}</Transform>
      </Transforms>
      <DigestMethod Algorithm="http://www.w3.org/2001/04/${digest}"/>
      <DigestValue/>
    </Reference>
  </SignedInfo>
  <SignatureValue/>
  <KeyInfo><X509Data/></KeyInfo>
</Signature>`,
  );

describeWithXmlsec('together with xmlsec1', () => {
  it.each(ALGORITHMS)('%s: it verifies what is signed here', async (algorithm) => {
    for (const kind of ['AuthnRequest', 'LogoutRequest', 'Response', 'Assertion']) {
      const xml = await signed(
        message(kind, '_x', 'al&#xD;ice &lt;&amp; caf\u00e9 \u{1f600}'),
        '_x',
        algorithm,
      );
      expect(xmlsecVerifies(xml, identityFor(algorithm).certificate)).toMatchObject({ ok: true });
    }
    const xml = await signed(message('AuthnRequest', '_x', 'alice'), '_x', algorithm);
    expect(xmlsecVerifies(xml.replace('alice', 'evil'), identityFor(algorithm).certificate)).toMatchObject({
      ok: false,
    });
  });

  it.each(ALGORITHMS)('%s: what it signs is verified here', (algorithm) => {
    const by = identityFor(algorithm);
    const digest = { '256': 'xmlenc#sha256', '384': 'xmldsig-more#sha384', '512': 'xmlenc#sha512' }[
      algorithm.slice(-3)
    ];
    for (const kind of ['AuthnRequest', 'Response']) {
      const xml = xmlsecSigns(template(kind, SIGNATURE_ALGORITHMS[algorithm], String(digest)), by);
      expect(elementText(verified(xml, [by.certificate]))).toContain(
        'al&#xD;ice &lt;&amp;&gt; caf\u00e9 \u{1f600}',
      );
      expect(() => verified(xml.replace('ice', 'ex'), [by.certificate])).toThrow(/DigestValue/);
    }
  });

  it('a list of prefixes to keep is honoured, with prefixes in the order of their code points', () => {
    const by = identityFor('rsa');
    const prefixes =
      '<e:InclusiveNamespaces xmlns:e="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="Z a xs"/>';
    const xml = template('Response', SIGNATURE_ALGORITHMS['rsa-sha256'], 'xmlenc#sha256', prefixes).replace(
      'Version="2.0"',
      'Version="2.0" xmlns:a="urn:a" xmlns:Z="urn:z" xmlns:xs="urn:xs" a:z="1" Z:b="2"',
    );
    expect(attributeOf(verified(xmlsecSigns(xml, by), [by.certificate]), 'ID')).toBe('_t');
    const method = '<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"';
    const both = xml.replace(`${method}/>`, `${method}>${prefixes}</CanonicalizationMethod>`);
    expect(both).not.toBe(xml);
    expect(attributeOf(verified(xmlsecSigns(both, by), [by.certificate]), 'ID')).toBe('_t');
  });
});
