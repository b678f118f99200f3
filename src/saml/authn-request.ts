/** An AuthnRequest as it is read (SAML core 3.4.1): typed fields, nothing decided yet. */
import { invalid } from '../base/errors.ts';
import { attributeOf, childOf, childrenOf, textOf } from '../xml/read-xml.ts';
import { ASSERTION, PROTOCOL } from './saml-names.ts';

export interface AuthnRequest {
  readonly id: string;
  readonly issueInstant: Date;
  readonly destination: string | undefined;
  readonly issuer: string;
  readonly acsUrl: string | undefined;
  readonly acsIndex: number | undefined;
  readonly protocolBinding: string | undefined;
  readonly forceAuthn: boolean;
  readonly isPassive: boolean;
  /** Whom the provider expects to be signed in. */
  readonly subject: string | undefined;
  readonly nameIdFormat: string | undefined;
  readonly spNameQualifier: string | undefined;
  readonly contexts: RequestedContexts | undefined;
}

export interface RequestedContexts {
  readonly comparison: 'exact' | 'minimum' | 'maximum' | 'better';
  readonly classes: readonly string[];
}

/** xs:NCName as far as providers use it. */
const ID = /^[A-Za-z_][\w.-]{0,255}$/;
/** xs:dateTime in UTC (SAML core 1.3.3). */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
/** SAML core 8.3: longer names are none. */
const MAX_TEXT = 1024;
const MAX_CLASSES = 20;
const COMPARISONS = ['exact', 'minimum', 'maximum', 'better'] as const;

/** @param root of a document that was read distrustfully, or of the part of it that was signed. @throws 400 */
export function readAuthnRequest(root: Element): AuthnRequest {
  if (root.namespaceURI !== PROTOCOL || root.localName !== 'AuthnRequest')
    throw invalid('The message is not an AuthnRequest of SAML 2.0');
  const policy = childOf(root, PROTOCOL, 'NameIDPolicy');
  const subject = childOf(root, ASSERTION, 'Subject');
  const nameId = subject && childOf(subject, ASSERTION, 'NameID');
  return {
    ...readHead(root, 'AuthnRequest'),
    acsUrl: short('The AssertionConsumerServiceURL', attributeOf(root, 'AssertionConsumerServiceURL'), 2048),
    acsIndex: readIndex(attributeOf(root, 'AssertionConsumerServiceIndex')),
    protocolBinding: short('The ProtocolBinding', attributeOf(root, 'ProtocolBinding')),
    forceAuthn: readBoolean(root, 'ForceAuthn'),
    isPassive: readBoolean(root, 'IsPassive'),
    subject: nameId && short('The Subject', textOf(nameId)),
    nameIdFormat: policy && short('The Format', attributeOf(policy, 'Format')),
    spNameQualifier: policy && short('The SPNameQualifier', attributeOf(policy, 'SPNameQualifier')),
    contexts: readContexts(root),
  };
}

export interface MessageHead {
  readonly id: string;
  readonly issueInstant: Date;
  readonly destination: string | undefined;
  readonly issuer: string;
}

/** What every message has (SAML core 3.2.1, 3.2.2). @throws 400 */
export function readHead(root: Element, name: string): MessageHead {
  const id = attributeOf(root, 'ID') ?? '';
  if (!ID.test(id)) throw invalid(`The ID of the ${name} is missing, or is no XML ID`);
  if (attributeOf(root, 'Version') !== '2.0') throw invalid(`The Version of the ${name} must be 2.0`);
  const issuer = childOf(root, ASSERTION, 'Issuer');
  if (!issuer) throw invalid(`The ${name} has no Issuer`);
  return {
    id,
    issueInstant: readInstant(attributeOf(root, 'IssueInstant'), `The IssueInstant of the ${name}`),
    destination: attributeOf(root, 'Destination'),
    issuer: textOf(issuer).trim(),
  };
}

/** @throws 400 naming `what` where the text is no time in UTC. */
export function readInstant(text: string | undefined, what: string): Date {
  const date = new Date(text ?? '');
  if (text === undefined || !INSTANT.test(text) || Number.isNaN(date.getTime()))
    throw invalid(`${what} must be a time in UTC, as 2030-01-31T10:00:00Z`);
  return date;
}

/** What is kept while somebody signs in has an end. @throws 400 */
function short<T extends string | undefined>(what: string, text: T, most = MAX_TEXT): T {
  if (text !== undefined && text.length > most) throw invalid(`${what} must have at most ${most} characters`);
  return text;
}

function readBoolean(root: Element, name: string): boolean {
  const text = attributeOf(root, name) ?? 'false';
  if (!['true', 'false', '1', '0'].includes(text)) throw invalid(`${name} must be true or false`);
  return text === 'true' || text === '1';
}

function readIndex(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text)) throw invalid('AssertionConsumerServiceIndex must be a number up to 65535');
  return Number(text);
}

function readContexts(root: Element): RequestedContexts | undefined {
  const requested = childOf(root, PROTOCOL, 'RequestedAuthnContext');
  if (!requested) return undefined;
  const text = attributeOf(requested, 'Comparison') ?? 'exact';
  const comparison = COMPARISONS.find((known) => known === text);
  if (!comparison) throw invalid('The Comparison of RequestedAuthnContext must be one of those of SAML 2.0');
  const elements = childrenOf(requested, ASSERTION, 'AuthnContextClassRef');
  if (elements.length > MAX_CLASSES)
    throw invalid(`RequestedAuthnContext must have at most ${MAX_CLASSES} elements AuthnContextClassRef`);
  const classes = elements.map((element) => short('An AuthnContextClassRef', textOf(element).trim()));
  return { comparison, classes };
}
