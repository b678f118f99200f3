/** Decides whether whoever presents a token holds the certificate it is bound to (RFC 8705 sections 3 and 7.1). */
import { hash, type X509Certificate } from 'node:crypto';
import { authenticationMethod, type OidcClient } from '../../clients/client.ts';
import type { AccessTokenClaims } from '../verified-token.ts';

const BOUND_BY_AUTHENTICATION = ['self_signed_tls_client_auth', 'tls_client_auth'];

export const thumbprint = ({ raw }: X509Certificate): string => hash('sha256', raw, 'base64url');

/** A token without a binding may be used over any connection. */
export function holdsCertificate(
  { cnf }: Pick<AccessTokenClaims, 'cnf'>,
  certificate: X509Certificate | undefined,
): boolean {
  const bound = cnf?.['x5t#S256'];
  return bound === undefined || (certificate !== undefined && thumbprint(certificate) === bound);
}

/**
 * The thumbprint a new refresh token is tied to. Clients with mutual TLS prove a registered certificate at every use, so
 * they may renew it (section 7.1). The secret or assertion of the others says nothing about the certificate (R50).
 */
export function refreshTokenBinding(client: OidcClient, certificate: X509Certificate): string | undefined {
  if (client.settings.authentication_configuration.isMtlsCertTokenBound !== true) return undefined;
  const provesCertificate = BOUND_BY_AUTHENTICATION.includes(authenticationMethod(client));
  return provesCertificate ? undefined : thumbprint(certificate);
}
