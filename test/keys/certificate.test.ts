/** Certificates of ours, as OpenSSL reads them. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { newSecret, Secret } from '../../src/base/secrets.ts';
import { makeSelfSigned, VALIDITY_YEARS } from '../../src/keys/certificate.ts';
import { SamlCertificates } from '../../src/keys/saml-certificates.ts';
import { Sealer } from '../../src/keys/sealer.ts';

// DER of the extensions: identifier, then the octets of SHA-1; keyUsage critical with digitalSignature alone.
const SUBJECT_KEY = /0603551d0e04160414([0-9a-f]{40})/;
const AUTHORITY_KEY = /0603551d23041830168014([0-9a-f]{40})/;
const DIGITAL_SIGNATURE = '0603551d0f0101ff040403020780';

describe('a self-signed certificate (RFC 5280)', () => {
  const at = Date.now();
  const made = makeSelfSigned('Payroll Zürich');
  const read = async () => new X509Certificate((await made).pem);

  it('is signed with its own RSA key of 2048 bits, which it is the certificate of', async () => {
    const certificate = await read();
    const key = createPrivateKey((await made).privateKey.reveal());
    expect(certificate.checkPrivateKey(key)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(certificate.signatureAlgorithm).toBe('sha256WithRSAEncryption');
  });

  it('names its owner, and leaves out what does not fit a common name', async () => {
    const certificate = await read();
    expect([certificate.subject, certificate.issuer]).toEqual(['CN=Payroll Zürich', 'CN=Payroll Zürich']);
    expect(new X509Certificate((await makeSelfSigned(`\u0007${'é'.repeat(200)}`)).pem).subject).toBe(
      `CN=${'é'.repeat(64)}`,
    );
  });

  it('has a positive serial number of 128 bits that is another every time', async () => {
    const serials = await Promise.all(
      Array.from(
        { length: 4 },
        async () => new X509Certificate((await makeSelfSigned('x')).pem).serialNumber,
      ),
    );
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
    expect(new Set(serials).size).toBe(serials.length);
  });

  it('is valid from now on for ten years', async () => {
    const { validFromDate: from, validToDate: to } = await read();
    expect(Math.abs(from.getTime() - at)).toBeLessThan(60_000);
    expect(to.getUTCFullYear() - from.getUTCFullYear()).toBe(VALIDITY_YEARS);
    expect([to.getUTCMonth(), to.getUTCHours()]).toEqual([from.getUTCMonth(), from.getUTCHours()]);
  });

  it('is for digital signatures, and identifies its key and its issuer by the same key identifier', async () => {
    const der = (await read()).raw.toString('hex');
    const [, subject] = SUBJECT_KEY.exec(der) ?? [];
    const [, authority] = AUTHORITY_KEY.exec(der) ?? [];
    expect(subject).toBeDefined();
    expect(authority).toBe(subject);
    expect(der).toContain(DIGITAL_SIGNATURE);
  });
});

describe('a SAML signing certificate', () => {
  it('has its private key sealed: it opens under the master key for this certificate and nowhere else', async () => {
    const sealer = new Sealer(new Secret(newSecret()));
    const certificate = await new SamlCertificates({ db: undefined as never, sealer }).make('Payroll');
    expect(JSON.stringify(certificate)).not.toContain('PRIVATE KEY');
    const key = sealer.open(certificate.sealedPrivateKey, certificate.certificateId);
    expect(new X509Certificate(certificate.pem).checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(() => sealer.open(certificate.sealedPrivateKey, 'another')).toThrow();
  });
});
