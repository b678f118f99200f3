/** Decides whether a sign-in is recent enough to change how the user signs in. */
import type { UserCaller } from '../base/caller.ts';
import { reauthenticationRequired } from './factor-faults.ts';

const MAX_AGE_SECONDS = 600;

/** False where it is not known when the user last proved who they are. */
export const isRecent = (authenticatedAt: Date | undefined, now = new Date()): boolean =>
  authenticatedAt !== undefined && now.getTime() - authenticatedAt.getTime() <= MAX_AGE_SECONDS * 1000;

/** Whoever finds an old token must not be able to add a way in that outlives it. @throws 403 `reauthentication_required` */
export function assertRecentSignIn({ authTime }: Pick<UserCaller, 'authTime'>, now = new Date()): void {
  if (!isRecent(authTime === undefined ? undefined : new Date(authTime * 1000), now))
    throw reauthenticationRequired();
}
