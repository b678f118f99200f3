/** Which redirect URIs a client may register (contract C20, R33 to R38). */

export type ClientType = 'web' | 'native';

// Printable ASCII without what browsers rewrite, so that a stored URI means the same to every reader.
const PLAIN = /^[!$%&'()+,\-./0-9:;=?@A-Z[\]_a-z~]+$/;
const REVERSE_DOMAIN = /^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+$/;
const AUTHORITY = /^(\[[^\]]*\]|[^:[\]]+)(:\d{1,5})?$/;
const RUN_BY_BROWSERS = /^(javascript|data|file|vbscript|blob|about|view-source|filesystem)(\.|$)/i;
const MAX_LENGTH = 2048;

/** True for `localhost`, names below `.localhost`, 127.0.0.0/8 and `[::1]`. Takes the host as URL writes it. */
export const isLocalHost = (hostname: string): boolean =>
  /^([a-z0-9-]+\.)*localhost$/.test(hostname) || /^127(\.\d{1,3}){3}$/.test(hostname) || hostname === '[::1]';

/** What is wrong with this redirect URI for a client of this type, as the rest of a sentence; undefined if nothing. */
export function redirectUriProblem(uri: string, clientType: ClientType): string | undefined {
  if (uri.length > MAX_LENGTH) return `must not be longer than ${MAX_LENGTH} characters`;
  if (uri.includes('#')) return 'must not have a fragment';
  if (uri.includes('*')) return 'must not have a wildcard';
  if (!PLAIN.test(uri)) return 'must have percent-encoded special characters';
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/.exec(uri) ?? [];
  if (scheme === undefined || rest === undefined || !URL.canParse(uri)) return 'must be an absolute URI';
  if (scheme !== scheme.toLowerCase()) return 'must have a lower-case scheme';
  const authority = rest.split(/[/?]/, 1)[0] ?? '';
  if (authority === '') return 'must have a host';
  if (authority.includes('@')) return 'must not have a user name or password';
  if (scheme === 'https' || scheme === 'http') return webProblem(new URL(uri), rest, authority);
  return customSchemeProblem(scheme, clientType);
}

function webProblem(url: URL, rest: string, authority: string): string | undefined {
  const host = AUTHORITY.exec(authority)?.[1];
  // A host that is rewritten on reading (0x7f.1, %2a, ...) is not what it looks like.
  if (host?.toLowerCase() !== url.hostname || url.hostname.includes('*'))
    return 'must have a plainly written host';
  if (url.protocol === 'http:' && !isLocalHost(url.hostname)) return 'must use https';
  // Neither is a path: the browser would go to /cb of /a/../cb, and of /a/%2e%2e/cb.
  const path = /^[^?]*/.exec(rest.slice(authority.length))?.[0];
  if ((path || '/') !== url.pathname) return 'must have a plainly written path';
  return undefined;
}

function customSchemeProblem(scheme: string, clientType: ClientType): string | undefined {
  if (RUN_BY_BROWSERS.test(scheme)) return 'must not have a scheme that browsers run';
  if (clientType === 'web') return 'must use https';
  if (!REVERSE_DOMAIN.test(scheme))
    return 'must have a custom scheme in reverse-domain form, such as com.example.app://';
  return undefined;
}
