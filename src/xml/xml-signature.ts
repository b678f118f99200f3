/** Signs an element of a document and verifies the signature of one, enveloped and exclusive (SAML core section 5.4). */
import { createHash, type KeyObject } from 'node:crypto';
import type { SignedXml } from 'xml-crypto';
import { ExclusiveForm } from './exclusive-form.ts';
import {
  attributeOf,
  childOf,
  childrenOf,
  elementsOf,
  elementText,
  keepingLineEnds,
  readXml,
  textOf,
} from './read-xml.ts';
import {
  bytesOf,
  DIGESTS,
  hashOf,
  isSignedByOneOf,
  keysFor,
  notOurs,
  quoted,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  SignatureFault,
  signOctets,
  verifyOctets,
} from './signature-algorithms.ts';
import {
  DSIG,
  ENVELOPED,
  EXCLUSIVE,
  type ReferenceShape,
  type SignatureShape,
  shapeOf,
} from './signature-shape.ts';
import { strictSignedXml } from './strict-signed-xml.ts';

export { SIGNATURE_ALGORITHMS, type SignatureAlgorithm, SignatureFault, signOctets, verifyOctets };

/** After this child of an element stands its signature (order of the SAML schemas). */
const ISSUER = { namespace: 'urn:oasis:names:tc:SAML:2.0:assertion', name: 'Issuer' };
/** xs:ID without the characters that need more than ASCII; also what may stand in an expression. */
const ID = /^[A-Za-z_][\w.-]*$/;

/** The library needs a tenth of a millisecond for each; a response that names a thousand groups has half of them. */
const MAX_SIGNED_ELEMENTS = 2000;

export interface Signer {
  /** Value of the ID attribute of the element to sign. */
  readonly id: string;
  readonly privateKey: KeyObject;
  /** PEM; goes into the KeyInfo. */
  readonly certificate: string;
  readonly algorithm: SignatureAlgorithm;
}

/**
 * The document with the signature in place: after the Issuer of the signed element, or as its first child.
 * The private key works on the thread pool.
 * @throws XmlFault, or Error where there is no such element or the key does not fit.
 */
export async function signXml(xml: string, by: Signer): Promise<string> {
  const root = readXml(xml);
  const element = ID.test(by.id) ? find(root, by.id) : undefined;
  if (!element) throw new Error('there is no element with the ID that is to be signed');
  const signing = strictSignedXml(by.algorithm, {
    privateKey: by.privateKey,
    publicCert: by.certificate,
    signatureAlgorithm: SIGNATURE_ALGORITHMS[by.algorithm],
    canonicalizationAlgorithm: EXCLUSIVE,
  });
  // The root is named as such: a search through all elements is a third of the work.
  const xpath = element === root ? '/*' : `//*[@ID='${by.id}']`;
  signing.addReference({
    xpath,
    transforms: [ENVELOPED, EXCLUSIVE],
    digestAlgorithm: DIGESTS[hashOf(by.algorithm)],
  });
  const location = childOf(element, ISSUER.namespace, ISSUER.name)
    ? {
        reference: `${xpath}/*[local-name(.)='${ISSUER.name}' and namespace-uri(.)='${ISSUER.namespace}']`,
        action: 'after' as const,
      }
    : { reference: xpath, action: 'prepend' as const };
  await new Promise<void>((resolve, reject) => {
    signing.computeSignature(elementText(root), { prefix: 'ds', location }, (fault) =>
      fault ? reject(fault) : resolve(),
    );
  });
  return keepingLineEnds(signing.getSignedXml());
}

function find(element: Element, id: string): Element | undefined {
  if (attributeOf(element, 'ID') === id) return element;
  for (const child of elementsOf(element)) {
    const found = find(child, id);
    if (found) return found;
  }
  return undefined;
}

/**
 * The ds:Signature that is a child of `element`.
 * @throws SignatureFault where there are two.
 */
export function signatureOf(element: Element): Element | undefined {
  const found = childrenOf(element, DSIG, 'Signature');
  if (found.length > 1)
    throw new SignatureFault(`Signature: expected one in an element, received ${found.length}`);
  return found[0];
}

