/** How openid-client reaches a provider: by the one guarded way out of the house. */
import type { CustomFetch } from 'openid-client';
import type { FetchOutside } from '../http/outbound.ts';

export interface WayOut {
  readonly fetchOutside: FetchOutside;
  /** Hosts that may be asked without TLS, too. */
  readonly allowedInternalHosts: readonly string[];
}

const LIMITS = { timeoutMs: 5000, maxBytes: 256 * 1024 };

/** Every address that a provider names, and not only its issuer: a discovery document can name any. */
export function assertReachable(address: string | URL, { allowedInternalHosts }: WayOut): void {
  const url = URL.parse(String(address));
  const isOpen = url?.protocol === 'http:' && allowedInternalHosts.includes(url.hostname);
  if (url?.protocol !== 'https:' && !isOpen) throw new Error('an address of the provider is without TLS');
}

/** Redirects are not followed, and are no answer to the library. */
export const foreignFetch =
  (way: WayOut): CustomFetch =>
  async (address, { method, headers, body }) => {
    assertReachable(address, way);
    const answer = await way.fetchOutside(address, {
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      ...(body !== undefined && body !== null && { body: textOf(body) }),
      ...LIMITS,
    });
    const hasNoBody = [204, 205, 304].includes(answer.status);
    return new Response(hasNoBody ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: { 'content-type': answer.headers['content-type'] ?? '' },
    });
  };

function textOf(body: unknown): string {
  if (typeof body === 'string' || body instanceof URLSearchParams) return body.toString();
  throw new Error('only forms are sent to a provider');
}
