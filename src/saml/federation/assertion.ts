/** Whether a signed assertion is meant for this sign-in (SAML profiles 4.1.4.3), and whom it names. */
import { invalid } from '../../base/errors.ts';
import { attributeOf, childrenOf, elementsOf, textOf } from '../../xml/read-xml.ts';
import { readHead, readInstant } from '../authn-request.ts';
import { ASSERTION, SUCCESS } from '../saml-names.ts';
import type { SignedResponse } from './signed-response.ts';

/** Seconds by which the clocks of both sides may differ. */
const SKEW_SECONDS = 60;
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
/** SAML core 2.5.1: a condition that is not understood makes the assertion worth nothing. */
const CONDITIONS = ['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'];

export interface Expected {
  /** Entity ID of the identity provider. */
  readonly issuer: string;
  /** Our entity ID. */
  readonly audience: string;
  /** Where the answer may have been sent to. */
  readonly recipients: readonly string[];
  readonly requestId: string;
  readonly now: Date;
}

export interface Subject {
  readonly assertionId: string;
  /** Undefined where the subject is named in another way. */
  readonly nameId: string | undefined;
  /** Every value of this attribute, in whatever statement it stands. */
  values(attribute: string): readonly string[];
}

/** @throws 400 saying which check failed. */
export function acceptedSubject(response: SignedResponse, expected: Expected): Subject {
  assertResponse(response, expected);
  const { assertion } = response;
  if (!assertion) throw invalid('The Response has no Assertion');
  const head = readHead(assertion, 'Assertion');
  if (head.issuer !== expected.issuer)
    throw invalid('The Issuer of the Assertion is not the identity provider of this organization');
  assertNotFuture(head.issueInstant, expected, 'The IssueInstant of the Assertion');
  assertConditions(one(assertion, 'Conditions'), expected);
  assertStatements(assertion, expected);
  const subject = one(assertion, 'Subject');
  if (!childrenOf(subject, ASSERTION, 'SubjectConfirmation').some((each) => confirms(each, expected)))
    throw invalid(
      'No SubjectConfirmation is a bearer one for this sign-in: compare Recipient, InResponseTo and NotOnOrAfter',
    );
  const [nameId, ...more] = childrenOf(subject, ASSERTION, 'NameID');
  return {
    assertionId: head.id,
    nameId: nameId && more.length === 0 ? textOf(nameId).trim() : undefined,
    values: (attribute) => valuesOf(assertion, attribute),
  };
}

function assertResponse({ head, isResponseSigned, status }: SignedResponse, expected: Expected): void {
  if (head.issuer !== expected.issuer)
    throw invalid('The Issuer of the Response is not the identity provider of this organization');
  // SAML bindings 3.5.5.2: a signed message says where it goes.
  const { destination } = head;
  if (destination === undefined ? isResponseSigned : !expected.recipients.includes(destination))
    throw invalid('The Destination of the Response is not the assertion consumer URL at which it came in');
  if (head.inResponseTo !== expected.requestId)
    throw invalid('The Response does not answer the request of this sign-in (InResponseTo)');
  assertNotFuture(head.issueInstant, expected, 'The IssueInstant of the Response');
  if (status !== SUCCESS)
    throw invalid('The identity provider did not sign the user in (status of the Response)');
}

function assertConditions(conditions: Element, expected: Expected): void {
  assertWithin(conditions, expected, 'The Assertion');
  for (const { namespaceURI, localName } of elementsOf(conditions))
    if (namespaceURI !== ASSERTION || !CONDITIONS.includes(localName))
      throw invalid('The Assertion has a condition that is not known');
  const restrictions = childrenOf(conditions, ASSERTION, 'AudienceRestriction');
  // All of them have to hold, and of each any one audience.
  const isMeant = restrictions.every((each) =>
    childrenOf(each, ASSERTION, 'Audience').some((audience) => textOf(audience).trim() === expected.audience),
  );
  if (restrictions.length === 0 || !isMeant)
    throw invalid('The Assertion is meant for another service provider (Audience)');
}

function assertStatements(assertion: Element, { now }: Expected): void {
  const statements = childrenOf(assertion, ASSERTION, 'AuthnStatement');
  if (statements.length === 0) throw invalid('The Assertion has no AuthnStatement: nobody signed in');
  for (const statement of statements) {
    const end = attributeOf(statement, 'SessionNotOnOrAfter');
    if (end !== undefined && isOver(readInstant(end, 'SessionNotOnOrAfter'), now))
      throw invalid('The session at the identity provider is over (SessionNotOnOrAfter)');
  }
}

function confirms(confirmation: Element, expected: Expected): boolean {
  const [found, ...more] = childrenOf(confirmation, ASSERTION, 'SubjectConfirmationData');
  if (attributeOf(confirmation, 'Method') !== BEARER || !found || more.length > 0) return false;
  const [begin, end] = [attributeOf(found, 'NotBefore'), attributeOf(found, 'NotOnOrAfter')];
  return (
    expected.recipients.includes(attributeOf(found, 'Recipient') ?? '') &&
    attributeOf(found, 'InResponseTo') === expected.requestId &&
    end !== undefined &&
    !isOver(readInstant(end, 'NotOnOrAfter'), expected.now) &&
    (begin === undefined || !isAhead(readInstant(begin, 'NotBefore'), expected.now))
  );
}

function assertWithin(element: Element, { now }: Expected, what: string): void {
  const [begin, end] = [attributeOf(element, 'NotBefore'), attributeOf(element, 'NotOnOrAfter')];
  if (begin !== undefined && isAhead(readInstant(begin, 'NotBefore'), now))
    throw invalid(`${what} is not valid yet (NotBefore): compare the clocks of both sides`);
  if (end !== undefined && isOver(readInstant(end, 'NotOnOrAfter'), now))
    throw invalid(`${what} is not valid any more (NotOnOrAfter): start again at the application`);
}

function assertNotFuture(instant: Date, { now }: Expected, what: string): void {
  if (isAhead(instant, now)) throw invalid(`${what} lies in the future: compare the clocks of both sides`);
}

const isAhead = (instant: Date, now: Date): boolean =>
  instant.getTime() > now.getTime() + SKEW_SECONDS * 1000;
const isOver = (instant: Date, now: Date): boolean =>
  instant.getTime() <= now.getTime() - SKEW_SECONDS * 1000;

function one(assertion: Element, name: string): Element {
  const [found, ...more] = childrenOf(assertion, ASSERTION, name);
  if (!found || more.length > 0) throw invalid(`The Assertion must have one ${name}`);
  return found;
}

function valuesOf(assertion: Element, name: string): string[] {
  return childrenOf(assertion, ASSERTION, 'AttributeStatement')
    .flatMap((statement) => childrenOf(statement, ASSERTION, 'Attribute'))
    .filter((attribute) => attributeOf(attribute, 'Name') === name)
    .flatMap((attribute) => childrenOf(attribute, ASSERTION, 'AttributeValue'))
    .map((value) => textOf(value).trim());
}