/**
 * Verifies the signature of `signed` with the registered certificates, never with one that it brings along.
 * @param document the root that readXml gave.
 * @param signed an element in it, or the root itself.
 * @returns the element as it was signed, read anew from the signed octets: fields are read there and nowhere else.
 * @throws SignatureFault, or XmlFault where what was signed cannot be read.
 */
export function verifiedElement(
  document: Element,
  signed: Element,
  certificates: readonly string[],
): Element {
  const xml = elementText(signed);
  // A document that holds nothing but the signed element: no other element can be meant.
  const alone = readXml(xml);
  if (alone.getElementsByTagName('*').length >= MAX_SIGNED_ELEMENTS)
    throw new SignatureFault(
      `${signed.localName}: expected at most ${MAX_SIGNED_ELEMENTS} signed XML elements`,
    );
  const signature = signatureOf(alone);
  if (!signature) throw new SignatureFault(`Signature: expected one in ${signed.localName}, received none`);
  const shape = shapeOf(signature);
  assertMeant(shape.reference.uri, alone, document === signed);
  const octets = signedOctets({ xml, alone, signature, shape, certificates });
  const element = readXml(octets);
  if (attributeOf(element, 'ID') !== attributeOf(alone, 'ID') || element.localName !== alone.localName)
    throw new SignatureFault('Reference: expected the signed element, received another');
  return element;
}

function assertMeant(uri: string, signed: Element, isRoot: boolean): void {
  const id = attributeOf(signed, 'ID');
  if (uri === '' && isRoot) return;
  if (id === undefined || !ID.test(id))
    throw new SignatureFault('ID: expected letters, digits, "_", "-" and "."');
  if (uri !== `#${id}`)
    throw new SignatureFault(`Reference: expected ${quoted(`#${id}`)}, received ${quoted(uri)}`);
}

/** The library wants a key before it asks; which key counts is said in the answer. */
const KEY_OF_NOBODY = { publicCert: 'none', getCertFromKeyInfo: () => null };

interface Claim {
  /** The element as a document of its own, and read from there. */
  readonly xml: string;
  readonly alone: Element;
  readonly signature: Element;
  readonly shape: SignatureShape;
  readonly certificates: readonly string[];
}

/** The library has the last word, but it is slow: it is asked only where a first look finds both numbers right. */
function signedOctets({ xml, alone, signature, shape, certificates }: Claim): string {
  const { algorithm } = shape;
  const keys = keysFor(algorithm, certificates);
  const value = bytesOf(textOf(childOf(signature, DSIG, 'SignatureValue') ?? signature));
  const isOurs = (octets: string): boolean =>
    isSignedByOneOf(keys, {
      octets: Buffer.from(octets),
      signature: value,
      hash: hashOf(algorithm),
      encodings: ['ieee-p1363'],
    });
  assertUnchanged(alone, signature, shape.reference);
  // As a document of its own it carries every namespace that a list of prefixes may name.
  if (!isOurs(new ExclusiveForm().process(readXml(elementText(shape.info)), {})))
    throw new SignatureFault(`SignatureValue: ${notOurs(certificates.length)}`);
  const verifying = strictSignedXml(algorithm, KEY_OF_NOBODY, isOurs);
  const [octets, ...more] = isBelieved(verifying, xml, signature) ? verifying.getSignedReferences() : [];
  if (octets === undefined || more.length > 0)
    throw new SignatureFault('Signature: expected one that holds, received one that does not');
  return octets;
}

/** @param alone its root, with the signature in it; it is put back. */
function assertUnchanged(alone: Element, signature: Element, expected: ReferenceShape): void {
  const next = signature.nextSibling;
  alone.removeChild(signature);
  const octets = new ExclusiveForm().process(alone, {
    inclusiveNamespacesPrefixList: [...expected.prefixes],
  });
  alone.insertBefore(signature, next);
  if (!createHash(expected.hash).update(octets).digest().equals(expected.digest))
    throw new SignatureFault('DigestValue: expected that of the content, received another: it was changed');
}

/** The library throws for a wrong signature, too, and may quote what it was given. */
function isBelieved(verifying: SignedXml, xml: string, signature: Element): boolean {
  try {
    verifying.loadSignature(signature);
    return verifying.checkSignature(xml);
  } catch {
    return false;
  }
}
