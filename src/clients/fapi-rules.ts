/** What contradicts the FAPI 2.0 flag in a client's settings (contract/oidc.md 7). */
import type { OidcClientSettings } from './client.ts';

const STRONG_METHODS = ['private_key_jwt', 'self_signed_tls_client_auth', 'tls_client_auth'];
const FAPI_ALGORITHMS = ['PS256', 'ES256', 'EdDSA', 'Ed25519'];

/** One sentence per contradiction; `enforcePar` is what the body says itself, as the flag alone switches PAR on. */
export function fapiProblems(settings: OidcClientSettings, enforcePar: boolean | undefined): string[] {
  if (!settings.fapi_version_compliancy) return [];
  const { method, jwks } = settings.authentication_configuration;
  const problems: string[] = [];
  if (!STRONG_METHODS.includes(method))
    problems.push(
      `fapi_version_compliancy requires authentication_configuration.method to be one of ${STRONG_METHODS.join(', ')}`,
    );
  if (settings.pkce !== 'enforcePkceAlongsideClientCredentials')
    problems.push('fapi_version_compliancy requires pkce to be enforcePkceAlongsideClientCredentials');
  if (enforcePar === false) problems.push('fapi_version_compliancy requires enforce_par to be true');
  if (method === 'private_key_jwt' && (jwks?.keys ?? []).length > 0 && !jwks?.keys?.some(signsForFapi))
    problems.push(
      `fapi_version_compliancy requires a key in authentication_configuration.jwks for ${FAPI_ALGORITHMS.join(', ')}`,
    );
  return problems;
}

/** FAPI 2.0 Security Profile 5.4.1: no RS256. */
const signsForFapi = ({ alg, use }: Record<string, unknown>): boolean =>
  (alg === undefined || FAPI_ALGORITHMS.includes(String(alg))) && use !== 'enc';
