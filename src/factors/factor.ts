/** The ways to prove who one is, as `amr` names them, and when two of them count as two (tokens-and-sessions.md 3). */

export const FACTORS = ['pwd', 'eml', 'eotp', 'sms', 'webauthn', 'otp', 'social'] as const;
export type Factor = (typeof FACTORS)[number];

/** Added where two different factors were proved. */
export const MFA = 'mfa';

/** Seconds for which a first factor waits for the second (authentication.md 7). */
export const FIRST_FACTOR_SECONDS = 900;

/** A link and a code in the same mailbox prove the same thing. */
const channelOf = (factor: string): string => (factor === 'eml' || factor === 'eotp' ? 'email' : factor);

export const isFactor = (text: string): text is Factor => (FACTORS as readonly string[]).includes(text);

/** True where the two prove different things (authentication.md 7). */
export const areDifferent = (a: Factor, b: Factor): boolean => channelOf(a) !== channelOf(b);

/** `amr` after one more factor; `mfa` stands last, from two different ones on. */
export function withFactor(amr: readonly string[], added: Factor): string[] {
  const factors = [...new Set([...amr.filter(isFactor), added])];
  return new Set(factors.map(channelOf)).size > 1 ? [...factors, MFA] : factors;
}

export const hasMfa = (amr: readonly string[] | undefined): boolean => amr?.includes(MFA) ?? false;

/** Something that somebody has set for the user, unlike a code or link, which goes to an address. */
const CREDENTIALS: readonly string[] = ['pwd', 'webauthn', 'otp'];

export const hasShownCredential = (amr: readonly string[]): boolean =>
  amr.some((factor) => CREDENTIALS.includes(factor));
