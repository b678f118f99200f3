/** What the settings of an organization's identity provider must fulfil, and for whom it may speak. */
import { invalid } from '../base/errors.ts';
import { redirectUriProblem } from '../clients/redirect-uri.ts';
import { certificateProblems } from '../clients/saml-client-rules.ts';
import type { IdentityProviderInput } from './identity-provider.ts';
import type { Organization } from './organization.ts';

/** @throws 400 with one sentence per rule that is broken. */
export function assertIdentityProvider({
  ssoUrl,
  certificates,
}: Pick<IdentityProviderInput, 'ssoUrl' | 'certificates'>): void {
  const urlProblem = redirectUriProblem(ssoUrl, 'web');
  const problems = [
    ...(urlProblem === undefined ? [] : [`sso_url ${urlProblem}: ${JSON.stringify(ssoUrl.slice(0, 200))}`]),
    ...certificates.flatMap((pem, at) => certificateProblems(`certificates.${at}`, pem)),
  ];
  if (problems.length > 0) throw invalid(...problems);
}

/** One "@", so that nobody reads another domain out of it, and nothing that cannot be seen. */
const EMAIL = /^[^\s@"<>()\\,;:\p{C}]{1,64}@([^\s@"<>()\\,;:\p{C}]{1,253})$/u;

/** The domain of a normalised email; undefined for what is no email. */
export const emailDomain = (email: string): string | undefined => EMAIL.exec(email)?.[1];

/** An identity provider speaks for the addresses of its organization, and for nobody else's. */
export function maySpeakFor({ domains }: Pick<Organization, 'domains'>, email: string): boolean {
  const domain = emailDomain(email);
  return domain !== undefined && domains.includes(domain);
}
