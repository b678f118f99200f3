import { SIGNATURE_ALGORITHMS } from '../../src/clients/saml-client.ts';
import { fitting, keyKindFor, keyTypeFor } from '../../src/clients/signature-algorithm.ts';

describe('the algorithm of SAML signatures (contract/saml.md 1.5)', () => {
  it.each([
    ['rsa-sha256', 'rsa', 'rsa-sha256'],
    ['rsa-sha512', 'rsa', 'rsa-sha512'],
    ['rsa-sha256', 'ec', 'ecdsa-sha256'],
    ['rsa-sha384', 'ec', 'ecdsa-sha384'],
    ['rsa-sha512', 'ec', 'ecdsa-sha384'],
    ['ecdsa-sha256', 'rsa', 'rsa-sha256'],
    ['ecdsa-sha384', 'rsa', 'rsa-sha384'],
  ] as const)('%s with a key of type %s is %s', (algorithm, keyType, expected) => {
    expect(fitting(algorithm, keyType)).toBe(expected);
  });

  it.each(SIGNATURE_ALGORITHMS)('%s stays where the key that it asks for is there', (algorithm) => {
    expect(fitting(algorithm, keyTypeFor(algorithm))).toBe(algorithm);
    expect(keyKindFor(algorithm) === 'rsa').toBe(keyTypeFor(algorithm) === 'rsa');
  });
});
