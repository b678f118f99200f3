/** How a Content-Security-Policy names the place to which a form may lead. */

/** Any https site beside the named ones: a page that takes a form may send the browser on to a host of its own. */
export const formTargets = (uris: readonly string[]): string[] => [
  ...new Set(['https:', ...uris.filter((uri) => URL.canParse(uri)).map((uri) => source(new URL(uri)))]),
];

function source(uri: URL): string {
  if (uri.protocol !== 'http:') return uri.protocol;
  // CSP knows no IPv6 hosts. The port of a loopback host is free for native clients (contract C20).
  return uri.hostname.startsWith('[') ? 'http:' : `http://${uri.hostname}:*`;
}
