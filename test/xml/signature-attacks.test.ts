/** What somebody does to a signed document, and that none of it is believed (design/pitfalls.md, samlify and its XML stack). */
import { createHash, createHmac, type KeyObject, sign } from 'node:crypto';
import { jest } from '@jest/globals';
import { SignedXml } from 'xml-crypto';
import { elementText, readXml } from '../../src/xml/read-xml.ts';
import { signXml, verifiedElement } from '../../src/xml/xml-signature.ts';
import { DS, everyElement, MESSAGES, message, SAML, wrappings } from '../support/xml-messages.ts';
import { ecIdentity, rsaIdentity, type XmlIdentity } from '../support/xml-tools.ts';

let ours: XmlIdentity;
let foreign: XmlIdentity;
beforeAll(async () => {
  [ours, foreign] = await Promise.all([rsaIdentity(), rsaIdentity()]);
});

const signed = (xml: string, id = '_good', by = ours): Promise<string> =>
  signXml(xml, { id, privateKey: by.key, certificate: by.certificate, algorithm: 'rsa-sha256' });

const verifyRoot = (xml: string, certificates = [ours.certificate]): string => {
  const root = readXml(xml);
  return elementText(verifiedElement(root, root, certificates));
};

/** Whatever element somebody asks about: the texts that are believed. */
function believed(xml: string): string[] {
  let root: Element;
  try {
    root = readXml(xml);
  } catch {
    return [];
  }
  return everyElement(root).flatMap((element) => {
    try {
      return [elementText(verifiedElement(root, element, [ours.certificate]))];
    } catch {
      return [];
    }
  });
}

describe.each(Object.keys(MESSAGES))('a signed %s that is wrapped (XSW)', (kind) => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'variant %i: nothing but what was signed is believed',
    async (variant) => {
      const good = await signed(message(kind, '_good', 'alice'));
      const attack = wrappings(kind, good)[`XSW${variant}`] ?? '';
      expect(attack).toContain('evil');
      expect(believed(attack).filter((text) => text.includes('evil'))).toEqual([]);
      expect(() => verifyRoot(attack)).toThrow();
      expect(believed(good)).toHaveLength(1);
    },
  );
});

/** Signs by hand what no honest signer signs, so that only the shape is wrong and never the numbers. */
function signedByHand(
  content: string,
  parts: {
    readonly method?: string;
    readonly canonicalization?: string;
    readonly transforms?: string;
    readonly digest?: [string, string];
    readonly uri?: string;
    readonly references?: number;
    readonly after?: string;
    readonly signature?: (octets: string) => string;
  },
): string {
  const [digestUri, hash] = parts.digest ?? ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'];
  const value = createHash(hash).update(content).digest('base64');
  const reference = `<ds:Reference URI="${parts.uri ?? '#_good'}"><ds:Transforms>${
    parts.transforms ??
    `<ds:Transform Algorithm="${DS}enveloped-signature"></ds:Transform><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>`
  }</ds:Transforms><ds:DigestMethod Algorithm="${digestUri}"></ds:DigestMethod><ds:DigestValue>${value}</ds:DigestValue></ds:Reference>`;
  const info = `<ds:SignedInfo xmlns:ds="${DS}"><ds:CanonicalizationMethod Algorithm="${
    parts.canonicalization ?? 'http://www.w3.org/2001/10/xml-exc-c14n#'
  }"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="${
    parts.method ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
  }"></ds:SignatureMethod>${reference.repeat(parts.references ?? 1)}</ds:SignedInfo>`;
  const numbers = (parts.signature ?? rsa('sha256', ours.key))(info);
  const signature = `<ds:Signature xmlns:ds="${DS}">${info.replace(` xmlns:ds="${DS}"`, '')}<ds:SignatureValue>${numbers}</ds:SignatureValue>${parts.after ?? ''}</ds:Signature>`;
  return content.replace('</saml:Issuer>', () => `</saml:Issuer>${signature}`);
}

const rsa =
  (hash: string, key: KeyObject) =>
  (octets: string): string =>
    sign(hash, Buffer.from(octets), key).toString('base64');

/** In exclusive canonical form as it stands. */
const CONTENT = `<saml:Assertion xmlns:saml="${SAML}" ID="_good"><saml:Issuer>idp</saml:Issuer><saml:NameID>alice</saml:NameID></saml:Assertion>`;
const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const transform = (algorithm: string, inner = ''): string =>
  `<ds:Transform Algorithm="${algorithm}">${inner}</ds:Transform>`;
