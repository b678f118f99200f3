/** AuthnRequests as an attacker writes them, and as their provider signs them. */
import { sign } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { signXml } from '../../src/xml/xml-signature.ts';
import type { SamlClientFields } from './service-provider.ts';
import { SAML, SAMLP } from './xml-messages.ts';
import type { XmlIdentity } from './xml-tools.ts';

export interface RequestParts {
  readonly id?: string;
  readonly issuer?: string;
  readonly attributes?: string;
  readonly children?: string;
  /** Before the root. */
  readonly head?: string;
}

/** A request that the client's provider could have sent, but for the parts. */
export const requestXml = (
  { sp_entity_id, sso_url }: SamlClientFields,
  {
    id = `_${crypto.randomUUID()}`,
    issuer = sp_entity_id,
    attributes,
    children = '',
    head = '',
  }: RequestParts = {},
): string =>
  `${head}<samlp:AuthnRequest xmlns:samlp="${SAMLP}" xmlns:saml="${SAML}" ID="${id}" Version="2.0" IssueInstant="${new Date().toISOString()}" ${attributes ?? `Destination="${sso_url}"`}><saml:Issuer>${issuer}</saml:Issuer>${children}</samlp:AuthnRequest>`;

export const idOf = (xml: string): string => / ID="([^"]+)"/.exec(xml)?.[1] ?? '';

export const signedXml = (xml: string, by: XmlIdentity): Promise<string> =>
  signXml(xml, { id: idOf(xml), privateKey: by.key, certificate: by.certificate, algorithm: 'rsa-sha256' });

export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';

/** The parameters of the Redirect binding, as they stand in the query, in the order in which they are signed. */
export function signedQuery(
  xml: string,
  by: XmlIdentity,
  {
    relayState,
    algorithm = RSA_SHA256,
    hash = 'sha256',
  }: { relayState?: string; algorithm?: string; hash?: string } = {},
): string {
  const octets = [
    `SAMLRequest=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`,
    ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
    `SigAlg=${encodeURIComponent(algorithm)}`,
  ].join('&');
  return `${octets}&Signature=${encodeURIComponent(sign(hash, Buffer.from(octets), by.key).toString('base64'))}`;
}
