/** Whom the claims of a provider name, as far as the organization's settings believe them. */
import { invalid } from '../base/errors.ts';
import type { FederatedPerson } from '../organizations/federated-members.ts';
import type { OidcIdentityProvider } from '../organizations/oidc-identity-provider.ts';
import { normalEmail } from '../users/user.ts';
import type { ForeignClaims } from './foreign-provider.ts';

type Rules = Pick<
  OidcIdentityProvider,
  'emailClaim' | 'firstNameClaim' | 'lastNameClaim' | 'requireEmailVerified'
>;

/** @throws 400 where there is no email that can be believed */
export function claimedPerson(rules: Rules, claims: ForeignClaims): FederatedPerson {
  const email = claims[rules.emailClaim];
  if (typeof email !== 'string' || email === '')
    throw invalid(`The identity provider did not say an email (claim ${JSON.stringify(rules.emailClaim)})`);
  // Some write booleans as text. What is neither is not verified.
  const verified = claims.email_verified;
  const isVerified = verified === true || verified === 'true';
  if (!isVerified && (rules.requireEmailVerified || verified !== undefined))
    throw invalid('The identity provider does not say that this email is verified (email_verified)');
  return { email: normalEmail(email), ...nameOf(claims, rules) };
}

function nameOf(claims: ForeignClaims, { firstNameClaim, lastNameClaim }: Rules) {
  const [firstName, lastName] = [firstNameClaim, lastNameClaim].map((name) => claims[name]);
  return {
    ...(typeof firstName === 'string' && { firstName }),
    ...(typeof lastName === 'string' && { lastName }),
  };
}
