/** Which public key of a client its ID tokens are encrypted to, and how (contract C28). */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { Jwk, Jwks } from './client.ts';

export interface EncryptionKey {
  readonly key: Jwk;
  /** RFC 7518 section 4.1. */
  readonly alg: string;
}

const MIN_RSA_BITS = 2048;
const RSA_ALGORITHMS = ['RSA-OAEP-256', 'RSA-OAEP', 'RSA-OAEP-384', 'RSA-OAEP-512'];
const ECDH_ALGORITHMS = ['ECDH-ES', 'ECDH-ES+A128KW', 'ECDH-ES+A192KW', 'ECDH-ES+A256KW'];
const ECDH_CURVES = ['P-256', 'P-384', 'P-521', 'X25519'];

/** Every algorithm a key may ask for in its own `alg`; the first of its kind is taken where it says nothing. */
export const ENCRYPTION_ALGORITHMS = [...RSA_ALGORITHMS, ...ECDH_ALGORITHMS];
export const CONTENT_ENCRYPTION = 'A256GCM';

/** The first key that can be encrypted to. */
export function encryptionKeyOf(jwks: Jwks | undefined): EncryptionKey | undefined {
  for (const key of jwks?.keys ?? []) {
    const algorithms = algorithmsOf(key);
    const alg = key.alg === undefined ? algorithms[0] : algorithms.find((known) => known === key.alg);
    if (alg !== undefined && isMeantForEncryption(key) && isWellFormed(key)) return { key, alg };
  }
  return undefined;
}

function algorithmsOf({ kty, crv }: Jwk): readonly string[] {
  if (kty === 'RSA') return RSA_ALGORITHMS;
  return ECDH_CURVES.includes(String(crv)) ? ECDH_ALGORITHMS : [];
}

/** RFC 7517 sections 4.2 and 4.3. An ECDH public key has no operation of its own. */
function isMeantForEncryption({ kty, use, kid, key_ops: operations }: Jwk): boolean {
  if ((use !== undefined && use !== 'enc') || !['string', 'undefined'].includes(typeof kid)) return false;
  if (!Array.isArray(operations) || kty !== 'RSA') return true;
  return operations.includes('encrypt') || operations.includes('wrapKey');
}

function isWellFormed(key: Jwk): boolean {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
    return key.kty !== 'RSA' || (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;
  } catch {
    return false;
  }
}
