/** After how many failures something is locked, and for how long. */

export interface LockoutTier {
  /** Failures since the count began. */
  readonly attempts: number;
  readonly durationSeconds: number;
}

/** The last tier comes again after as many more failures as lie between it and the one before. */
export interface Lockout {
  /** At least one; more attempts from one to the next. */
  readonly tiers: readonly LockoutTier[];
  /** The count begins anew so long after the last failure, or after the end of the lock that it brought. */
  readonly failuresExpireSeconds: number;
  /** Counted from the first failure instead: for what many people share, whose count no success clears. */
  readonly isFixedWindow?: true;
}

const MINUTE = 60;
const ADDRESS_WINDOW = 15 * MINUTE;

/** The tiers that an application sets, in minutes, or the single one of its older settings. */
export function lockoutOf(given: {
  tiers: readonly { readonly attempts: number; readonly duration: number }[] | undefined;
  attempts: number;
  minutes: number;
  expireMinutes: number;
}): Lockout {
  const tiers = given.tiers?.length ? given.tiers : [{ attempts: given.attempts, duration: given.minutes }];
  // Of two with the same number the longer one counts.
  const longest = new Map<number, number>();
  for (const { attempts, duration } of tiers)
    longest.set(attempts, Math.max(duration, longest.get(attempts) ?? 0));
  return {
    tiers: [...longest]
      .sort(([a], [b]) => a - b)
      .map(([attempts, minutes]) => ({ attempts, durationSeconds: minutes * MINUTE })),
    failuresExpireSeconds: given.expireMinutes * MINUTE,
  };
}

/** For one address of the network, whoever was meant. Generous: an office has one address. */
export const addressLockout = (failures: number): Lockout => ({
  tiers: [{ attempts: failures, durationSeconds: ADDRESS_WINDOW }],
  failuresExpireSeconds: ADDRESS_WINDOW,
  isFixedWindow: true,
});
