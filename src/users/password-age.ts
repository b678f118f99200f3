/** When a password has served its time (contract/authentication.md 5). */
import type { PasswordSettings } from './password-policy.ts';
import type { User } from './user.ts';

type Dated = Pick<User, 'passwordUpdatedAt' | 'passwordMustChange'>;

const HOUR_MS = 3_600_000;

const isOlder = ({ passwordUpdatedAt }: Dated, hours: number | undefined, now: Date): boolean =>
  hours !== undefined &&
  passwordUpdatedAt !== undefined &&
  now.getTime() - passwordUpdatedAt.getTime() >= hours * HOUR_MS;

/** The password is still right, but has to be replaced. */
export const isPasswordExpired = (user: Dated, { expiresInDays }: PasswordSettings, now: Date): boolean =>
  isOlder(user, expiresInDays === undefined ? undefined : expiresInDays * 24, now);

/** A temporary password that nobody used in time is no password any more. */
export const isTemporaryOver = (
  user: Dated,
  { temporaryValidityHours }: PasswordSettings,
  now: Date,
): boolean => user.passwordMustChange && isOlder(user, temporaryValidityHours, now);
