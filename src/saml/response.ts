/** Builds responses (SAML core 3.3.3, profiles 4.1.4.2): the template, the signatures, the encryption. */
import type { KeyObject } from 'node:crypto';
import type { SamlClient } from '../clients/client.ts';
import { encryptionCertificateOf } from '../clients/saml-client-rules.ts';
import { encryptXml } from '../xml/xml-encryption.ts';
import { type SignatureAlgorithm, signXml } from '../xml/xml-signature.ts';
import { fill, instant, newMessageId } from './message.ts';
import { SUCCESS } from './saml-names.ts';
import type { SamlStatus } from './saml-status.ts';
import type { NameId, SamlAttribute } from './subject.ts';

/** An assertion that has not been used by then is worth nothing (saml.md 1.3). */
const BEARER_SECONDS = 300;

export interface Addressed {
  readonly issuer: string;
  readonly acsUrl: string;
  /** Absent where nobody asked. */
  readonly inResponseTo: string | undefined;
}

export interface SignedIn {
  readonly audience: string;
  readonly nameId: NameId;
  readonly attributes: readonly SamlAttribute[];
  readonly authnContext: string;
  readonly authenticatedAt: Date;
  readonly sessionIndex: string;
  readonly sessionEndsAt: Date | undefined;
}

export interface ResponseSigner {
  readonly privateKey: KeyObject;
  readonly certificate: string;
  readonly algorithm: SignatureAlgorithm;
}

type Settings = Pick<
  SamlClient['settings'],
  | 'sign_assertion'
  | 'encrypt_assertion'
  | 'clock_skew_seconds'
  | 'sp_encryption_certificate'
  | 'sp_certificates'
>;

const NAMESPACES =
  'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"';
/** Stands for what is put in afterwards, as it is. */
const CONTENT = '<content/>';

const RESPONSE = `<samlp:Response ${NAMESPACES} ID="{ID}" InResponseTo="{InResponseTo}" Version="2.0" IssueInstant="{Now}" Destination="{Acs}"><saml:Issuer>{Issuer}</saml:Issuer>${CONTENT}</samlp:Response>`;
const SUCCEEDED = `<samlp:Status><samlp:StatusCode Value="${SUCCESS}"/></samlp:Status>`;
const REFUSED = `<samlp:Status><samlp:StatusCode Value="{Top}">${CONTENT}</samlp:StatusCode><samlp:StatusMessage>{Message}</samlp:StatusMessage></samlp:Status>`;
const SECOND = '<samlp:StatusCode Value="{Second}"/>';

const ASSERTION = `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{ID}" Version="2.0" IssueInstant="{Now}"><saml:Issuer>{Issuer}</saml:Issuer><saml:Subject><saml:NameID Format="{Format}" NameQualifier="{NameQualifier}" SPNameQualifier="{SpNameQualifier}">{NameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="{InResponseTo}" NotOnOrAfter="{End}" Recipient="{Acs}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{Begin}" NotOnOrAfter="{End}"><saml:AudienceRestriction><saml:Audience>{Audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{AuthnInstant}" SessionIndex="{SessionIndex}" SessionNotOnOrAfter="{SessionEnd}"><saml:AuthnContext><saml:AuthnContextClassRef>{Context}</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>${CONTENT}</saml:Assertion>`;
const ATTRIBUTE = `<saml:Attribute Name="{Name}" NameFormat="{NameFormat}" FriendlyName="{FriendlyName}">${CONTENT}</saml:Attribute>`;
const VALUE =
  '<saml:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">{Value}</saml:AttributeValue>';
const BASIC = 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic';

const withContent = (filled: string, content: string): string => filled.replace(CONTENT, () => content);

/** The signed response that says who signed in. */
export async function successResponse(
  addressed: Addressed,
  signedIn: SignedIn,
  { signer, settings, now }: { signer: ResponseSigner; settings: Settings; now: Date },
): Promise<string> {
  const id = newMessageId();
  const plain = assertionOf(id, addressed, signedIn, settings, now);
  const signed = settings.sign_assertion ? await signXml(plain, { id, ...signer }) : plain;
  const content = settings.encrypt_assertion ? await encrypted(signed, settings) : signed;
  return signedResponse(addressed, SUCCEEDED + content, { signer, now });
}

/** The signed response that says why nobody did. */
export function refusalResponse(
  addressed: Addressed,
  status: SamlStatus,
  by: { signer: ResponseSigner; now: Date },
): Promise<string> {
  return signedResponse(addressed, statusOf(status), by);
}

/** The status element of a refusal. */
export function statusOf({ top, second, message }: Pick<SamlStatus, 'top' | 'second' | 'message'>): string {
  const inner = second === undefined ? '' : fill(SECOND, { Second: second });
  return withContent(fill(REFUSED, { Top: top, Message: message }), inner);
}

async function signedResponse(
  { issuer, acsUrl, inResponseTo }: Addressed,
  content: string,
  { signer, now }: { signer: ResponseSigner; now: Date },
): Promise<string> {
  const id = newMessageId();
  const head = fill(RESPONSE, {
    ID: id,
    InResponseTo: inResponseTo,
    Now: instant(now),
    Acs: acsUrl,
    Issuer: issuer,
  });
  return signXml(withContent(head, content), { id, ...signer });
}

function assertionOf(
  id: string,
  { issuer, acsUrl, inResponseTo }: Addressed,
  signedIn: SignedIn,
  { clock_skew_seconds: skew }: Settings,
  now: Date,
): string {
  const { nameId, attributes } = signedIn;
  const filled = fill(ASSERTION, {
    ID: id,
    Now: instant(now),
    Issuer: issuer,
    Format: nameId.format,
    NameQualifier: nameId.nameQualifier,
    SpNameQualifier: nameId.spNameQualifier,
    NameId: nameId.value,
    InResponseTo: inResponseTo,
    Acs: acsUrl,
    Begin: instant(new Date(now.getTime() - skew * 1000)),
    End: instant(new Date(now.getTime() + BEARER_SECONDS * 1000)),
    Audience: signedIn.audience,
    AuthnInstant: instant(signedIn.authenticatedAt),
    SessionIndex: signedIn.sessionIndex,
    SessionEnd: signedIn.sessionEndsAt && instant(signedIn.sessionEndsAt),
    Context: signedIn.authnContext,
  });
  return withContent(filled, statementOf(attributes));
}

/** No list, no statement. */
function statementOf(attributes: readonly SamlAttribute[]): string {
  if (attributes.length === 0) return '';
  return `<saml:AttributeStatement>${attributes.map(attributeOf).join('')}</saml:AttributeStatement>`;
}

function attributeOf({ name, friendly_name, format, values }: SamlAttribute): string {
  const head = fill(ATTRIBUTE, { Name: name, NameFormat: format ?? BASIC, FriendlyName: friendly_name });
  return withContent(head, values.map((value) => fill(VALUE, { Value: value })).join(''));
}

async function encrypted(assertion: string, settings: Settings): Promise<string> {
  const certificate = encryptionCertificateOf(settings);
  if (certificate === undefined) throw new Error('the client was saved without a certificate to encrypt to');
  const content = await encryptXml(assertion, certificate);
  return `<saml:EncryptedAssertion>${content}</saml:EncryptedAssertion>`;
}
