/** Decides whether a redirect URI of a request is one of the client's (R30, R31, contract C20). */
import type { EngineSettings } from '../adapter/client-model.ts';

const LOOPBACK = /^(https?:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\]))(?::\d{1,5})?(?=[/?]|$)/;

const withoutPort = (uri: string): string | undefined =>
  LOOPBACK.test(uri) ? uri.replace(LOOPBACK, '$1') : undefined;

/**
 * Compares texts, never parsed forms, so that no rewriting can make two different URIs equal. Only the port of a
 * loopback host may differ, and for native clients only: they listen where they find a free one (RFC 8252 section 7.3).
 */
export function redirectUriAllowed(
  { redirectUris, clientType }: Pick<EngineSettings, 'redirectUris' | 'clientType'>,
  uri: unknown,
): boolean {
  if (typeof uri !== 'string') return false;
  if (redirectUris.includes(uri)) return true;
  if (clientType !== 'native' || !URL.canParse(uri)) return false;
  const wanted = withoutPort(uri);
  return wanted !== undefined && redirectUris.some((registered) => withoutPort(registered) === wanted);
}