const ENVELOPED = transform(`${DS}enveloped-signature`);

describe('a signature with an algorithm that is not in the list', () => {
  it('is believed with one that is: the ones made by hand are right', () => {
    expect(verifyRoot(signedByHand(CONTENT, {}))).toBe(CONTENT);
  });

  it('SHA-1 in the signature is refused, and the sentence says what was expected', () => {
    const method = `${DS}rsa-sha1`;
    const xml = signedByHand(CONTENT, { method, signature: rsa('sha1', ours.key) });
    expect(() => verifyRoot(xml)).toThrow(/signature algorithm: expected one of rsa-sha256.*rsa-sha1/);
  });

  it('SHA-1 in the digest is refused', () => {
    const xml = signedByHand(CONTENT, { digest: [`${DS}sha1`, 'sha1'] });
    expect(() => verifyRoot(xml)).toThrow(/DigestMethod: expected .*sha256.*received .*#sha1/);
  });

  it.each(['hmac-sha1', 'hmac-sha256'])('%s with the public certificate as its key is refused', (name) => {
    const method =
      name === 'hmac-sha1' ? `${DS}hmac-sha1` : 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256';
    const signature = (octets: string): string =>
      createHmac(name.slice(5), ours.certificate).update(octets).digest('base64');
    expect(() => verifyRoot(signedByHand(CONTENT, { method, signature }))).toThrow(/signature algorithm/);
  });

  it.each(['', 'none', 'constructor', '__proto__', 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1'])(
    'the algorithm "%s" is refused',
    (method) => {
      expect(() => verifyRoot(signedByHand(CONTENT, { method }))).toThrow(/signature algorithm/);
    },
  );

  it('a signature of no bytes is refused', () => {
    expect(() => verifyRoot(signedByHand(CONTENT, { signature: () => '' }))).toThrow(/SignatureValue|base64/);
  });

  it('canonicalisation with comments, or the inclusive one, is refused', () => {
    for (const canonicalization of [
      `${C14N}WithComments`,
      'http://www.w3.org/TR/2001/REC-xml-c14n-20010315',
    ]) {
      expect(() => verifyRoot(signedByHand(CONTENT, { canonicalization }))).toThrow(
        /CanonicalizationMethod: expected/,
      );
      const transforms = `${ENVELOPED}${transform(canonicalization)}`;
      expect(() => verifyRoot(signedByHand(CONTENT, { transforms }))).toThrow(/Transform: expected/);
    }
  });
});

describe('a Reference that is not to the element that is asked about', () => {
  const filters: [string, string][] = [
    [
      'XSLT',
      transform(
        'http://www.w3.org/TR/1999/REC-xslt-19991116',
        '<x:stylesheet xmlns:x="urn:x"></x:stylesheet>',
      ),
    ],
    ['XPath', transform('http://www.w3.org/TR/1999/REC-xpath-19991116', '<ds:XPath>1</ds:XPath>')],
    ['XPath filter 2', transform('http://www.w3.org/2002/06/xmldsig-filter2')],
    ['base64', transform(`${DS}base64`)],
    ['enveloped twice', ENVELOPED],
    ['canonical twice', transform(C14N)],
  ];
  it.each(filters)('the transform %s is refused', (_name, extra) => {
    const both = `${ENVELOPED}${transform(C14N)}`;
    expect(() => verifyRoot(signedByHand(CONTENT, { transforms: `${extra}${both}` }))).toThrow(
      /Transforms: expected/,
    );
    expect(() => verifyRoot(signedByHand(CONTENT, { transforms: `${both}${extra}` }))).toThrow(
      /Transforms: expected/,
    );
    expect(() => verifyRoot(signedByHand(CONTENT, { transforms: extra.repeat(2) }))).toThrow();
  });

  it('an XPath inside an allowed transform is refused', () => {
    const transforms = `${transform(`${DS}enveloped-signature`, '<ds:XPath>1</ds:XPath>')}${transform(C14N)}`;
    expect(() => verifyRoot(signedByHand(CONTENT, { transforms }))).toThrow(/Transform: expected/);
  });

  it('two References are refused', () => {
    expect(() => verifyRoot(signedByHand(CONTENT, { references: 2 }))).toThrow(/SignedInfo: expected/);
  });

  it('no Reference is refused', () => {
    expect(() => verifyRoot(signedByHand(CONTENT, { references: 0 }))).toThrow(/SignedInfo: expected/);
  });

  it('a Reference to another element of the document is refused', () => {
    const other = `<saml:Advice ID="_other">alice</saml:Advice>`;
    const content = CONTENT.replace('</saml:Assertion>', `${other}</saml:Assertion>`);
    expect(() => verifyRoot(signedByHand(content, { uri: '#_other' }))).toThrow(
      'Reference: expected "#_good", received "#_other"',
    );
  });

  it.each([
    '_good',
    '#xpointer(/)',
    "#xpointer(id('_good'))",
    'http://evil.example/#_good',
    "#_good'or'1'='1",
  ])('the URI %s is refused', (uri) => {
    expect(() => verifyRoot(signedByHand(CONTENT, { uri }))).toThrow(/Reference: expected/);
  });

  it('an empty URI means the root, and nothing below it', () => {
    const whole = signedByHand(CONTENT, { uri: '' });
    expect(verifyRoot(whole)).toBe(CONTENT);
    expect(believed(`<around>${whole}</around>`)).toEqual([]);
  });

  it('a wrapped root with a signature that means the root is refused', () => {
    const whole = signedByHand(CONTENT, { uri: '' });
    const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(whole)?.[0] ?? '';
    const evil = CONTENT.replace('alice', 'evil');
    const wrapped = evil.replace(
      '</saml:Issuer>',
      `</saml:Issuer>${signature}${CONTENT.replace('_good', '_old')}`,
    );
    expect(believed(wrapped)).toEqual([]);
  });

  it('two elements with the ID are refused, whatever the attribute is called', () => {
    for (const name of ['ID', 'Id', 'id', 'xml:id'])
      expect(() => verifyRoot(`<a><b ${name}="_good"/>${signedByHand(CONTENT, {})}</a>`)).toThrow(
        'two XML elements have the same ID',
      );
  });
});

describe('a signature around which something is put', () => {
  it('two signatures in one element are refused', async () => {
    const one = await signed(CONTENT);
    const signature = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(one)?.[0] ?? '';
    expect(() => verifyRoot(one.replace(signature, signature + signature))).toThrow(
      /expected one in an element, received 2/,
    );
  });

  it('two SignedInfo, two SignatureValue or an Object are refused', async () => {
    const one = await signed(CONTENT);
    const info = /<ds:SignedInfo[\s\S]*<\/ds:SignedInfo>/.exec(one)?.[0] ?? '';
    const value = /<ds:SignatureValue[\s\S]*<\/ds:SignatureValue>/.exec(one)?.[0] ?? '';
    for (const attack of [
      one.replace(info, info + info),
      one.replace(value, value + value),
      one.replace('</ds:Signature>', '<ds:Object/></ds:Signature>'),
      one.replace('<ds:SignedInfo>', '<SignedInfo xmlns="urn:x"/><ds:SignedInfo>'),
    ])
      expect(() => verifyRoot(attack)).toThrow(/Signature: expected SignedInfo, SignatureValue/);
  });

  it('a comment in the DigestValue is refused (CVE-2025-29775)', async () => {
    const one = await signed(CONTENT);
    const attack = one.replace('<ds:DigestValue>', `<ds:DigestValue><!--${'A'.repeat(43)}=-->`);
    expect(() => verifyRoot(attack)).toThrow(/comment/);
  });

  it('a signed message blown up by whoever has seen it never reaches the library, which is slow', async () => {
    const asked = jest.spyOn(SignedXml.prototype, 'checkSignature');
    const one = await signed(CONTENT);
    expect(() => verifyRoot(one.replace('alice', '<b>x</b>'.repeat(9_900)))).toThrow(/at most 2000/);
    expect(() => verifyRoot(one.replace('alice', '<b>x</b>'.repeat(1_900)))).toThrow(/DigestValue/);
    expect(() => verifyRoot(one, [foreign.certificate])).toThrow(/SignatureValue/);
    expect(asked).not.toHaveBeenCalled();
    verifyRoot(one);
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  });

  it('another DigestValue, another value and changed content are refused, each with its sentence', async () => {
    const one = await signed(CONTENT);
    const digest = /<ds:DigestValue>([^<]*)/.exec(one)?.[1] ?? '';
    const other = createHash('sha256').update('other').digest('base64');
    expect(() => verifyRoot(one.replace('alice', 'evil'))).toThrow(
      /DigestValue: expected that of the content/,
    );
    expect(() => verifyRoot(one.replace('alice', 'evil').replace(digest, other))).toThrow(/DigestValue/);
    const evil = CONTENT.replace('alice', 'evil');
    const right = createHash('sha256').update(evil).digest('base64');
    expect(() => verifyRoot(one.replace('alice', 'evil').replace(digest, right))).toThrow(
      /SignatureValue: expected one made/,
    );
  });

  it('a signature value that is not strict base64 is refused', async () => {
    const one = await signed(CONTENT);
    for (const junk of ['*', '====', '%0A', 'é'])
      expect(() => verifyRoot(one.replace('</ds:SignatureValue>', `${junk}</ds:SignatureValue>`))).toThrow(
        'signature value: expected base64',
      );
  });

  it('an element without signature is refused, though another has one', async () => {
    const one = await signed(CONTENT);
    expect(() => verifyRoot(`<a ID="_a">${one}</a>`)).toThrow('Signature: expected one in a, received none');
    expect(believed(`<a ID="_a">${one}</a>`)).toEqual([CONTENT]);
  });
});

describe('a certificate that is not registered', () => {
  it('in the KeyInfo is never used', async () => {
    const one = await signed(CONTENT, '_good', foreign);
    expect(one).toContain('<ds:X509Certificate>');
    expect(() => verifyRoot(one)).toThrow(
      'SignatureValue: expected one made with the key of the registered certificate, received another',
    );
    expect(verifyRoot(one, [ours.certificate, foreign.certificate])).toBe(CONTENT);
  });

  it('with none registered nothing is believed', async () => {
    const one = await signed(CONTENT);
    expect(() => verifyRoot(one, [])).toThrow(/none is registered/);
    expect(() => verifyRoot(one, ['no PEM'])).toThrow(/cannot be read/);
  });

  it('a registered one with a weak RSA key, or a key of another kind, is refused', async () => {
    const [weak, ec] = await Promise.all([rsaIdentity(1024), ecIdentity()]);
    const one = signedByHand(CONTENT, { signature: rsa('sha256', weak.key) });
    expect(() => verifyRoot(one, [weak.certificate])).toThrow(
      'an RSA key needs at least 2048 bits, not 1024',
    );
    expect(() => verifyRoot(one, [ec.certificate])).toThrow('rsa-sha256 needs a key of type rsa, not ec');
  });
});

describe('what the caller gets', () => {
  it('is what was signed, read anew: CDATA, line ends and references are gone', async () => {
    const one = await signed(CONTENT.replace('alice', 'al<![CDATA[<i>]]>&#xD;\r\nce&#x2028;'));
    expect(verifyRoot(one)).toBe(CONTENT.replace('alice', 'al&lt;i&gt;&#xD;\nce&#x2028;'));
    // A sender who writes line ends differently has signed the same; one who writes other characters has not.
    expect(() => verifyRoot(one.replace('&#xD;', '\r'))).toThrow(/DigestValue/);
    expect(() => verifyRoot(one.replace('&#x2028;', '\n'))).toThrow(/DigestValue/);
  });

  it('text that looks the same in Unicode is not the same', async () => {
    const one = await signed(CONTENT.replace('alice', 'caf\u00e9'));
    expect(verifyRoot(one)).toContain('caf\u00e9');
    expect(() => verifyRoot(one.replace('caf\u00e9', 'cafe\u0301'))).toThrow(/DigestValue/);
  });

  it('a name that a canonical form would drop is refused when it is read', async () => {
    const one = await signed(CONTENT);
    expect(() => verifyRoot(one.replace('<saml:NameID>', '<saml:NameID xmlnsFormat="evil">'))).toThrow(
      /reserved/,
    );
  });

  it('more elements than anybody needs are refused before any of them is canonicalized, by whose key ever', async () => {
    const wide = (count: number) =>
      signed(CONTENT.replace('<saml:NameID>', () => `${'<saml:x/>'.repeat(count)}<saml:NameID>`));
    expect(verifyRoot(await wide(1900))).toContain('alice');
    for (const certificate of [ours.certificate, foreign.certificate]) {
      const xml = await wide(9000);
      expect(() => verifyRoot(xml, [certificate])).toThrow('at most 2000 signed XML elements');
    }
  });
});
