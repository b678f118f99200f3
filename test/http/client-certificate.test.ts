/** Whose header is believed, and in which forms. */
import type { IncomingMessage } from 'node:http';
import { clientCertificates } from '../../src/http/client-certificate.ts';
import { type Identity, selfSigned } from '../support/certificates.ts';

describe('the certificate header of a proxy (RFC 9440)', () => {
  let mine: Identity;
  let expired: Identity;
  let early: Identity;
  beforeAll(async () => {
    mine = await selfSigned('mine');
    expired = await selfSigned('expired', { validFrom: -3, validTo: -1 });
    early = await selfSigned('early', { validFrom: 1 });
  });

  const trustedProxies = ['10.0.0.0/8', '::1'];
  const seen = (value: string | undefined, peer: string | undefined, parts = {}) =>
    clientCertificates({ trustedProxies, certificateHeader: 'client-cert', ...parts })({
      socket: { remoteAddress: peer },
      headers: { 'client-cert': value, 'x-forwarded-for': '10.0.0.1' },
    } as unknown as IncomingMessage)?.raw.toString('base64');

  it('is read as a byte sequence and as percent-encoded PEM', () => {
    for (const peer of ['10.1.2.3', '::1', '::ffff:10.1.2.3'])
      for (const value of [`:${mine.x5c}:`, encodeURIComponent(mine.cert)])
        expect(seen(value, peer)).toBe(mine.x5c);
  });

  it('is not believed from anybody else, whatever address they forward', () => {
    for (const peer of ['192.0.2.1', '11.0.0.1', '::ffff:192.0.2.1', undefined])
      expect(seen(`:${mine.x5c}:`, peer)).toBeUndefined();
    expect(seen(`:${mine.x5c}:`, '10.1.2.3', { trustedProxies: [] })).toBeUndefined();
    expect(seen(`:${mine.x5c}:`, '10.1.2.3', { certificateHeader: 'x-other' })).toBeUndefined();
    expect(seen(`:${mine.x5c}:`, '10.1.2.3', { certificateHeader: undefined })).toBeUndefined();
  });

  it('counts for nothing where it cannot be read', () => {
    for (const value of [
      '',
      ':',
      '::',
      ':AAAA:',
      mine.x5c,
      mine.key,
      '%E0%A4%A',
      `:${mine.x5c}:, :${mine.x5c}:`,
    ])
      expect(seen(value, '10.1.2.3')).toBeUndefined();
  });

  it('counts for nothing outside of the validity of the certificate', () => {
    for (const { x5c } of [expired, early]) expect(seen(`:${x5c}:`, '10.1.2.3')).toBeUndefined();
  });
});
