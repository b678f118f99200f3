/** A LogoutResponse of a service provider as it is read (SAML core 3.7.2). */
import { invalid } from '../base/errors.ts';
import { attributeOf, childOf, elementsOf } from '../xml/read-xml.ts';
import { type MessageHead, readHead } from './authn-request.ts';
import { PROTOCOL, SUCCESS } from './saml-names.ts';

export interface LogoutAnswer extends MessageHead {
  readonly inResponseTo: string;
  /** The whole of it: not a part, and not an error. */
  readonly isDone: boolean;
}

/** @param root of a document that was read distrustfully, or of the part of it that was signed. @throws 400 */
export function readLogoutAnswer(root: Element): LogoutAnswer {
  if (root.namespaceURI !== PROTOCOL || root.localName !== 'LogoutResponse')
    throw invalid('The message is not a LogoutResponse of SAML 2.0');
  const inResponseTo = attributeOf(root, 'InResponseTo');
  if (inResponseTo === undefined) throw invalid('The LogoutResponse has no InResponseTo');
  return { ...readHead(root, 'LogoutResponse'), inResponseTo, isDone: isSuccess(root) };
}

function isSuccess(root: Element): boolean {
  const status = childOf(root, PROTOCOL, 'Status');
  const code = status && childOf(status, PROTOCOL, 'StatusCode');
  if (!code) throw invalid('The LogoutResponse has no StatusCode');
  // A second level says what is missing, such as PartialLogout.
  return attributeOf(code, 'Value') === SUCCESS && elementsOf(code).length === 0;
}
