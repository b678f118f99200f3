/** Holds a ds:Signature against the one shape that is taken, before anything is computed (SAML core section 5.4). */
import { attributeOf, childOf, elementsOf, onlyElementsOf, textOf } from './read-xml.ts';
import {
  algorithmOf,
  bytesOf,
  DIGESTS,
  HASHES,
  type Hash,
  quoted,
  type SignatureAlgorithm,
  SignatureFault,
} from './signature-algorithms.ts';

export const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
export const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
export const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

export interface SignatureShape {
  readonly algorithm: SignatureAlgorithm;
  readonly info: Element;
  readonly reference: ReferenceShape;
}

/** The one Reference, as it stands there. */
export interface ReferenceShape {
  readonly uri: string;
  readonly hash: Hash;
  readonly digest: Buffer;
  /** Prefixes that exclusive canonicalisation keeps. */
  readonly prefixes: readonly string[];
}

/**
 * One SignedInfo with one Reference, enveloped and exclusive, no Object; all algorithms of the lists.
 * @throws SignatureFault, or XmlFault for text or elements where none belong.
 */
export function shapeOf(signature: Element): SignatureShape {
  const [info] = partsOf(signature, [
    ['SignedInfo', 'SignatureValue'],
    ['SignedInfo', 'SignatureValue', 'KeyInfo'],
  ]);
  const [canonicalization, method, reference] = partsOf(info, [
    ['CanonicalizationMethod', 'SignatureMethod', 'Reference'],
  ]);
  assertAlgorithm(canonicalization, [EXCLUSIVE]);
  assertPrefixList(canonicalization);
  partsOf(method, [[]]);
  return {
    algorithm: algorithmOf(attributeOf(must(method), 'Algorithm')),
    info: must(info),
    reference: referenceOf(reference),
  };
}

function referenceOf(reference: Element | undefined): ReferenceShape {
  const [transforms, digest, value] = partsOf(reference, [['Transforms', 'DigestMethod', 'DigestValue']]);
  const [enveloped, exclusive] = partsOf(transforms, [['Transform', 'Transform']]);
  assertAlgorithm(enveloped, [ENVELOPED]);
  partsOf(enveloped, [[]]);
  assertAlgorithm(exclusive, [EXCLUSIVE]);
  const prefixes = assertPrefixList(exclusive);
  assertAlgorithm(digest, Object.values(DIGESTS));
  partsOf(digest, [[]]);
  const hash = HASHES.find((one) => DIGESTS[one] === attributeOf(must(digest), 'Algorithm')) ?? 'sha256';
  const uri = attributeOf(must(reference), 'URI');
  if (uri === undefined) throw new SignatureFault('Reference: expected a URI, received nothing');
  return { uri, hash, digest: bytesOf(textOf(must(value))), prefixes };
}

/** The child elements, whose names in order have to be one of the lists, with nothing but blanks between them. */
function partsOf(element: Element | undefined, allowed: readonly (readonly string[])[]): Element[] {
  const parts = onlyElementsOf(must(element));
  const names = parts.map((part) =>
    part.namespaceURI === DSIG ? part.localName : `{${part.namespaceURI}}${part.localName}`,
  );
  if (!allowed.some((list) => list.join() === names.join()))
    throw new SignatureFault(
      `${element?.localName}: expected ${allowed[0]?.join(', ') || 'no elements'}, received ${quoted(names.join(', '))}`,
    );
  return parts;
}

function must(element: Element | undefined): Element {
  if (!element) throw new SignatureFault('Signature: expected an element that is not there');
  return element;
}

function assertAlgorithm(element: Element | undefined, allowed: readonly string[]): void {
  const received = attributeOf(must(element), 'Algorithm');
  if (received === undefined || !allowed.includes(received))
    throw new SignatureFault(
      `${element?.localName}: expected ${allowed.join(' or ')}, received ${quoted(received)}`,
    );
}

/** Exclusive canonicalisation may name prefixes that it keeps (section 3.1 of its recommendation), and nothing more. */
function assertPrefixList(element: Element | undefined): string[] {
  const list = childOf(must(element), EXCLUSIVE, 'InclusiveNamespaces');
  const rest = onlyElementsOf(must(element)).filter((child) => child !== list);
  if (rest.length > 0 || (list && elementsOf(list).length > 0))
    throw new SignatureFault(`${element?.localName}: expected at most InclusiveNamespaces`);
  return ((list && attributeOf(list, 'PrefixList')) ?? '').split(/\s+/).filter((prefix) => prefix !== '');
}
