/** Metadata of service providers, shaped as well-known programs write it. */

export const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
const BINDING = 'urn:oasis:names:tc:SAML:2.0:bindings:';
export const POST = `${BINDING}HTTP-POST`;
export const REDIRECT = `${BINDING}HTTP-Redirect`;
const SAML2 = 'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"';

/** The base64 between the lines of a PEM. */
export const bare = (pem: string): string => pem.replace(/-----[A-Z ]+-----|\s/g, '');

const key = (pem: string, use?: string): string =>
  `<md:KeyDescriptor${use === undefined ? '' : ` use="${use}"`}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${bare(pem)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;

export interface Wishes {
  readonly entityId?: string;
  /** Of the EntityDescriptor. */
  readonly attributes?: string;
  readonly role?: string;
  readonly keys?: string;
  readonly inside?: string;
  readonly acs?: string;
}

export const acs = (url: string, index = 0, more = ''): string =>
  `<md:AssertionConsumerService Binding="${POST}" Location="${url}" index="${index}"${more}/>`;

/** The least that is metadata of a provider, with more laid over it. */
export const entity = ({
  entityId = 'https://sp.example.com/metadata',
  attributes = '',
  role = '',
  keys = '',
  inside = '',
  acs: consumers = acs('https://sp.example.com/acs'),
}: Wishes = {}): string =>
  `<md:EntityDescriptor xmlns:md="${MD}" entityID="${entityId}"${attributes}><md:SPSSODescriptor ${SAML2}${role}>${keys}${inside}${consumers}</md:SPSSODescriptor></md:EntityDescriptor>`;

export const entities = (...inner: string[]): string =>
  `<md:EntitiesDescriptor xmlns:md="${MD}">${inner.join('')}</md:EntitiesDescriptor>`;

const format = (name: string): string => `<md:NameIDFormat>${name}</md:NameIDFormat>`;
const logout = (binding: string, url: string): string =>
  `<md:SingleLogoutService Binding="${binding}" Location="${url}"/>`;
const TRANSIENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient';
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';
const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

/** As `mellon_create_metadata`: one key for both uses, in lines; bindings of which we speak some. */
export const mellon = (pem: string): string => `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<EntityDescriptor entityID="https://app.example.com/mellon/metadata" xmlns="${MD}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
  <SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" ${SAML2}>
    <KeyDescriptor use="signing">
      <ds:KeyInfo><ds:X509Data>
        <ds:X509Certificate>${bare(pem).replace(/.{64}/g, '$&\n')}</ds:X509Certificate>
      </ds:X509Data></ds:KeyInfo>
    </KeyDescriptor>
    <KeyDescriptor use="encryption">
      <ds:KeyInfo><ds:X509Data>
        <ds:X509Certificate>
${bare(pem)}
        </ds:X509Certificate>
      </ds:X509Data></ds:KeyInfo>
    </KeyDescriptor>
    <SingleLogoutService Binding="${BINDING}SOAP" Location="https://app.example.com/mellon/logout" />
    <SingleLogoutService Binding="${REDIRECT}" Location="https://app.example.com/mellon/logout" />
    <NameIDFormat>${TRANSIENT}</NameIDFormat>
    <AssertionConsumerService index="1" Binding="${BINDING}HTTP-Artifact" Location="https://app.example.com/mellon/artifactResponse" />
    <AssertionConsumerService index="0" isDefault="true" Binding="${POST}" Location="https://app.example.com/mellon/postResponse" />
    <AssertionConsumerService index="2" Binding="${BINDING}PAOS" Location="https://app.example.com/mellon/paosResponse" />
  </SPSSODescriptor>
  <Organization><OrganizationName xml:lang="en">App</OrganizationName></Organization>
</EntityDescriptor>
`;

/** As pysaml2's `make_metadata`: prefixes ns0 and ns1, keys without a use. */
export const pysaml2 = (
  pem: string,
): string => `<ns0:EntityDescriptor xmlns:ns0="${MD}" xmlns:ns1="http://www.w3.org/2000/09/xmldsig#" entityID="http://sp.example.com/sp.xml" validUntil="2099-01-01T00:00:00Z"><ns0:Extensions><ns2:SPType xmlns:ns2="https://spid.gov.it/saml-extensions">x</ns2:SPType></ns0:Extensions><ns0:SPSSODescriptor ${SAML2} AuthnRequestsSigned="false" WantAssertionsSigned="true"><ns0:KeyDescriptor><ns1:KeyInfo><ns1:KeyName>k</ns1:KeyName><ns1:X509Data><ns1:X509Certificate>${bare(pem)}
</ns1:X509Certificate></ns1:X509Data></ns1:KeyInfo></ns0:KeyDescriptor><ns0:SingleLogoutService Binding="${POST}" Location="https://sp.example.com/slo/post"/><ns0:NameIDFormat>${PERSISTENT}</ns0:NameIDFormat><ns0:NameIDFormat>${TRANSIENT}</ns0:NameIDFormat><ns0:AssertionConsumerService Binding="${REDIRECT}" Location="https://sp.example.com/acs/redirect" index="1"/><ns0:AssertionConsumerService Binding="${POST}" Location="https://sp.example.com/acs/post" index="2"/></ns0:SPSSODescriptor></ns0:EntityDescriptor>`;

/** As the handler of Shibboleth: a warning before the root, several protocols, keys of two kinds, many bindings. */
export const shibboleth = (
  signing: string,
  encryption: string,
): string => `<?xml version='1.0' encoding='UTF-8'?>
<!--
This is example metadata only. Do *NOT* supply it as is without review,
and do *NOT* provide it in real time to your partners.
 -->
