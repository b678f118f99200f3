/** What every certificate that we make has in common: name, serial number and validity (RFC 5280 section 4.1.2). */
import { randomBytes } from 'node:crypto';
import type { Secret } from '../base/secrets.ts';

const SERIAL_BYTES = 16;
/** RFC 5280 appendix A.1, ub-common-name. */
const MAX_COMMON_NAME = 64;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface SelfSigned extends Validity {
  readonly pem: string;
  /** PKCS #8 PEM. */
  readonly privateKey: Secret;
}

/** From now on. X.509 counts in whole seconds. */
export function validityOf(years: number): Validity {
  const notBefore = new Date();
  notBefore.setUTCMilliseconds(0);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  return { notBefore, notAfter };
}

/** Section 4.1.2.2: positive; the first byte also has to be the first of the shortest encoding. */
export function serialNumber(): Buffer {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes;
}

/** What does not fit is left out. */
export function commonName(name: string): string {
  const printable = [...name.replace(/\p{C}/gu, ' ').trim()].slice(0, MAX_COMMON_NAME).join('');
  return printable === '' ? 'SAML' : printable;
}
