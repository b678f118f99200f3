/** A `fetch` that shows a client certificate in the TLS handshake, for openid-client and for plain calls. */
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { buffer } from 'node:stream/consumers';

export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

export interface TlsFetch {
  (url: string | URL, options?: RequestInit): Promise<Response>;
  close(): void;
}

/** `authority` is the PEM certificate that vouches for the server; without an identity no certificate is shown. */
export function tlsFetch(authority: string, identity?: TlsIdentity): TlsFetch {
  const agent = new Agent({ ca: authority, keepAlive: true, ...(identity && { ...identity }) });
  const call = async (url: string | URL, options: RequestInit = {}): Promise<Response> => {
    // Discovery and the browser's part stay on the main port.
    if (new URL(url).protocol === 'http:') return fetch(url, options);
    const headers = Object.fromEntries(new Headers(options.headers).entries());
    if (options.body instanceof URLSearchParams)
      headers['content-type'] ??= 'application/x-www-form-urlencoded';
    const sent = request(url, { agent, method: options.method ?? 'GET', headers });
    sent.end(options.body === undefined || options.body === null ? undefined : String(options.body));
    const [answer] = await once(sent, 'response');
    const content = await buffer(answer);
    const received = new Headers();
    for (let at = 0; at < answer.rawHeaders.length; at += 2)
      received.append(answer.rawHeaders[at], answer.rawHeaders[at + 1]);
    const hasBody = ![204, 304].includes(answer.statusCode);
    return new Response(hasBody ? new Uint8Array(content) : null, {
      status: answer.statusCode,
      headers: received,
    });
  };
  return Object.assign(call, { close: () => agent.destroy() });
}
