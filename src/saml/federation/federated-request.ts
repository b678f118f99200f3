/** The AuthnRequest with which we send somebody to the identity provider of an organization (SAML core 3.4.1). */
import { deflateRawSync } from 'node:zlib';
import { fill, instant } from '../message.ts';
import { POST_BINDING } from '../saml-names.ts';

// No format is asked for: what the NameID is was settled with the provider when it was configured.
const REQUEST = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{ID}" Version="2.0" IssueInstant="{Now}" Destination="{Destination}" AssertionConsumerServiceURL="{Acs}" ProtocolBinding="${POST_BINDING}"><saml:Issuer>{Issuer}</saml:Issuer></samlp:AuthnRequest>`;

/** Asks for an answer at `acsUrl`; without it (the older form) at the page of the application that the provider was told of. */
export const authnRequest = (
  id: string,
  { ssoUrl, issuer, acsUrl, now }: { ssoUrl: string; issuer: string; acsUrl?: string; now: Date },
): string => fill(REQUEST, { ID: id, Now: instant(now), Destination: ssoUrl, Acs: acsUrl, Issuer: issuer });

/** SAML bindings 3.4.4.1. */
export function redirectTo(ssoUrl: string, request: string): string {
  const url = new URL(ssoUrl);
  url.searchParams.set('SAMLRequest', deflateRawSync(request).toString('base64'));
  return url.href;
}
