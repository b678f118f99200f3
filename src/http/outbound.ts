/** The one way in which the server fetches an address that somebody else wrote down: the internet only, no redirects, with limits. */
import { lookup as lookUp } from 'node:dns/promises';
import { once } from 'node:events';
import http, { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isOutside } from './outside-address.ts';

export interface OutsideRequest {
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For everything from the name to the last byte. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface OutsideAnswer {
  /** Any; a redirect is an answer like others. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** @throws Error, with a sentence for the log, where the address is refused, nobody answers in time, or the answer is too large */
export type FetchOutside = (url: string, request: OutsideRequest) => Promise<OutsideAnswer>;

interface Address {
  readonly address: string;
  readonly family: number;
}
type Resolve = (host: string) => Promise<Address[]>;

interface Parts {
  /** Hosts that may be at an internal address, as `URL.hostname` writes them. */
  readonly allowedInternalHosts: readonly string[];
  /** Every host may be at an internal address, as on a development machine. */
  readonly allowsInternal?: boolean;
  readonly resolve?: Resolve;
}

const resolveAll: Resolve = (host) => lookUp(host, { all: true });

export const outbound =
  ({ allowedInternalHosts, allowsInternal = false, resolve = resolveAll }: Parts): FetchOutside =>
  async (text, request) => {
    const signal = AbortSignal.timeout(request.timeoutMs);
    const url = targetOf(text);
    const addresses = await inTime(addressesOf(url.hostname, resolve), signal);
    const mayBeInside = allowsInternal || allowedInternalHosts.includes(url.hostname);
    if (!mayBeInside) assertOutside(url.hostname, addresses);
    return receive(await send(url, request, addresses, signal), request.maxBytes);
  };

function targetOf(text: string): URL {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new Error('not an http or https URL');
  if (url.username !== '' || url.password !== '') throw new Error('the URL holds credentials');
  return url;
}

/** `URL` has brought every way to write an IPv4 address into the usual form. */
async function addressesOf(hostname: string, resolve: Resolve): Promise<Address[]> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(host);
  return family === 0 ? resolve(host) : [{ address: host, family }];
}

/** One internal address is enough: the name belongs to somebody who points it at us. */
function assertOutside(host: string, addresses: readonly Address[]): void {
  if (addresses.length === 0 || !addresses.every(({ address }) => isOutside(address)))
    throw new Error(`${host} is at an internal address; ALLOWED_INTERNAL_HOSTS lists those that may be`);
}

function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = once(signal, 'abort').then((): never => {
    throw signal.reason;
  });
  return Promise.race([work, late]);
}

async function send(
  url: URL,
  { method, headers, body }: OutsideRequest,
  addresses: readonly Address[],
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
    signal,
    lookup: pinned(addresses),
    // No connection that was made for another check is used again.
    agent: false,
  };
  const request = (url.protocol === 'https:' ? https : http).request(url, options);
  // Once the answer has begun, its own stream tells what happens to it.
  request.on('error', () => undefined);
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return answer;
}

/** The very addresses that were examined: a second question to the name server could be answered otherwise (DNS rebinding). */
const pinned =
  (addresses: readonly Address[]): LookupFunction =>
  (_host, { all }, give) => {
    const [first] = addresses;
    if (all === true) give(null, [...addresses]);
    else give(null, first?.address ?? '', first?.family);
  };

async function receive(answer: IncomingMessage, maxBytes: number): Promise<OutsideAnswer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    size += part.length;
    // Leaving the loop ends the connection.
    if (size > maxBytes) throw new Error('the answer is too large');
    parts.push(part);
  }
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) };
}
