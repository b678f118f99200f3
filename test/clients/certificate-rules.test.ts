/** Which certificates a client's settings may hold: each fault names its place (R48). */
import { generateKeyPairSync } from 'node:crypto';
import type { AuthenticationConfiguration } from '../../src/clients/client.ts';
import { DEFAULT_SETTINGS } from '../../src/clients/client.ts';
import { mergeSettings } from '../../src/clients/client-rules.ts';
import { type Identity, issue, selfSigned } from '../support/certificates.ts';

const problemsOf = (authentication_configuration: AuthenticationConfiguration): string => {
  try {
    mergeSettings(DEFAULT_SETTINGS, { authentication_configuration });
    return 'none';
  } catch (error) {
    return JSON.stringify(error, Object.getOwnPropertyNames(error));
  }
};

describe('certificates in the settings of a client', () => {
  let mine: Identity;
  let root: Identity;
  beforeAll(async () => {
    mine = await selfSigned('mine');
    root = await issue({ subject: [['CN', 'Root']], authority: true });
  });

  const selfSignedWith = (...keys: Record<string, unknown>[]) =>
    problemsOf({ method: 'self_signed_tls_client_auth', jwks: { keys } });
  const jwk = () => crypto.subtle.exportKey('jwk', mine.keys.publicKey);

  it('stand alone, or beside the key that they certify (RFC 7517 section 4.7)', async () => {
    const { kty, crv, x, y } = await jwk();
    expect(selfSignedWith({ x5c: [mine.x5c] }, { kty, crv, x, y, x5c: [mine.cert] })).toBe('none');
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    expect(selfSignedWith({ ...other, x5c: [mine.x5c] })).toContain(
      'authentication_configuration.jwks.keys.0.x5c.0 is the certificate of another key',
    );
  });

  it('are never private keys', () => {
    expect(selfSignedWith({ x5c: [mine.key] })).toContain('keys.0.x5c.0 is not a certificate');
    expect(selfSignedWith({ x5c: [mine.cert + mine.key] })).toContain('keys.0.x5c.0 is not a certificate');
    expect(selfSignedWith({ x5c: [mine.x5c], d: 'secret' })).toContain('must be a public');
  });

  it('are texts that hold a certificate', () => {
    for (const bad of [
      1,
      null,
      '',
      'AAAA',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      {},
    ])
      expect(selfSignedWith({ x5c: [mine.x5c, bad] })).toContain('keys.0.x5c.1 is not a certificate');
    expect(selfSignedWith({ x5c: [] })).toContain('must be a public');
    expect(selfSignedWith({ x5c: mine.x5c })).toContain('must be a public');
  });

  it('do not replace the key where assertions are checked with it (R46)', () => {
    expect(problemsOf({ method: 'private_key_jwt', jwks: { keys: [{ x5c: [mine.x5c] }] } })).toContain(
      'authentication_configuration.jwks.keys.0 must be a public RSA, EC or OKP key',
    );
  });

  it('are at most ten in a chain', () => {
    const tls = { distinguished_name: 'CN=shop', certificate_chain: root.cert.repeat(11) };
    expect(problemsOf({ method: 'tls_client_auth', tls_client_auth: tls })).toContain('more than 10');
    const ten = { ...tls, certificate_chain: root.cert.repeat(10) };
    expect(problemsOf({ method: 'tls_client_auth', tls_client_auth: ten })).toBe('none');
  });
});
