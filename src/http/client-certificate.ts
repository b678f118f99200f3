/** The client certificate of a request: from its TLS connection, or from the header of a trusted proxy. */
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import proxyAddr from 'proxy-addr';

export type CertificateOf = (request: IncomingMessage) => X509Certificate | undefined;

interface Parts {
  readonly trustedProxies: readonly string[];
  /** Lower-case name of the header in which a trusted proxy hands over the certificate. */
  readonly certificateHeader?: string;
}

/**
 * @returns a function that yields the certificate whose key the peer has proved to hold; undefined without one, for one
 * outside of its validity period, and for a header that did not come from a trusted proxy.
 */
export function clientCertificates({ trustedProxies, certificateHeader }: Parts): CertificateOf {
  const trusts = proxyAddr.compile([...trustedProxies]);
  const known = new WeakMap<IncomingMessage, X509Certificate | undefined>();
  const read: CertificateOf = ({ socket, headers }) => {
    if (socket instanceof TLSSocket) return socket.getPeerX509Certificate();
    const value = certificateHeader === undefined ? undefined : headers[certificateHeader];
    // The peer of the socket, not a forwarded address: a header can be written by anybody, an address in it too.
    const peer = socket.remoteAddress;
    if (typeof value !== 'string' || peer === undefined || !trusts(peer, 0)) return undefined;
    return fromHeader(value);
  };
  return (request) => {
    if (known.has(request)) return known.get(request);
    const certificate = read(request);
    const current = certificate && isCurrent(certificate) ? certificate : undefined;
    known.set(request, current);
    return current;
  };
}

const isCurrent = ({ validFromDate, validToDate }: X509Certificate, now = new Date()): boolean =>
  validFromDate <= now && now <= validToDate;

/** RFC 9440 section 2.2 (`:base64:`), or the percent-encoded PEM of nginx's `$ssl_client_escaped_cert`. */
function fromHeader(value: string): X509Certificate | undefined {
  const sequence = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value.trim())?.[1];
  try {
    if (sequence !== undefined) return new X509Certificate(Buffer.from(sequence, 'base64'));
    const pem = decodeURIComponent(value);
    return pem.startsWith('-----BEGIN CERTIFICATE-----') ? new X509Certificate(pem) : undefined;
  } catch {
    return undefined;
  }
}
