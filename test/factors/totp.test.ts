/** The algorithm against the test vectors of RFC 6238, and the window. */
import { Secret } from 'otpauth';
import { matchedStep, newTotpSecret, totpUri } from '../../src/factors/totp.ts';

/** RFC 6238 appendix B: the seed is as long as the output of the hash. */
const seed = (length: number): string => Secret.fromLatin1('1234567890'.repeat(7).slice(0, length)).base32;
const VECTORS = [
  { algorithm: 'sha1', secret: seed(20), at: 59, code: '94287082' },
  { algorithm: 'sha1', secret: seed(20), at: 1_111_111_109, code: '07081804' },
  { algorithm: 'sha256', secret: seed(32), at: 59, code: '46119246' },
  { algorithm: 'sha512', secret: seed(64), at: 20_000_000_000, code: '47863826' },
] as const;

describe('codes of authenticator apps', () => {
  it.each(VECTORS)('are those of RFC 6238: $algorithm at $at', ({ algorithm, secret, at, code }) => {
    const now = new Date(at * 1000);
    const parameters = { algorithm, digits: 8, period: 30 };
    expect(matchedStep(secret, parameters, { code, window: 0, now })).toBe(Math.floor(at / 30));
  });

  it('count in the window, and name the step that they are of', () => {
    const parameters = { algorithm: 'sha1', digits: 8, period: 30 } as const;
    const step = (at: number, window: number) =>
      matchedStep(seed(20), parameters, { code: '94287082', window, now: new Date(at * 1000) });
    expect([step(29, 1), step(89, 1), step(90, 1), step(90, 2), step(29, 0)]).toEqual([
      1,
      1,
      undefined,
      1,
      undefined,
    ]);
  });

  it('come from secrets that differ, and whose URI keeps names with odd characters apart', () => {
    expect(new Set(Array.from({ length: 50 }, newTotpSecret)).size).toBe(50);
    const parameters = { algorithm: 'sha1', digits: 6, period: 30 } as const;
    const uri = totpUri(seed(20), parameters, { issuer: 'A&B: "C"?', account: 'a+b@x.de' });
    expect(new URL(uri).searchParams.get('issuer')).toBe('A&B: "C"?');
    expect(new URL(uri).searchParams.get('secret')).toBe(seed(20));
  });
});
