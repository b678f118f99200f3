import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { makeSelfSigned } from '../../src/keys/certificate.ts';
import { makeElliptic } from '../../src/keys/certificate-elliptic.ts';
import { keyKindOf } from '../../src/keys/certificate-key.ts';
import { opensslPath } from '../support/engines.ts';
import { describeWithOpenssl } from '../support/ocsp-responder.ts';

const textOf = (pem: string): string =>
  execFileSync(opensslPath ?? '', ['x509', '-noout', '-text', '-nameopt', 'utf8'], {
    input: pem,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
  });

describe.each([
  ['p-256', 'prime256v1'],
  ['p-384', 'secp384r1'],
] as const)('a self-signed certificate with a key on %s (RFC 5280, RFC 5480)', (curve, named) => {
  it('is signed with its own key, which it is the certificate of', async () => {
    const made = await makeElliptic('Payroll Zürich', curve, 10);
    const certificate = new X509Certificate(made.pem);
    const key = createPrivateKey(made.privateKey.reveal());
    expect(made.privateKey.reveal()).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(key.asymmetricKeyDetails?.namedCurve).toBe(named);
    expect(keyKindOf(certificate.publicKey)).toBe(curve);
    expect([certificate.subject, certificate.issuer]).toEqual(['CN=Payroll Zürich', 'CN=Payroll Zürich']);
    expect(certificate.validFromDate).toEqual(made.notBefore);
    expect(certificate.validToDate).toEqual(made.notAfter);
    expect(certificate.ca).toBe(false);
  });

  it('has a positive serial number of 128 bits that is another every time', async () => {
    const serials = await Promise.all(
      Array.from(
        { length: 4 },
        async () => new X509Certificate((await makeElliptic('x', curve, 1)).pem).serialNumber,
      ),
    );
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(new Set(serials).size).toBe(serials.length);
  });

  it('may end after 2049, where the form of the time changes (RFC 5280 section 4.1.2.5)', async () => {
    const made = await makeElliptic('x', curve, 40);
    expect(new X509Certificate(made.pem).validToDate).toEqual(made.notAfter);
  });
});

describeWithOpenssl('what OpenSSL reads in a certificate of ours', () => {
  it.each([
    ['rsa', 'sha256WithRSAEncryption', 'Public-Key: (2048 bit)'],
    ['p-256', 'ecdsa-with-SHA256', 'NIST CURVE: P-256'],
    ['p-384', 'ecdsa-with-SHA384', 'NIST CURVE: P-384'],
  ] as const)('%s: version 3, %s, its use and the identifiers of its key', async (kind, algorithm, key) => {
    const name = 'Payroll Zürich';
    const { pem } = await (kind === 'rsa' ? makeSelfSigned(name) : makeElliptic(name, kind, 10));
    const text = textOf(pem);
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain(`Signature Algorithm: ${algorithm}`);
    expect(text).toContain(key);
    expect(text).toMatch(/Subject: CN ?= ?Payroll Zürich/);
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature\n/);
    const [, subject] = /Subject Key Identifier:\s+([0-9A-F:]{59})\n/.exec(text) ?? [];
    const [, authority] = /Authority Key Identifier:\s+(?:keyid:)?([0-9A-F:]{59})\n/.exec(text) ?? [];
    expect(subject).toBeDefined();
    expect(authority).toBe(subject);
    expect(text).not.toContain('CA:TRUE');
  });
});
