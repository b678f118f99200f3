/** What the role of a service provider in its metadata says (SAML metadata 2.4.4). Decides nothing about the values. */
import { invalid } from '../base/errors.ts';
import { readCertificate } from '../keys/certificate-text.ts';
import { attributeOf, childOf, childrenOf, textOf } from '../xml/read-xml.ts';
import type { SamlClientInput } from './client-input.ts';
import type { NAME_ID_TYPES } from './saml-client.ts';

export const METADATA = 'urn:oasis:names:tc:SAML:2.0:metadata';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const POST = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
/** As many as a body may name (contract/saml.md 1.5). */
const MAX_ENDPOINTS = 20;
const MAX_CERTIFICATES = 10;
const MAX_INDEX = 65_535;

type NameIdType = (typeof NAME_ID_TYPES)[number];
const TYPES: ReadonlyMap<string, NameIdType> = new Map([
  ['urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress', 'email'],
  ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', 'persistent'],
  ['urn:oasis:names:tc:SAML:2.0:nameid-format:transient', 'transient'],
]);

export const unusable = (sentence: string): Error => invalid(`sp_metadata: ${sentence}`);
export const shown = (text: string | undefined): string =>
  text === undefined ? 'nothing' : JSON.stringify(text.slice(0, 200));

/** @throws 400 */
export const roleFields = (provider: Element): SamlClientInput => ({
  ...consumersOf(provider),
  ...certificatesOf(provider),
  ...logoutOf(provider),
  ...wishesOf(provider),
  ...nameIdTypeOf(provider),
});

interface Consumer {
  readonly index: number;
  readonly url: string;
  readonly isDefault: boolean;
}

/** The default first: the one that says so, else the one with the lowest index. */
function consumersOf(provider: Element): Pick<SamlClientInput, 'sp_acs_url' | 'sp_acs_endpoints'> {
  const services = withBinding(provider, 'AssertionConsumerService', POST);
  if (services.length > MAX_ENDPOINTS)
    throw unusable(`it has ${services.length} assertion consumer services, more than ${MAX_ENDPOINTS}`);
  const said = services.flatMap((service) => attributeOf(service, 'index') ?? []).map(indexOf);
  const free = [...Array(MAX_ENDPOINTS + said.length).keys()].filter((index) => !said.includes(index));
  const consumers = services.map((service): Consumer => {
    const index = attributeOf(service, 'index');
    return {
      index: index === undefined ? (free.shift() ?? 0) : indexOf(index),
      url: locationOf(service),
      isDefault: isTrue(service, 'isDefault'),
    };
  });
  const [first] = consumers.sort((a, b) => Number(b.isDefault) - Number(a.isDefault) || a.index - b.index);
  if (!first)
    throw unusable(
      'it has no AssertionConsumerService with the HTTP-POST binding, and responses go by no other',
    );
  return { sp_acs_url: first.url, sp_acs_endpoints: consumers.map(({ index, url }) => ({ index, url })) };
}

function indexOf(text: string): number {
  const index = /^\d{1,5}$/.test(text) ? Number(text) : MAX_INDEX + 1;
  if (index > MAX_INDEX) throw unusable(`the index ${shown(text)} must be a number up to ${MAX_INDEX}`);
  return index;
}

const withBinding = (provider: Element, name: string, binding: string): Element[] =>
  childrenOf(provider, METADATA, name).filter((service) => attributeOf(service, 'Binding') === binding);

function locationOf(service: Element): string {
  const location = attributeOf(service, 'Location') ?? '';
  if (location === '') throw unusable(`an ${service.localName} has no Location`);
  return location;
}

function isTrue(element: Element, name: string): boolean {
  return ['true', '1'].includes(attributeOf(element, name) ?? 'false');
}

/** A key without a use is for both. Without one for encryption the first RSA one is encrypted to. */
function certificatesOf(
  provider: Element,
): Pick<SamlClientInput, 'sp_certificates' | 'sp_encryption_certificate'> {
  const keys = childrenOf(provider, METADATA, 'KeyDescriptor').map((key) => ({
    use: attributeOf(key, 'use'),
    pems: pemsOf(key),
  }));
  const of = (...uses: (string | undefined)[]): string[] =>
    keys.filter(({ use }) => uses.includes(use)).flatMap(({ pems }) => pems);
  const signing = [...new Set(of('signing', undefined))];
  if (signing.length > MAX_CERTIFICATES)
    throw unusable(`it has ${signing.length} signing certificates, more than ${MAX_CERTIFICATES}`);
  const [encryption] = [...of('encryption'), ...of(undefined)].filter(isRsa);
  return { sp_certificates: signing, sp_encryption_certificate: encryption ?? '' };
}

/** The first certificate of each X509Data is that of the key (XML Signature 4.5.4); others would be its issuers. */
function pemsOf(key: Element): string[] {
  const keyInfo = childOf(key, DSIG, 'KeyInfo');
  const groups = keyInfo ? childrenOf(keyInfo, DSIG, 'X509Data') : [];
  return groups
    .flatMap((group) => childrenOf(group, DSIG, 'X509Certificate').slice(0, 1))
    .map((element) => {
      const certificate = readCertificate(textOf(element));
      if (!certificate) throw unusable('an X509Certificate cannot be read');
      return certificate.toString();
    });
}

const isRsa = (pem: string): boolean => readCertificate(pem)?.publicKey.asymmetricKeyType === 'rsa';

function logoutOf(provider: Element): Pick<SamlClientInput, 'sp_slo_url' | 'sp_slo_binding'> {
  for (const [binding, uri] of [
    ['redirect', REDIRECT],
    ['post', POST],
  ] as const) {
    const [service] = withBinding(provider, 'SingleLogoutService', uri);
    if (service) return { sp_slo_url: locationOf(service), sp_slo_binding: binding };
  }
  return { sp_slo_url: '' };
}

/** What the metadata does not say stays as it is. */
function wishesOf(provider: Element): Pick<SamlClientInput, 'sign_assertion' | 'want_authn_requests_signed'> {
  const said = (name: string): boolean => attributeOf(provider, name) !== undefined;
  return {
    ...(said('WantAssertionsSigned') && { sign_assertion: isTrue(provider, 'WantAssertionsSigned') }),
    ...(said('AuthnRequestsSigned') && {
      want_authn_requests_signed: isTrue(provider, 'AuthnRequestsSigned'),
    }),
  };
}

function nameIdTypeOf(provider: Element): Pick<SamlClientInput, 'sp_name_id_type'> {
  const formats = childrenOf(provider, METADATA, 'NameIDFormat');
  const types = new Set(formats.flatMap((format) => TYPES.get(textOf(format).trim()) ?? []));
  const [type] = types;
  return type !== undefined && types.size === 1 ? { sp_name_id_type: type } : {};
}
