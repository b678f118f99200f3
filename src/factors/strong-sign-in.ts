/** Decides whether a sign-in is recent and strong enough to change how the user signs in. */
import type { UserCaller } from '../base/caller.ts';
import { hasMfa } from './factor.ts';
import { secondFactorRequired } from './factor-faults.ts';
import type { PasskeyList } from './passkey-list.ts';
import { assertRecentSignIn } from './recent-sign-in.ts';
import type { TotpService } from './totp-service.ts';

/** A passkey is something that the user has and unlocks: two factors in one. */
export const isStrongSignIn = (amr: readonly string[] = []): boolean =>
  hasMfa(amr) || amr.includes('webauthn');

export interface SecondFactorSources {
  readonly totp: Pick<TotpService, 'list'>;
  readonly passkeys: Pick<PasskeyList, 'list'>;
}

/** Passkeys of every place count: one of an application's own pages is a way in that somebody else must not take away, too. */
export const hasSecondFactor = async (
  { totp, passkeys }: SecondFactorSources,
  { tenantId, userId }: Pick<UserCaller, 'tenantId' | 'userId'>,
): Promise<boolean> =>
  (await totp.list({ tenantId, userId })).length > 0 || (await passkeys.list(tenantId, userId)).length > 0;

/**
 * Whoever has the first factor alone must not be able to take the second one away, nor to add one of their own beside it.
 * @throws 403 `reauthentication_required`, `mfa_required`
 */
export type AssertStrongSignIn = (caller: UserCaller) => Promise<void>;

export const strongSignIn =
  (sources: SecondFactorSources): AssertStrongSignIn =>
  async (caller) => {
    assertRecentSignIn(caller);
    if (!isStrongSignIn(caller.amr) && (await hasSecondFactor(sources, caller))) throw secondFactorRequired();
  };
