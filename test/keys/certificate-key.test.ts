import type { KeyObject } from 'node:crypto';
import { keyKindOf } from '../../src/keys/certificate-key.ts';

const rsa = (modulusLength: number, publicExponent = 65_537n) => ({
  asymmetricKeyType: 'rsa' as const,
  asymmetricKeyDetails: { modulusLength, publicExponent },
});
const ec = (namedCurve: string) => ({
  asymmetricKeyType: 'ec' as const,
  asymmetricKeyDetails: { namedCurve },
});

describe('a key that signs for SAML', () => {
  it.each<[string, Pick<KeyObject, 'asymmetricKeyType' | 'asymmetricKeyDetails'>, string | undefined]>([
    ['RSA with 2048 bits', rsa(2048), 'rsa'],
    ['RSA with 4096 bits', rsa(4096), 'rsa'],
    ['RSA with 2047 bits', rsa(2047), undefined],
    ['RSA with 8192 bits, which would hold up everybody', rsa(8192), undefined],
    ['RSA with the exponent 3', rsa(2048, 3n), undefined],
    ['P-256', ec('prime256v1'), 'p-256'],
    ['P-384', ec('secp384r1'), 'p-384'],
    ['P-521', ec('secp521r1'), undefined],
    ['the curve of Bitcoin', ec('secp256k1'), undefined],
    ['RSA for PSS only', { ...rsa(2048), asymmetricKeyType: 'rsa-pss' }, undefined],
    ['Ed25519', { asymmetricKeyType: 'ed25519', asymmetricKeyDetails: {} }, undefined],
  ])('%s: known where it is allowed, unknown where it is not', (_, key, kind) => {
    expect(keyKindOf(key)).toBe(kind);
  });
});
