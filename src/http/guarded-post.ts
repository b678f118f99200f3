/** Posts a form to an address that a client has registered, without letting it reach into the operator's own network. */
import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from './public-address.ts';

export interface Reach {
  /** A development machine: every address may be called, with plain http too. */
  readonly isLocal: boolean;
  /** Hosts that may be called although their address is a private one. */
  readonly privateHosts: readonly string[];
}

export interface FormPost {
  readonly url: string;
  readonly form: URLSearchParams;
}

const TIMEOUT_MS = 3000;
const PRIVATE = 'its address is not a public one; PRIVATE_CLIENT_HOSTS can name the host';

/**
 * One request on a connection of its own. A redirect is an answer like any other: it is not followed. The body of the answer
 * is not read.
 * @returns the status
 * @throws Error with a sentence, where the address must not be called or does not answer within 3 seconds
 */
export function guardedPost(reach: Reach) {
  return async ({ url, form }: FormPost): Promise<number> => {
    const target = new URL(url);
    const isTrusted = reach.isLocal || reach.privateHosts.includes(target.hostname);
    if (!isTrusted) assertPublic(target);
    return send(target, form.toString(), isTrusted ? undefined : publicLookup);
  };
}

/** A host that is an address is not looked up, so it is held against the list here. */
function assertPublic({ protocol, hostname }: URL): void {
  if (protocol !== 'https:') throw new Error('it must be called with https');
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) !== 0 && !isPublicAddress(address)) throw new Error(PRIVATE);
}

/** The address that is checked is the one that is connected to: a name that changes its meaning meanwhile gains nothing. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => !isPublicAddress(address)))
      return callback(new Error(PRIVATE), '', 0);
    if (options.all) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};

function send(target: URL, body: string, ownLookup: LookupFunction | undefined): Promise<number> {
  const { request } = target.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const outgoing = request(target, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(ownLookup && { lookup: ownLookup }),
    });
    outgoing.on('response', (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      reject(error.name === 'AbortError' ? new Error('it did not answer within 3 seconds') : error),
    );
    outgoing.end(body);
  });
}
