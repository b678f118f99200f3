/** What the certificates in a client's authentication settings must fulfil before they are saved (R48, RFC 8705). */
import { createPublicKey, type X509Certificate } from 'node:crypto';
import { holdsPrivateKey, isRoot, MAX_CHAIN, readCertificate, readPem } from '../keys/certificate-text.ts';
import { parseDistinguishedName } from '../keys/distinguished-name.ts';
import type { AuthenticationConfiguration, Jwk, TlsClientAuth } from './client.ts';

const AT = 'authentication_configuration';
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

export const certificateProblems = (auth: AuthenticationConfiguration): string[] => [
  ...(auth.jwks?.keys ?? []).flatMap((key, at) => keyProblems(`${AT}.jwks.keys.${at}`, key)),
  ...selfSignedProblems(auth),
  ...authorityProblems(auth),
];

/** A key may be named by its certificate alone. */
export const isCertificateOnly = (key: Jwk): boolean =>
  hasCertificate(key) && !['kty', 'd', 'k'].some((member) => member in key);

const hasCertificate = ({ x5c }: Jwk): boolean => Array.isArray(x5c) && x5c.length > 0;

function keyProblems(name: string, key: Jwk): string[] {
  if (!hasCertificate(key)) return [];
  const certificates = (key.x5c as unknown[]).map((text) =>
    typeof text === 'string' && !holdsPrivateKey(text) ? readCertificate(text) : undefined,
  );
  const unreadable = certificates.flatMap((certificate, at) =>
    certificate ? [] : [`${name}.x5c.${at} is not a certificate (base64 of its DER form, or PEM)`],
  );
  const [first] = certificates;
  if (unreadable.length > 0 || !first) return unreadable;
  if (!hasUsableKey(first)) return [`${name}.x5c.0 must have an RSA, P-256, P-384, P-521 or Ed25519 key`];
  // RFC 7517 section 4.7: both describe the same key.
  if (key.kty !== undefined && !isKeyOf(key, first))
    return [`${name}.x5c.0 is the certificate of another key than the one beside it`];
  return [];
}

function hasUsableKey({ publicKey }: X509Certificate): boolean {
  if (publicKey.asymmetricKeyType === 'ec')
    return CURVES.includes(publicKey.asymmetricKeyDetails?.namedCurve ?? '');
  return publicKey.asymmetricKeyType === 'rsa' || publicKey.asymmetricKeyType === 'ed25519';
}

function isKeyOf(key: Jwk, certificate: X509Certificate): boolean {
  try {
    return createPublicKey({ key, format: 'jwk' }).equals(certificate.publicKey);
  } catch {
    return false;
  }
}

function selfSignedProblems({ method, jwks }: AuthenticationConfiguration): string[] {
  if (method !== 'self_signed_tls_client_auth') return [];
  const keys = jwks?.keys ?? [];
  if (keys.length === 0) return [`${AT}.jwks is required for ${method}: keys with the certificate in x5c`];
  return keys.every(hasCertificate) ? [] : [`${AT}.jwks must have keys with x5c`];
}

/** Both are needed: without the chain nobody vouches for the certificate, without the name any of them would do. */
function authorityProblems({ method, tls_client_auth: tls = {} }: AuthenticationConfiguration): string[] {
  const at = `${AT}.tls_client_auth`;
  const needed = method === 'tls_client_auth' ? (['certificate_chain', 'distinguished_name'] as const) : [];
  return [
    ...needed
      .filter((name) => (tls[name] ?? '') === '')
      .map((name) => `${at}.${name} is required for ${method}`),
    ...chainProblems(`${at}.certificate_chain`, tls.certificate_chain ?? ''),
    ...nameProblems(`${at}.distinguished_name`, tls.distinguished_name ?? ''),
    ...responderProblems(at, tls),
  ];
}

function chainProblems(name: string, text: string): string[] {
  if (text === '') return [];
  if (holdsPrivateKey(text)) return [`${name} must not hold a private key`];
  const chain = readPem(text);
  if (!chain) return [`${name} must hold certificates in PEM form; one of them cannot be read`];
  if (chain.length > MAX_CHAIN) return [`${name} must not hold more than ${MAX_CHAIN} certificates`];
  if (!chain.some(isRoot))
    return [`${name} must reach up to a root: a self-signed certificate of an authority`];
  return [];
}

const nameProblems = (name: string, text: string): string[] =>
  text === '' || parseDistinguishedName(text)
    ? []
    : [`${name} must be a name as in RFC 4514, such as CN=client,O=Example,C=DE`];

function responderProblems(at: string, tls: TlsClientAuth): string[] {
  const { ocsp_responder_uri: uri = '', ocsp_responder_certificate: certificate = '' } = tls;
  const problems: string[] = [];
  if (uri !== '' && !['http:', 'https:'].includes(URL.parse(uri)?.protocol ?? ''))
    problems.push(`${at}.ocsp_responder_uri must be an http or https URL`);
  if (certificate !== '' && (holdsPrivateKey(certificate) || readPem(certificate)?.length !== 1))
    problems.push(`${at}.ocsp_responder_certificate must hold one certificate in PEM form`);
  return problems;
}
