/** Which key an algorithm of a SAML signature needs, and which algorithm a key can take over. */
import type { KeyObject } from 'node:crypto';
import type { KeyKind } from '../keys/certificate-key.ts';
import type { SignatureAlgorithm } from './saml-client.ts';

type KeyType = 'rsa' | 'ec';

const STRONGEST: Readonly<Record<KeyType, SignatureAlgorithm>> = { rsa: 'rsa-sha512', ec: 'ecdsa-sha384' };
const FAMILIES: Readonly<Record<KeyType, readonly SignatureAlgorithm[]>> = {
  rsa: ['rsa-sha256', 'rsa-sha384', 'rsa-sha512'],
  ec: ['ecdsa-sha256', 'ecdsa-sha384'],
};

export const keyTypeFor = (algorithm: SignatureAlgorithm): KeyType =>
  FAMILIES.rsa.includes(algorithm) ? 'rsa' : 'ec';

export const keyTypeOf = ({ asymmetricKeyType }: Pick<KeyObject, 'asymmetricKeyType'>): KeyType =>
  asymmetricKeyType === 'ec' ? 'ec' : 'rsa';

/** The key that a new certificate gets where nobody asked for another. */
export function keyKindFor(algorithm: SignatureAlgorithm): KeyKind {
  if (keyTypeFor(algorithm) === 'rsa') return 'rsa';
  return algorithm === 'ecdsa-sha384' ? 'p-384' : 'p-256';
}

/** The algorithm itself where the key can do it, else the one of the key with the same hash, or with its strongest. */
export function fitting(algorithm: SignatureAlgorithm, keyType: KeyType): SignatureAlgorithm {
  const [, hash = ''] = algorithm.split('-');
  return FAMILIES[keyType].find((one) => one.endsWith(hash)) ?? STRONGEST[keyType];
}
