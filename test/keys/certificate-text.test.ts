/** Certificates come in texts that anybody may write. */
import { performance } from 'node:perf_hooks';
import { makeSelfSigned } from '../../src/keys/certificate.ts';
import { readCertificate, readPem } from '../../src/keys/certificate-text.ts';

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

describe('texts of certificates', () => {
  let pem: string;
  let base64: string;
  beforeAll(async () => {
    ({ pem } = await makeSelfSigned('Reader'));
    base64 = pem.replace(/-----[A-Z ]+-----/g, '');
  });

  it('are PEM with any number of blocks, or base64, wherever the lines break (RFC 7468, RFC 7517 4.7)', () => {
    expect(readPem(`a chain:\n${pem}\n${pem}`)?.length).toBe(2);
    for (const text of [
      pem,
      base64,
      base64.replace(/\s/g, ''),
      ` ${base64.match(/\S{1,7}/g)?.join('\r\n ')} `,
    ])
      expect(readCertificate(text)?.subject).toContain('Reader');
  });

  it('are refused as a whole where one block cannot be read', () => {
    for (const text of [
      '',
      'x',
      `${BEGIN}${END}`,
      `${pem}${BEGIN}`,
      `${pem}${BEGIN}a-b${END}`,
      `${BEGIN}${pem}`,
    ])
      expect(readPem(text)).toBeUndefined();
    for (const text of ['', ' ', 'AAAA', `${base64}=x`, '===']) expect(readCertificate(text)).toBeUndefined();
  });

  it('take time in proportion to their length, not to its square', () => {
    const began = performance.now();
    for (const unit of [' ', '\n', 'A ', BEGIN, `${BEGIN}\n`, END, '-']) {
      const text = unit.repeat(256_000 / unit.length);
      expect(readCertificate(text)).toBeUndefined();
      expect(readPem(`${text}!`)).toBeUndefined();
    }
    expect(performance.now() - began).toBeLessThan(1500);
  });
});
