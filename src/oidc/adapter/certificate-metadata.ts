/** Shows a client's certificate settings to the engine as RFC 8705 metadata. */
import { authenticationMethod, type Jwk, type OidcClient } from '../../clients/client.ts';
import { readCertificate } from '../../keys/certificate-text.ts';

/** The engine compares thumbprints: of each key only its own certificate counts, and the key is the certificate's. */
function certificateKey({ x5c }: Jwk): Jwk[] {
  const first: unknown = Array.isArray(x5c) ? x5c[0] : undefined;
  const certificate = typeof first === 'string' ? readCertificate(first) : undefined;
  if (!certificate) return [];
  return [{ ...certificate.publicKey.export({ format: 'jwk' }), x5c: [certificate.raw.toString('base64')] }];
}

/** RFC 8705 sections 2.1.2, 2.2.2 and 3.4. */
export function certificateMetadata(client: OidcClient): Record<string, unknown> {
  const { jwks, tls_client_auth: tls, isMtlsCertTokenBound } = client.settings.authentication_configuration;
  const method = authenticationMethod(client);
  return {
    ...(method === 'self_signed_tls_client_auth' && {
      jwks: { keys: (jwks?.keys ?? []).flatMap(certificateKey) },
    }),
    ...(method === 'tls_client_auth' && { tls_client_auth_subject_dn: tls?.distinguished_name }),
    ...(isMtlsCertTokenBound === true && { tls_client_certificate_bound_access_tokens: true }),
  };
}