<md:EntityDescriptor xmlns:md="${MD}" ID="_94c0" entityID="https://shib.example.com/shibboleth">
  <md:Extensions xmlns:alg="urn:oasis:names:tc:SAML:metadata:algsupport">
    <alg:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/>
  </md:Extensions>
  <md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol urn:oasis:names:tc:SAML:1.1:protocol">
    <md:Extensions><init:RequestInitiator xmlns:init="urn:oasis:names:tc:SAML:profiles:SSO:request-init" Binding="urn:oasis:names:tc:SAML:profiles:SSO:request-init" Location="https://shib.example.com/Shibboleth.sso/Login"/></md:Extensions>
    ${key(signing, 'signing')}
    ${key(encryption, 'encryption').replace('</md:KeyDescriptor>', '<md:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"/></md:KeyDescriptor>')}
    <md:ArtifactResolutionService Binding="${BINDING}SOAP" Location="https://shib.example.com/Shibboleth.sso/Artifact/SOAP" index="1"/>
    ${logout(`${BINDING}SOAP`, 'https://shib.example.com/Shibboleth.sso/SLO/SOAP')}
    ${logout(REDIRECT, 'https://shib.example.com/Shibboleth.sso/SLO/Redirect')}
    ${logout(POST, 'https://shib.example.com/Shibboleth.sso/SLO/POST')}
    <md:AssertionConsumerService Binding="${POST}" Location="https://shib.example.com/Shibboleth.sso/SAML2/POST" index="1"/>
    <md:AssertionConsumerService Binding="${BINDING}HTTP-POST-SimpleSign" Location="https://shib.example.com/Shibboleth.sso/SAML2/POST-SimpleSign" index="2"/>
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:1.0:profiles:browser-post" Location="https://shib.example.com/Shibboleth.sso/SAML/POST" index="5"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
`;

/** As FederationMetadata.xml of ADFS: roles of WS-Federation first, an identity provider beside the service provider. */
export const adfs = (pem: string): string =>
  `<?xml version="1.0"?><EntityDescriptor ID="_0f1e" entityID="http://adfs.example.com/adfs/services/trust" xmlns="${MD}"><RoleDescriptor xsi:type="fed:ApplicationServiceType" protocolSupportEnumeration="http://docs.oasis-open.org/ws-sx/ws-trust/200512" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:fed="http://docs.oasis-open.org/wsfed/federation/200706"><fed:TargetScopes/></RoleDescriptor><SPSSODescriptor WantAssertionsSigned="true" ${SAML2}>${key(pem, 'encryption').replaceAll('md:', '')}${key(pem, 'signing').replaceAll('md:', '')}${logout(REDIRECT, 'https://adfs.example.com/adfs/ls/').replaceAll('md:', '')}${logout(POST, 'https://adfs.example.com/adfs/ls/').replaceAll('md:', '')}${[EMAIL, PERSISTENT, TRANSIENT].map((name) => format(name).replaceAll('md:', '')).join('')}<AssertionConsumerService Binding="${POST}" Location="https://adfs.example.com/adfs/ls/" index="0" isDefault="true"/><AssertionConsumerService Binding="${BINDING}HTTP-Artifact" Location="https://adfs.example.com/adfs/ls/" index="1"/></SPSSODescriptor><IDPSSODescriptor ${SAML2}>${key(pem, 'signing').replaceAll('md:', '')}<SingleSignOnService Binding="${REDIRECT}" Location="https://adfs.example.com/adfs/ls/"/></IDPSSODescriptor></EntityDescriptor>`;

/** As Salesforce's download: one key for both uses, a time until it is good. */
export const salesforce = (pem: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><md:EntityDescriptor xmlns:md="${MD}" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://acme.my.salesforce.com" validUntil="2098-11-24T10:00:00.000Z"><md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true" ${SAML2}>${key(pem, 'signing')}${format(UNSPECIFIED)}${format(EMAIL)}<md:AssertionConsumerService Binding="${POST}" Location="https://acme.my.salesforce.com?so=00D000000000001" index="0" isDefault="true"/></md:SPSSODescriptor></md:EntityDescriptor>`;

export { key };
