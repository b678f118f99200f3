/** A SAML identity provider of an organization: reads our request, and answers it as it is told, honestly or not. */
import { inflateRawSync } from 'node:zlib';
import { attributeOf, childOf, readXml, textOf } from '../../src/xml/read-xml.ts';
import { signXml } from '../../src/xml/xml-signature.ts';
import type { Page } from './browser.ts';
import { SAML, SAMLP } from './xml-messages.ts';
import type { XmlIdentity } from './xml-tools.ts';

/** What an AuthnRequest of ours says. */
export interface Asked {
  readonly id: string;
  readonly issuer: string;
  readonly acs: string;
  readonly destination: string;
}

export function askedAt(page: Page): Asked {
  const inForm = page.forms.find(({ fields }) => 'SAMLRequest' in fields)?.fields.SAMLRequest;
  const inQuery = page.url.searchParams.get('SAMLRequest');
  if (inForm === undefined && inQuery === null)
    throw new Error(`no SAMLRequest at ${page.url.pathname} (${page.status}):\n${page.html.slice(0, 1500)}`);
  const bytes = Buffer.from(inForm ?? inQuery ?? '', 'base64');
  const root = readXml((inForm === undefined ? inflateRawSync(bytes) : bytes).toString('utf8'));
  const issuer = childOf(root, SAML, 'Issuer');
  return {
    id: attributeOf(root, 'ID') ?? '',
    issuer: issuer ? textOf(issuer) : '',
    acs: attributeOf(root, 'AssertionConsumerServiceURL') ?? '',
    destination: attributeOf(root, 'Destination') ?? '',
  };
}

const at = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/** Everything of a response; an honest one is made of what was asked. */
export interface Said {
  readonly nameId: string;
  readonly issuer: string;
  readonly responseIssuer: string;
  readonly destination: string;
  readonly recipient: string;
  readonly audience: string;
  readonly inResponseTo: string;
  readonly subjectInResponseTo: string;
  /** Seconds from now. */
  readonly notBefore: number;
  readonly notOnOrAfter: number;
  readonly confirmationEnd: number;
  readonly status: string;
  readonly assertionId: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly sign: 'assertion' | 'response' | 'both' | 'none';
  readonly conditions: string;
  /** Laid over the XML before the response is signed. */
  readonly change: (assertion: string) => string;
}

export class IdentityProvider {
  readonly entityId: string;
  readonly keys: XmlIdentity;
  constructor(entityId: string, keys: XmlIdentity) {
    this.entityId = entityId;
    this.keys = keys;
  }

  /** The XML of an answer to what was asked. */
  async answer(asked: Asked, nameId: string, said: Partial<Said> = {}): Promise<string> {
    const all: Said = {
      nameId,
      issuer: this.entityId,
      responseIssuer: this.entityId,
      destination: asked.acs,
      recipient: asked.acs,
      audience: asked.issuer,
      inResponseTo: asked.id,
      subjectInResponseTo: asked.id,
      notBefore: -5,
      notOnOrAfter: 300,
      confirmationEnd: 300,
      status: SUCCESS,
      assertionId: `_${crypto.randomUUID()}`,
      attributes: {},
      sign: 'assertion',
      conditions: '',
      change: (assertion) => assertion,
      ...said,
    };
    const signsAssertion = all.sign === 'assertion' || all.sign === 'both';
    const plain = assertionOf(all);
    const assertion = all.change(signsAssertion ? await this.sign(plain, all.assertionId) : plain);
    const response = responseOf(all, assertion);
    return all.sign === 'response' || all.sign === 'both' ? this.sign(response, '_response') : response;
  }

  sign(xml: string, id: string): Promise<string> {
    const { key, certificate } = this.keys;
    return signXml(xml, { id, privateKey: key, certificate, algorithm: 'rsa-sha256' });
  }
}

const statementOf = (attributes: Said['attributes']): string =>
  Object.entries(attributes)
    .map(
      ([name, values]) =>
        `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`,
    )
    .join('');

const assertionOf = (s: Said): string =>
  `<saml:Assertion xmlns:saml="${SAML}" ID="${s.assertionId}" Version="2.0" IssueInstant="${at(0)}"><saml:Issuer>${s.issuer}</saml:Issuer><saml:Subject><saml:NameID>${s.nameId}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData InResponseTo="${s.subjectInResponseTo}" Recipient="${s.recipient}" NotOnOrAfter="${at(s.confirmationEnd)}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="${at(s.notBefore)}" NotOnOrAfter="${at(s.notOnOrAfter)}"><saml:AudienceRestriction><saml:Audience>${s.audience}</saml:Audience></saml:AudienceRestriction>${s.conditions}</saml:Conditions><saml:AuthnStatement AuthnInstant="${at(0)}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement>${statementOf(s.attributes)}</saml:AttributeStatement></saml:Assertion>`;

const responseOf = (s: Said, content: string): string =>
  `<samlp:Response xmlns:samlp="${SAMLP}" xmlns:saml="${SAML}" ID="_response" Version="2.0" IssueInstant="${at(0)}" Destination="${s.destination}" InResponseTo="${s.inResponseTo}"><saml:Issuer>${s.responseIssuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${s.status}"/></samlp:Status>${content}</samlp:Response>`;
