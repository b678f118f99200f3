/** Metadata of the identity provider that each SAML client and service provider sees (SAML metadata 2.4.3, contract/saml.md 1.4), signed. */
import type { SamlClient } from '../clients/client.ts';
import { samlEndpoints } from '../clients/saml-client.ts';
import { signXml } from '../xml/xml-signature.ts';
import { fill, instant, newMessageId } from './message.ts';
import type { ResponseSigner } from './response.ts';
import { NAME_ID, POST_BINDING, REDIRECT_BINDING } from './saml-names.ts';
import { formatOf } from './subject.ts';

/** Within this time providers read it again, and so see the next certificate before it signs. */
const VALID_DAYS = 7;
const CACHE_SECONDS = 3600;
export const METADATA_TYPE = 'application/samlmetadata+xml; charset=utf-8';
const BINDINGS = [REDIRECT_BINDING, POST_BINDING];
const CONTENT = '<content/>';

const ENTITY = `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="{ID}" entityID="{EntityId}" validUntil="{ValidUntil}" cacheDuration="PT${CACHE_SECONDS}S"><md:IDPSSODescriptor WantAuthnRequestsSigned="{WantsSigned}" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${CONTENT}</md:IDPSSODescriptor></md:EntityDescriptor>`;
const KEY =
  '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>{Certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>';
const SERVICE = '<md:{Service} Binding="{Binding}" Location="{Location}"/>';
const NAME_ID_FORMAT = '<md:NameIDFormat>{Format}</md:NameIDFormat>';

const bare = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s/g, '');

const services = (service: 'SingleLogoutService' | 'SingleSignOnService', location: string): string =>
  BINDINGS.map((binding) =>
    fill(SERVICE.replace('{Service}', service), { Binding: binding, Location: location }),
  ).join('');

interface Means {
  /** PEM: the one that signs now, and those of a change that is under way. */
  readonly certificates: readonly string[];
  readonly signer: ResponseSigner;
  readonly now: Date;
}

export function metadataOf(
  { clientId, settings }: SamlClient,
  { origin, ...means }: Means & { origin: string },
): Promise<string> {
  const formats = new Set([formatOf(settings.sp_name_id_type), NAME_ID.persistent, NAME_ID.transient]);
  const wantsSigned = settings.want_authn_requests_signed;
  return signedMetadata({ ...samlEndpoints(origin, clientId), wantsSigned, formats: [...formats] }, means);
}

/** What an identity provider says of itself. */
export interface Described {
  readonly entityId: string;
  readonly ssoUrl: string;
  /** Absent where there is no single logout. */
  readonly sloUrl?: string;
  readonly wantsSigned: boolean;
  readonly formats: readonly string[];
}

export function signedMetadata(
  { entityId, ssoUrl, sloUrl, wantsSigned, formats }: Described,
  { certificates, signer, now }: Means,
): Promise<string> {
  const id = newMessageId();
  const head = fill(ENTITY, {
    ID: id,
    EntityId: entityId,
    ValidUntil: instant(new Date(now.getTime() + VALID_DAYS * 86_400_000)),
    WantsSigned: String(wantsSigned),
  });
  const content = [
    ...certificates.map((pem) => fill(KEY, { Certificate: bare(pem) })),
    sloUrl === undefined ? '' : services('SingleLogoutService', sloUrl),
    ...formats.map((format) => fill(NAME_ID_FORMAT, { Format: format })),
    services('SingleSignOnService', ssoUrl),
  ].join('');
  return signXml(
    head.replace(CONTENT, () => content),
    { id, ...signer },
  );
}
