/** What the environment says about client certificates: the second, TLS, port and the header of a proxy. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Secret } from '../base/secrets.ts';

/** The listener that asks for a client certificate (contract/oidc.md 6). */
export interface MutualTlsListener {
  readonly port: number;
  /** PEM: the server's certificate, and the intermediates that follow it. */
  readonly certificate: string;
  /** PEM. */
  readonly key: Secret;
}

export interface MutualTls {
  readonly listener?: MutualTlsListener;
  /** Origin that discovery announces for clients with a certificate (RFC 8705 section 5). */
  readonly publicUrl?: URL;
  /** Lower-case name of the header in which a trusted proxy hands over the client's certificate. */
  readonly certificateHeader?: string;
}

/** The part of the configuration's reader that is needed here. */
interface Reader {
  text(name: string): string | undefined;
  integer(name: string, fallback: number, min: number, max: number): number;
  url(name: string, text: string | undefined, schemes: readonly string[]): URL | undefined;
  fault(sentence: string): void;
}

interface Surroundings {
  readonly port: number;
  readonly publicUrl: URL;
  readonly trustedProxies: readonly string[];
}

export function readMutualTls(read: Reader, around: Surroundings): MutualTls {
  const listener = readListener(read, around.port);
  const certificateHeader = readHeader(read, around.trustedProxies);
  const publicUrl = readPublicUrl(read, around.publicUrl, listener);
  if (publicUrl && !listener && certificateHeader === undefined)
    read.fault(
      'MTLS_PUBLIC_URL is set, but nothing would see a client certificate; set MTLS_PORT or CLIENT_CERT_HEADER too.',
    );
  return {
    ...(listener && { listener }),
    ...(publicUrl && { publicUrl }),
    ...(certificateHeader !== undefined && { certificateHeader }),
  };
}

function readListener(read: Reader, mainPort: number): MutualTlsListener | undefined {
  const port = read.text('MTLS_PORT') === undefined ? undefined : read.integer('MTLS_PORT', 0, 1, 65_535);
  const files = ['TLS_CERT_FILE', 'TLS_KEY_FILE'] as const;
  if (port === undefined) {
    for (const name of files)
      if (read.text(name) !== undefined)
        read.fault(`${name} serves the mutual TLS port only; set MTLS_PORT, or remove ${name}.`);
    return undefined;
  }
  if (port === mainPort) read.fault('MTLS_PORT must be another port than PORT.');
  const [certificate, key] = files.map((name) => readPem(read, name));
  if (certificate === undefined || key === undefined) return undefined;
  checkPair(read, certificate, key);
  return { port, certificate, key: new Secret(key) };
}

function readPem(read: Reader, name: string): string | undefined {
  const file = read.text(name);
  if (file === undefined) {
    read.fault(`${name} must name a PEM file, because MTLS_PORT is set.`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    read.fault(
      `${name} names a file that cannot be read (${(error as NodeJS.ErrnoException).code}); check path and permissions.`,
    );
    return undefined;
  }
}

function checkPair(read: Reader, certificate: string, key: string): void {
  const parsed = attempt(() => new X509Certificate(certificate));
  const privateKey: KeyObject | undefined = attempt(() => createPrivateKey(key));
  if (!parsed) read.fault('TLS_CERT_FILE does not hold a PEM certificate (-----BEGIN CERTIFICATE-----).');
  if (!privateKey) read.fault('TLS_KEY_FILE does not hold a PEM private key without a passphrase.');
  if (parsed && privateKey && !parsed.checkPrivateKey(privateKey))
    read.fault(
      'TLS_KEY_FILE is not the key of the first certificate in TLS_CERT_FILE; put the server certificate first.',
    );
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

function readHeader(read: Reader, trustedProxies: readonly string[]): string | undefined {
  const header = read.text('CLIENT_CERT_HEADER');
  if (header === undefined) return undefined;
  // RFC 9110 section 5.6.2: token.
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header))
    read.fault(`CLIENT_CERT_HEADER must be the name of a header, such as Client-Cert, not "${header}".`);
  if (trustedProxies.length === 0)
    read.fault('CLIENT_CERT_HEADER is believed from TRUSTED_PROXIES only; set TRUSTED_PROXIES too.');
  return header.toLowerCase();
}

function readPublicUrl(read: Reader, main: URL, listener: MutualTlsListener | undefined): URL | undefined {
  const url = read.url('MTLS_PUBLIC_URL', read.text('MTLS_PUBLIC_URL'), ['https']);
  if (url && (url.pathname !== '/' || url.search || url.hash || url.username))
    read.fault('MTLS_PUBLIC_URL must be an origin only, such as https://mtls.example.com.');
  return url ?? (listener && new URL(`https://${main.hostname}:${listener.port}`));
}
