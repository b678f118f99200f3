/** A LogoutRequest as it is read (SAML core 3.7.1): typed fields, nothing decided yet. */
import { invalid } from '../base/errors.ts';
import { attributeOf, childOf, childrenOf, textOf } from '../xml/read-xml.ts';
import { type MessageHead, readHead, readInstant } from './authn-request.ts';
import { ASSERTION, NAME_ID, PROTOCOL } from './saml-names.ts';
import type { NameId } from './subject.ts';

export interface LogoutRequest extends MessageHead {
  readonly notOnOrAfter: Date | undefined;
  readonly nameId: NameId;
  /** Empty: every session of this name. */
  readonly sessionIndexes: readonly string[];
}

/** One browser has few sessions; each costs a look-up. */
const MAX_INDEXES = 20;

/** @param root of a document that was read distrustfully, or of the part of it that was signed. @throws 400 */
export function readLogoutRequest(root: Element): LogoutRequest {
  if (root.namespaceURI !== PROTOCOL || root.localName !== 'LogoutRequest')
    throw invalid('The message is not a LogoutRequest of SAML 2.0');
  const end = attributeOf(root, 'NotOnOrAfter');
  const indexes = childrenOf(root, PROTOCOL, 'SessionIndex').map((element) => textOf(element).trim());
  if (indexes.length > MAX_INDEXES)
    throw invalid(`The LogoutRequest has more than ${MAX_INDEXES} elements SessionIndex`);
  return {
    ...readHead(root, 'LogoutRequest'),
    notOnOrAfter: end === undefined ? undefined : readInstant(end, 'The NotOnOrAfter of the LogoutRequest'),
    nameId: readNameId(root),
    sessionIndexes: [...new Set(indexes)],
  };
}

function readNameId(root: Element): NameId {
  const element = childOf(root, ASSERTION, 'NameID');
  if (!element)
    throw invalid('The LogoutRequest has no NameID; a user is not found by BaseID or EncryptedID here');
  const nameQualifier = attributeOf(element, 'NameQualifier');
  const spNameQualifier = attributeOf(element, 'SPNameQualifier');
  return {
    value: textOf(element).trim(),
    // SAML core 2.2.2.
    format: attributeOf(element, 'Format') ?? NAME_ID.unspecified,
    ...(nameQualifier !== undefined && { nameQualifier }),
    ...(spNameQualifier !== undefined && { spNameQualifier }),
  };
}
