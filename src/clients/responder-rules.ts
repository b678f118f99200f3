/** Refuses OCSP responders at internal addresses before a client is saved; the guard of http/outbound.ts stands behind that. */
import type { X509Certificate } from 'node:crypto';
import { isInsideByName } from '../http/outside-address.ts';
import { readPem } from '../keys/certificate-text.ts';
import type { AuthenticationConfiguration } from './client.ts';

const AT = 'authentication_configuration.tls_client_auth';

/**
 * One sentence for each address that would never be asked, in the settings or in a certificate of the chain. Names are not
 * looked up: what one stands for may be another address by the time it is asked.
 */
export function responderProblems(
  { tls_client_auth: tls = {} }: AuthenticationConfiguration,
  allowedInternalHosts: readonly string[],
): string[] {
  const named = tls.ocsp_responder_uri ? [[`${AT}.ocsp_responder_uri`, tls.ocsp_responder_uri] as const] : [];
  const chain = readPem(tls.certificate_chain ?? '') ?? [];
  const certified = chain.flatMap((certificate, at) =>
    respondersOf(certificate).map(
      (uri) => [`the OCSP address in certificate ${at + 1} of ${AT}.certificate_chain`, uri] as const,
    ),
  );
  return [...named, ...certified].flatMap(([name, uri]) => {
    const problem = addressProblem(uri, allowedInternalHosts);
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
}

/** Those that the authority wrote into the certificate (RFC 5280 section 4.2.2.1). */
const respondersOf = ({ infoAccess }: X509Certificate): string[] =>
  [...(infoAccess ?? '').matchAll(/^OCSP - URI:(\S+)$/gm)].map(([, uri = '']) => uri);

function addressProblem(uri: string, allowedInternalHosts: readonly string[]): string | undefined {
  const url = URL.parse(uri);
  if (!url || !['http:', 'https:'].includes(url.protocol)) return 'must be an http or https URL';
  if (url.username !== '' || url.password !== '') return 'must not hold credentials';
  if (!isInsideByName(url.hostname) || allowedInternalHosts.includes(url.hostname)) return undefined;
  return `is at an internal address (${url.hostname.slice(0, 100)}); ALLOWED_INTERNAL_HOSTS lists those that may be`;
}
