/** An AuthnRequest as a service provider sends it, each with an ID of its own. */

export function authnRequest({
  issuer,
  destination,
  acs,
}: {
  readonly issuer: string;
  readonly destination: string;
  readonly acs: string;
}): { readonly id: string; readonly xml: string } {
  const id = `_${crypto.randomUUID()}`;
  const xml = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${destination}" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" AssertionConsumerServiceURL="${acs}"><saml:Issuer>${issuer}</saml:Issuer><samlp:NameIDPolicy Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress" AllowCreate="true"/></samlp:AuthnRequest>`;
  return { id, xml };
}
