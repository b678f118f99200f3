/** Metadata of the identity provider that each SAML client sees (SAML metadata 2.4.3, contract/saml.md 1.4), signed. */
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

/** @param certificates PEM: the one that signs now, and those of a change that is under way. */
export function metadataOf(
  client: SamlClient,
  {
    origin,
    certificates,
    signer,
    now,
  }: {
    origin: string;
    certificates: readonly string[];
    signer: ResponseSigner;
    now: Date;
  },
): Promise<string> {
  const id = newMessageId();
  const { entityId, ssoUrl, sloUrl } = samlEndpoints(origin, client.clientId);
  const head = fill(ENTITY, {
    ID: id,
    EntityId: entityId,
    ValidUntil: instant(new Date(now.getTime() + VALID_DAYS * 86_400_000)),
    WantsSigned: String(client.settings.want_authn_requests_signed),
  });
  const formats = new Set([formatOf(client.settings.sp_name_id_type), NAME_ID.persistent, NAME_ID.transient]);
  const content = [
    ...certificates.map((pem) => fill(KEY, { Certificate: bare(pem) })),
    services('SingleLogoutService', sloUrl),
    ...[...formats].map((format) => fill(NAME_ID_FORMAT, { Format: format })),
    services('SingleSignOnService', ssoUrl),
  ].join('');
  return signXml(
    head.replace(CONTENT, () => content),
    { id, ...signer },
  );
}
