/** Reads certificates out of texts: PEM with one or more blocks, or base64 DER as in `x5c` (RFC 7517 section 4.7). */
import { X509Certificate } from 'node:crypto';

/** Certificates in one chain; more have no use, and each costs a signature check at every use. */
export const MAX_CHAIN = 10;

const BEGIN = '-----BEGIN CERTIFICATE-----';
// Whatever a text holds, each sign is looked at once: base64 has no hyphen, so a block ends at the next one.
const BLOCK = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

function fromBase64(text: string): X509Certificate | undefined {
  const compact = text.replace(/\s+/g, '');
  if (!BASE64.test(compact)) return undefined;
  try {
    return new X509Certificate(Buffer.from(compact, 'base64'));
  } catch {
    return undefined;
  }
}

/** The certificates of a PEM text in their order; undefined where one cannot be read or there is none. */
export function readPem(text: string): X509Certificate[] | undefined {
  const certificates = [...text.matchAll(BLOCK)].map(([, inside = '']) => fromBase64(inside));
  const begun = text.split(BEGIN).length - 1;
  if (begun === 0 || begun !== certificates.length) return undefined;
  return certificates.every((certificate) => certificate !== undefined) ? certificates : undefined;
}

/** One certificate as base64 DER, or as PEM; undefined where it cannot be read. */
export const readCertificate = (text: string): X509Certificate | undefined =>
  text.includes('-----BEGIN') ? readPem(text)?.[0] : fromBase64(text);

export const holdsPrivateKey = (text: string): boolean => /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text);

/** Issued by itself and allowed to issue: what a path may end in. */
export const isRoot = (certificate: X509Certificate): boolean =>
  certificate.ca && certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
