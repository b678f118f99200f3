/** Decides to which assertion consumer URL an answer goes: one that the administrator has registered, or none. */
import { invalid } from '../base/errors.ts';
import type { SamlClient } from '../clients/client.ts';
import type { AuthnRequest } from './authn-request.ts';

type Asked = Pick<AuthnRequest, 'acsUrl' | 'acsIndex'>;

/** @throws 400 where the request names another one, or has to name one and does not (R117). */
export function consumerUrl({ settings }: SamlClient, asked: Asked): string {
  const { sp_acs_url: registered, sp_acs_endpoints: endpoints, optional_acs_url: isOptional } = settings;
  if (asked.acsUrl !== undefined) {
    if (asked.acsUrl !== registered && !endpoints.some(({ url }) => url === asked.acsUrl))
      throw invalid(
        `The AssertionConsumerServiceURL is ${JSON.stringify(asked.acsUrl.slice(0, 200))}, which is not registered with this client as sp_acs_url`,
      );
    return asked.acsUrl;
  }
  if (asked.acsIndex !== undefined) {
    const found = endpoints.find(({ index }) => index === asked.acsIndex);
    if (!found) throw invalid(`No assertion consumer service with the index ${asked.acsIndex} is registered`);
    return found.url;
  }
  if (!isOptional)
    throw invalid('The request must have an AssertionConsumerServiceURL (optional_acs_url is false)');
  return defaultConsumerUrl(settings);
}

/** @throws 400 where none is registered. */
export function defaultConsumerUrl({
  sp_acs_url: registered,
}: Pick<SamlClient['settings'], 'sp_acs_url'>): string {
  if (registered === '')
    throw invalid('This client has no sp_acs_url, so there is nowhere to send an answer');
  return registered;
}

/** Whether it is still one of the client's, when the answer is made. */
export const isConsumerUrl = ({ settings }: SamlClient, url: string): boolean =>
  url === settings.sp_acs_url || settings.sp_acs_endpoints.some((endpoint) => endpoint.url === url);
