/** Time-based one-time passwords (RFC 6238), by otpauth: secrets, the URI for an authenticator app, and which step a code is of. */
import { Secret, TOTP } from 'otpauth';

export interface TotpParameters {
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
  readonly digits: number;
  /** Seconds. */
  readonly period: number;
}

const SECRET_BYTES = 20;

const totp = (secret: string, { algorithm, digits, period }: TotpParameters, names = {}): TOTP =>
  new TOTP({
    secret: Secret.fromBase32(secret),
    algorithm: algorithm.toUpperCase(),
    digits,
    period,
    ...names,
  });

/** 160 random bits (RFC 4226 section 4 R6), base32. */
export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32;

/** `otpauth://totp/Issuer:account?...`, as authenticator apps read it out of a QR code. */
export const totpUri = (
  secret: string,
  parameters: TotpParameters,
  names: { readonly issuer: string; readonly account: string },
): string => totp(secret, parameters, { issuer: names.issuer, label: names.account }).toString();

/** The time step whose code this is, at most `window` steps from now; undefined for a wrong code. */
export function matchedStep(
  secret: string,
  parameters: TotpParameters,
  attempt: { readonly code: string; readonly window: number; readonly now: Date },
): number | undefined {
  const timestamp = attempt.now.getTime();
  const generator = totp(secret, parameters);
  const delta = generator.validate({ token: attempt.code, window: attempt.window, timestamp });
  return delta === null ? undefined : generator.counter({ timestamp }) + delta;
}
