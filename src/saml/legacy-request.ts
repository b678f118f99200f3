/** Decides whether a request of a service provider of the older form can be answered with the sign-in that the application has. */
import { invalid } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import { DEFAULT_SAML_SETTINGS } from '../clients/saml-client.ts';
import type { ServiceProvider } from '../service-providers/service-provider.ts';
import type { AuthnRequest } from './authn-request.ts';
import { NAME_ID, PASSWORD_CONTEXT, POST_BINDING, UNSPECIFIED_2, UNSPECIFIED_CONTEXT } from './saml-names.ts';
import { SamlStatus } from './saml-status.ts';
import { unmetContext } from './sign-on.ts';

const SKEW_SECONDS = DEFAULT_SAML_SETTINGS.clock_skew_seconds;
const FORMATS: readonly string[] = [NAME_ID.persistent, NAME_ID.unspecified, UNSPECIFIED_2];
const CONTEXTS = [PASSWORD_CONTEXT, UNSPECIFIED_CONTEXT];

/** The provider has one place, and no list in which an index could be found. */
export function assertConsumer(
  { assertionConsumerServiceUrl: registered }: ServiceProvider,
  { acsUrl, acsIndex }: AuthnRequest,
): void {
  if (acsUrl !== undefined && acsUrl !== registered)
    throw invalid(
      `The AssertionConsumerServiceURL is ${JSON.stringify(acsUrl.slice(0, 200))}, which is not the assertion_consumer_service_URL of this service provider`,
    );
  if (acsUrl === undefined && acsIndex !== undefined)
    throw invalid(`No assertion consumer service with the index ${acsIndex} is registered`);
}

/** Before the request is used up: the application can have the user sign in, and relay it again. */
export function assertFresh({ forceAuthn, issueInstant }: AuthnRequest, authTime: number): void {
  if (forceAuthn && authTime + SKEW_SECONDS < issueInstant.getTime() / 1000)
    throw invalid(
      'The request wants the user to sign in anew (ForceAuthn): have the user do so, and relay it with the new token',
    );
}

/** What the provider is told where the assertion that it wants cannot be made. */
export function refusalOf(
  request: AuthnRequest,
  provider: ServiceProvider,
  { userId, amr }: { userId: UserId; amr: readonly string[] },
): SamlStatus | undefined {
  const { protocolBinding, nameIdFormat, spNameQualifier, subject, contexts } = request;
  if (protocolBinding !== undefined && protocolBinding !== POST_BINDING)
    return new SamlStatus(
      'requester',
      'unsupportedBinding',
      'Responses are sent by the HTTP-POST binding only',
    );
  if (nameIdFormat !== undefined && !FORMATS.includes(nameIdFormat))
    return new SamlStatus(
      'requester',
      'invalidNameIdPolicy',
      `The NameID format ${nameIdFormat.slice(0, 200)} is not available; this provider gets ${NAME_ID.persistent}`,
    );
  if (spNameQualifier !== undefined && spNameQualifier !== provider.entityId)
    return new SamlStatus(
      'requester',
      'invalidNameIdPolicy',
      'The SPNameQualifier must be the entity ID of the provider itself',
    );
  if (subject !== undefined && subject !== userId)
    return new SamlStatus(
      'responder',
      'unknownPrincipal',
      'Another user than the requested subject signed in',
    );
  if (contexts?.classes.every((name) => !CONTEXTS.includes(name)))
    return new SamlStatus(
      'responder',
      'noAuthnContext',
      `None of the requested authentication contexts is available; known are ${CONTEXTS.join(' and ')}`,
    );
  return unmetContext(contexts, amr);
}
