/** The border of the ten minutes. */
import { assertRecentSignIn } from '../../src/factors/recent-sign-in.ts';

describe('a recent sign-in (issue 5: enrolment without re-authentication)', () => {
  const now = new Date(10_000_000);
  const secondsAgo = (age: number) => () => assertRecentSignIn({ authTime: 10_000 - age }, now);
  it('is at most ten minutes old, and a token that does not say when it was is no proof of one', () => {
    expect(secondsAgo(0)).not.toThrow();
    expect(secondsAgo(600)).not.toThrow();
    expect(secondsAgo(601)).toThrow(/sign in again/);
    expect(() => assertRecentSignIn({}, now)).toThrow(/sign in again/);
  });
});
