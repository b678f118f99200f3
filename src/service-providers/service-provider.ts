/** A service provider of the older form: an application of the tenant relays its sign-in requests (contract/saml.md 2). */
import type { ServiceProviderId, TenantId } from '../base/ids.ts';
import { redirectUriProblem } from '../clients/redirect-uri.ts';

/** What a caller may set; absent members keep their value. */
export interface ServiceProviderInput {
  readonly name: string;
  readonly description: string;
  readonly assertionConsumerServiceUrl: string;
  readonly entityId: string;
  /** Qualifies the name identifier; empty for none. */
  readonly nameQualifier: string;
}

export interface ServiceProvider extends ServiceProviderInput {
  readonly serviceProviderId: ServiceProviderId;
  readonly tenantId: TenantId;
  /** PEM of the certificate that signs for it now. */
  readonly certificate: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ServiceProviderEndpoints {
  /** Where an application relays the sign-in requests of this provider. */
  readonly ssoUrl: string;
  /** Our entity ID for this provider. */
  readonly issuer: string;
}

/** @param origin of PUBLIC_URL, without a slash at its end */
export function serviceProviderEndpoints(origin: string, id: ServiceProviderId): ServiceProviderEndpoints {
  const base = `${origin}/cis/v1/serviceprovider/saml2`;
  return { ssoUrl: `${base}/sso/${id}`, issuer: `${base}/${id}` };
}

/** What is wrong with this assertion consumer URL, as a sentence (R115, contract C20); undefined if nothing. */
export function consumerUrlProblem(url: string): string | undefined {
  const problem = redirectUriProblem(url, 'web');
  return problem && `assertion_consumer_service_URL ${problem}: ${JSON.stringify(url.slice(0, 200))}`;
}
