/** SAML-shaped documents to sign, and the ways to wrap one that was signed around one that was not. */
import { childrenOf, elementsOf, elementText, readXml } from '../../src/xml/read-xml.ts';

export const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol';
export const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion';
export const DS = 'http://www.w3.org/2000/09/xmldsig#';
const SPACES = `xmlns:samlp="${SAMLP}" xmlns:saml="${SAML}"`;

const subject = (name: string): string => `<saml:Subject><saml:NameID>${name}</saml:NameID></saml:Subject>`;

/** A message of each kind about somebody. */
export const MESSAGES: Readonly<Record<string, (id: string, name: string) => string>> = {
  AuthnRequest: (id, name) =>
    `<samlp:AuthnRequest ${SPACES} ID="${id}" Version="2.0"><saml:Issuer>sp</saml:Issuer>${subject(name)}</samlp:AuthnRequest>`,
  LogoutRequest: (id, name) =>
    `<samlp:LogoutRequest ${SPACES} ID="${id}" Version="2.0"><saml:Issuer>sp</saml:Issuer><saml:NameID>${name}</saml:NameID></samlp:LogoutRequest>`,
  Response: (id, name) =>
    `<samlp:Response ${SPACES} ID="${id}" Version="2.0"><saml:Issuer>idp</saml:Issuer><saml:Assertion ID="${id}a"><saml:Issuer>idp</saml:Issuer>${subject(name)}</saml:Assertion></samlp:Response>`,
  Assertion: (id, name) =>
    `<saml:Assertion xmlns:saml="${SAML}" ID="${id}" Version="2.0"><saml:Issuer>idp</saml:Issuer>${subject(name)}</saml:Assertion>`,
};

export const message = (kind: string, id: string, name: string): string => MESSAGES[kind]?.(id, name) ?? '';

interface Parts {
  /** The signed element, its signature, and the element as it is without. */
  readonly signed: string;
  readonly signature: string;
  readonly bare: string;
}

function partsOf(signed: string): Parts {
  const signature = childrenOf(readXml(signed), DS, 'Signature').map(elementText)[0] ?? '';
  const bare = signed.replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, '');
  return { signed, signature, bare };
}

/** Puts `xml` behind the Issuer of the forged message, or at its end. */
const into = (forged: string, xml: string): string =>
  forged.replace('</saml:Issuer>', () => `</saml:Issuer>${xml}`);
const atEnd = (forged: string, xml: string): string => forged.replace(/<\/[\w:]+>$/, (end) => `${xml}${end}`);
const inSignature = (signature: string, xml: string): string =>
  signature.replace('</ds:Signature>', () => `${xml}</ds:Signature>`);
const around = (...inner: string[]): string =>
  `<samlp:Response xmlns:samlp="${SAMLP}" ID="_around">${inner.join('')}</samlp:Response>`;

/**
 * The eight variants of Somorovsky et al., "On Breaking SAML" (2012): somebody else's signed element carried along in
 * a forged document.
 * @param signed with the ID `_good`.
 */
export function wrappings(
  kind: string,
  signed: string,
  forgery = (id: string): string => message(kind, id, 'evil'),
): Record<string, string> {
  const { signature, bare } = partsOf(signed);
  const forged = (id = '_evil'): string => forgery(id);
  return {
    XSW1: into(forged(), inSignature(signature, bare)),
    XSW2: into(forged(), `${bare}${signature}`),
    XSW3: around(forged(), signed),
    XSW4: atEnd(forged(), signed),
    XSW5: around(into(forged(), signature), bare),
    XSW6: around(into(forged(), inSignature(signature, bare))),
    XSW7: around(`<samlp:Extensions>${forged('_good')}</samlp:Extensions>`, signed),
    XSW8: around(into(forged(), inSignature(signature, `<ds:Object>${bare}</ds:Object>`))),
  };
}

/** Every element of a document, the root first. */
export const everyElement = (element: Element): Element[] => [
  element,
  ...elementsOf(element).flatMap(everyElement),
];
