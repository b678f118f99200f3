/** Makes self-signed X.509 certificates, each with an RSA key of its own (RFC 5280). */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import forge from 'node-forge';
import { Secret } from '../base/secrets.ts';
import {
  commonName,
  type SelfSigned,
  serialNumber,
  type Validity,
  validityOf,
} from './certificate-fields.ts';

export const VALIDITY_YEARS = 10;
const RSA_BITS = 2048;

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

function unsigned(
  publicKey: forge.pki.rsa.PublicKey,
  name: string,
  validity: Validity,
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
  certificate.serialNumber = serialNumber().toString('hex');
  certificate.validity = { ...validity };
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'keyUsage', critical: true, digitalSignature: true },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: true },
  ]);
  return certificate;
}
