/** Which keys a client may register. */
import { generateKeyPairSync } from 'node:crypto';
import { publicKeyProblem } from '../../src/clients/public-keys.ts';

const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const okp = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
const good = rsa(2048);

describe('public keys of a client (R46)', () => {
  it('may be RSA, EC and OKP keys', () => {
    for (const key of [good.publicKey.export({ format: 'jwk' }), ec, { ...okp, kid: 'a', use: 'sig' }])
      expect(publicKeyProblem(key)).toBeUndefined();
  });
  it.each([
    ['a private key', good.privateKey.export({ format: 'jwk' })],
    ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0' }],
    ['no key', {}],
    ['a short RSA key', rsa(1024).publicKey.export({ format: 'jwk' })],
    ['a point that is not on the curve', { ...ec, x: ec.y, y: ec.x }],
    ['coordinates that are no texts', { ...ec, x: 1 }],
    ['a curve nobody uses here', { ...ec, crv: 'secp256k1' }],
    ['a kid that is no text', { ...ec, kid: 7 }],
  ])('are not %s', (_what, key) => {
    expect(publicKeyProblem(key)).toEqual(expect.any(String));
  });
});
