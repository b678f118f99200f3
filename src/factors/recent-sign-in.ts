/** Decides whether a sign-in is recent enough to change how the user signs in. */
import type { UserCaller } from '../base/caller.ts';
import { reauthenticationRequired } from './factor-faults.ts';

const MAX_AGE_SECONDS = 600;

/** `authTime` in epoch seconds. */
export const isRecentSignIn = (authTime: number | undefined, now = new Date()): boolean =>
  authTime !== undefined && now.getTime() / 1000 - authTime <= MAX_AGE_SECONDS;

/** Whoever finds an old token must not be able to add a way in that outlives it. @throws 403 `reauthentication_required` */
export function assertRecentSignIn({ authTime }: Pick<UserCaller, 'authTime'>, now = new Date()): void {
  if (!isRecentSignIn(authTime, now)) throw reauthenticationRequired();
}
