/** Makes self-signed X.509 certificates, each with an RSA key of its own (RFC 5280). */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { Secret } from '../base/secrets.ts';

export const VALIDITY_YEARS = 10;
const RSA_BITS = 2048;
const SERIAL_BYTES = 16;
/** RFC 5280 appendix A.1, ub-common-name. */
const MAX_COMMON_NAME = 64;

export interface SelfSigned {
  readonly pem: string;
  /** PKCS #8 PEM. */
  readonly privateKey: Secret;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * For digital signatures, valid from now on for `years`. The key pair is made on a thread of its own.
 * @param name whom it belongs to; what does not fit a common name is left out.
 */
export async function makeSelfSigned(name: string, years = VALIDITY_YEARS): Promise<SelfSigned> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = unsigned(forge.pki.publicKeyFromPem(publicKey), name, validityOf(years));
  certificate.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  return {
    pem: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n'),
    privateKey: new Secret(privateKey),
    ...certificate.validity,
  };
}

/** X.509 counts in whole seconds. */
function validityOf(years: number): { notBefore: Date; notAfter: Date } {
  const notBefore = new Date();
  notBefore.setUTCMilliseconds(0);
  const notAfter = new Date(notBefore);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years);
  return { notBefore, notAfter };
}

function unsigned(
  publicKey: forge.pki.rsa.PublicKey,
  name: string,
  validity: { notBefore: Date; notAfter: Date },
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  const subject = [
    {
      name: 'commonName',
      value: commonName(name),
      // The types take only a class here; what is written is a type.
      valueTagClass: forge.asn1.Type.UTF8 as unknown as forge.asn1.Class,
    },
  ];
  certificate.publicKey = publicKey;
  certificate.serialNumber = serialNumber();
  certificate.validity = validity;
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'keyUsage', critical: true, digitalSignature: true },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: true },
  ]);
  return certificate;
}

/** RFC 5280 section 4.1.2.2: positive; the first byte also has to be the first of the shortest encoding. */
function serialNumber(): string {
  const bytes = randomBytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function commonName(name: string): string {
  const printable = [...name.replace(/\p{C}/gu, ' ').trim()].slice(0, MAX_COMMON_NAME).join('');
  return printable === '' ? 'SAML' : printable;
}
