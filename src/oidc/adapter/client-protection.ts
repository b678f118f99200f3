/** Shows the engine which protections a client's settings ask for: PAR, bound tokens, signing algorithms. */
import type { OidcClientSettings } from '../../clients/client.ts';

/** RFC 7591 metadata of a client, FAPI or not: every token of a FAPI client is bound, to its certificate or to a key. */
export function protectionMetadata(settings: OidcClientSettings): Record<string, unknown> {
  const isFapi = settings.fapi_version_compliancy;
  const isBoundToCertificate = settings.authentication_configuration.isMtlsCertTokenBound === true;
  return {
    require_pushed_authorization_requests: settings.enforce_par || isFapi,
    introspection_signed_response_alg: isFapi ? 'PS256' : 'RS256',
    ...(isFapi && { id_token_signed_response_alg: 'PS256', dpop_bound_access_tokens: !isBoundToCertificate }),
  };
}
