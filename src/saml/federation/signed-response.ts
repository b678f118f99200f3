/** What a response says that an identity provider has signed: the only part of the document that is believed. */
import { invalid } from '../../base/errors.ts';
import { attributeOf, childrenOf, readXml } from '../../xml/read-xml.ts';
import { SignatureFault, signatureOf, verifiedElement } from '../../xml/xml-signature.ts';
import { type MessageHead, readHead } from '../authn-request.ts';
import { withReason } from '../request-trust.ts';
import { ASSERTION, PROTOCOL } from '../saml-names.ts';

export interface SignedResponse {
  /** Signed or not: nothing in it lets anybody in, it can only keep somebody out. */
  readonly head: MessageHead & { readonly inResponseTo: string | undefined };
  readonly isResponseSigned: boolean;
  /** Value of the top status code. */
  readonly status: string;
  /** Read from the signed octets; absent where the status is another than success. */
  readonly assertion: Element | undefined;
}

/** Reads the form's XML, checking the signature with the configured certificates. @throws 400 with the reason */
export function readSignedResponse(xml: string, certificates: readonly string[]): SignedResponse {
  return withReason(() => {
    const root = readXml(xml);
    if (root.namespaceURI !== PROTOCOL || root.localName !== 'Response')
      throw invalid('The message is not a Response of SAML 2.0');
    const isResponseSigned = signatureOf(root) !== undefined;
    const response = isResponseSigned ? verifiedElement(root, root, certificates) : root;
    const claimed = onlyAssertionOf(response);
    return {
      head: { ...readHead(response, 'Response'), inResponseTo: attributeOf(response, 'InResponseTo') },
      isResponseSigned,
      status: statusOf(response),
      assertion:
        claimed === undefined || isResponseSigned ? claimed : signedAlone(response, claimed, certificates),
    };
  });
}

function signedAlone(response: Element, claimed: Element, certificates: readonly string[]): Element {
  if (!signatureOf(claimed))
    throw new SignatureFault('neither the Response nor its Assertion is signed; one of them has to be');
  return verifiedElement(response, claimed, certificates);
}

function onlyAssertionOf(response: Element): Element | undefined {
  // We publish no key to encrypt to, so it is not meant for us; and what cannot be read cannot be checked.
  if (childrenOf(response, ASSERTION, 'EncryptedAssertion').length > 0)
    throw invalid('The Response has an encrypted assertion, which is not supported: turn the encryption off');
  const found = childrenOf(response, ASSERTION, 'Assertion');
  if (found.length > 1) throw invalid(`The Response must have one Assertion, not ${found.length}`);
  return found[0];
}

function statusOf(response: Element): string {
  const [status, ...more] = childrenOf(response, PROTOCOL, 'Status');
  const codes = status && more.length === 0 ? childrenOf(status, PROTOCOL, 'StatusCode') : [];
  const [code] = codes;
  if (!code || codes.length > 1) throw invalid('The Response must have one Status with one StatusCode');
  return attributeOf(code, 'Value') ?? '';
}
