/** What the settings of an organization's OpenID Connect provider must fulfil. */
import { invalid } from '../base/errors.ts';
import { redirectUriProblem } from '../clients/redirect-uri.ts';
import type { OidcIdentityProviderInput } from './oidc-identity-provider.ts';

/** @throws 400 with one sentence per rule that is broken. */
export function assertOidcIdentityProvider(input: OidcIdentityProviderInput): void {
  const { issuer, scopes, emailClaim, requireEmailVerified } = input;
  // OpenID Connect Discovery 1.0 section 3: no query, no fragment.
  const problem = issuer.includes('?') ? 'must not have a query' : redirectUriProblem(issuer, 'web');
  const problems = [
    ...(problem === undefined ? [] : [`issuer ${problem}: ${JSON.stringify(issuer.slice(0, 200))}`]),
    ...(scopes.includes('openid') ? [] : ['scopes must have openid']),
    // The claim email_verified speaks of the claim email (OpenID Connect Core 5.1), of no other.
    ...(requireEmailVerified && emailClaim !== 'email'
      ? ['require_email_verified needs email as email_claim: nothing says whether another one is verified']
      : []),
  ];
  if (problems.length > 0) throw invalid(...problems);
}
