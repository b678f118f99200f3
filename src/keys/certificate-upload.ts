/** Reads a signing certificate that an administrator brings, together with its private key. */
import { createPrivateKey, type KeyObject, sign, verify, type X509Certificate } from 'node:crypto';
import { invalid } from '../base/errors.ts';
import { Secret } from '../base/secrets.ts';
import type { SelfSigned } from './certificate-fields.ts';
import { type KeyKind, keyKindOf, LEAST_RSA_BITS, MOST_RSA_BITS } from './certificate-key.ts';
import { holdsPrivateKey, readPem } from './certificate-text.ts';

export interface Upload {
  /** PEM, one certificate. */
  readonly certificate: string;
  /** PEM, not encrypted: PKCS #8, PKCS #1 or SEC 1. */
  readonly privateKey: string;
}

/** @throws 400 with one sentence for what is wrong; never with a part of the key. */
export function readUpload(upload: Upload): SelfSigned {
  const certificate = readOne(upload.certificate);
  const key = readKey(upload.privateKey);
  assertUsable(certificate);
  if (!belongTogether(certificate, key)) throw invalid('private_key is not the key of certificate');
  return {
    // Written anew: nothing that stood around the block is kept, or published.
    pem: certificate.toString(),
    privateKey: new Secret(String(key.export({ type: 'pkcs8', format: 'pem' }))),
    notBefore: certificate.validFromDate,
    notAfter: certificate.validToDate,
  };
}

function readOne(text: string): X509Certificate {
  if (holdsPrivateKey(text))
    throw invalid('certificate must not hold a private key: it is published; the key belongs in private_key');
  const found = readPem(text) ?? [];
  const [certificate] = found;
  if (!certificate) throw invalid('certificate must hold a certificate in PEM form');
  if (found.length > 1)
    throw invalid('certificate must hold one certificate, the one that signs, without a chain');
  return certificate;
}

function readKey(text: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type:.*ENCRYPTED/m.test(text))
    throw invalid(
      'private_key must not be encrypted; take the passphrase off first, for example with `openssl pkey`',
    );
  if (text.split(/-----BEGIN [A-Z ]*PRIVATE KEY-----/).length !== 2)
    throw invalid('private_key must hold one private key in PEM form (PKCS #8, PKCS #1 or SEC 1)');
  try {
    return createPrivateKey(text);
  } catch {
    // What the library says may quote what it read.
    throw invalid('private_key cannot be read; it must be PEM in the form of PKCS #8, PKCS #1 or SEC 1');
  }
}

function assertUsable(certificate: X509Certificate): void {
  const { validToDate } = certificate;
  if (kindOf(certificate) === undefined)
    throw invalid(
      `certificate must have an RSA key of ${LEAST_RSA_BITS} to ${MOST_RSA_BITS} bits with a public exponent of at least 65537, or a key on the curve P-256 or P-384`,
    );
  if (validToDate <= new Date()) throw invalid(`certificate ended at ${validToDate.toISOString()}`);
}

/** Undefined, too, for a kind of key that nobody here has heard of. */
function kindOf(certificate: X509Certificate): KeyKind | undefined {
  try {
    return keyKindOf(certificate.publicKey);
  } catch {
    return undefined;
  }
}

/** A key can name a public half that is not its own, so it has to show that it signs for the certificate. */
function belongTogether(certificate: X509Certificate, key: KeyObject): boolean {
  const text = Buffer.from('signed to see whether a key fits');
  try {
    return (
      certificate.checkPrivateKey(key) &&
      verify('sha256', text, certificate.publicKey, sign('sha256', text, key))
    );
  } catch {
    return false;
  }
}
