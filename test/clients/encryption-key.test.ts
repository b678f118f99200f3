import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { encryptionKeyOf } from '../../src/clients/encryption-key.ts';

const publicJwk = (pair: { publicKey: { export(options: { format: 'jwk' }): JsonWebKey } }) =>
  pair.publicKey.export({ format: 'jwk' }) as Record<string, unknown>;
const rsa = publicJwk(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const ec = publicJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }));
const x25519 = publicJwk(generateKeyPairSync('x25519'));
const algOf = (...keys: Record<string, unknown>[]) => encryptionKeyOf({ keys })?.alg;

describe('the key an ID token is encrypted to (C28)', () => {
  it('decides the algorithm by its type, unless it names one itself', () => {
    expect(algOf(rsa)).toBe('RSA-OAEP-256');
    expect(algOf(ec)).toBe('ECDH-ES');
    expect(algOf(x25519)).toBe('ECDH-ES');
    expect(algOf({ ...rsa, alg: 'RSA-OAEP-512', use: 'enc' })).toBe('RSA-OAEP-512');
    expect(algOf({ ...ec, alg: 'ECDH-ES+A256KW' })).toBe('ECDH-ES+A256KW');
    expect(algOf({ ...rsa, key_ops: ['wrapKey'] })).toBe('RSA-OAEP-256');
  });

  it.each([
    ['a signing key', { ...rsa, use: 'sig' }],
    ['a key that names a signing algorithm', { ...ec, alg: 'ES256' }],
    ['RSA with PKCS #1 v1.5', { ...rsa, alg: 'RSA1_5' }],
    ['the algorithm of another key type', { ...ec, alg: 'RSA-OAEP-256' }],
    ['a key for verifying', { ...rsa, key_ops: ['verify'] }],
    ['Ed25519, which only signs', publicJwk(generateKeyPairSync('ed25519'))],
    ['a short RSA key', publicJwk(generateKeyPairSync('rsa', { modulusLength: 1024 }))],
    ['a point that is not on the curve', { ...ec, y: ec.x }],
    ['a key without its numbers', { kty: 'RSA' }],
    ['a kid that is no text', { ...rsa, kid: 7 }],
  ])('is never %s', (_, key) => {
    expect(algOf(key)).toBeUndefined();
    expect(algOf(key, ec)).toBe('ECDH-ES');
  });

  it('is none where there is none', () => {
    expect(encryptionKeyOf(undefined)).toBeUndefined();
    expect(encryptionKeyOf({})).toBeUndefined();
  });
});
