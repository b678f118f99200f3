/** Decides whether a sign-in is recent and strong enough to change how the user signs in. */
import type { UserCaller } from '../base/caller.ts';
import { hasMfa } from './factor.ts';
import { secondFactorRequired } from './factor-faults.ts';
import { assertRecentSignIn } from './recent-sign-in.ts';
import type { TotpService } from './totp-service.ts';

/** A passkey is something that the user has and unlocks: two factors in one. */
export const isStrongSignIn = (amr: readonly string[] = []): boolean =>
  hasMfa(amr) || amr.includes('webauthn');

/**
 * Whoever has the first factor alone must not be able to take the second one away, nor to add one of their own beside it.
 * @throws 403 `reauthentication_required`, `mfa_required`
 */
export type AssertStrongSignIn = (caller: UserCaller) => Promise<void>;

export const strongSignIn =
  (totp: Pick<TotpService, 'list'>): AssertStrongSignIn =>
  async (caller) => {
    assertRecentSignIn(caller);
    if (!isStrongSignIn(caller.amr) && (await totp.list(caller)).length > 0) throw secondFactorRequired();
  };
