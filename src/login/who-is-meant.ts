/** Finds the user whom a person named, with the kinds of identifier that the application takes; the same work for strangers. */
import { LOGIN_KINDS } from '../applications/hosted-login.ts';
import { isStorableText, type User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { Channel } from './progress.ts';
import type { Visit } from './visit.ts';

/** As it is looked for: people write phone numbers with spaces and brackets. */
export const cleanIdentifier = (typed: string): string => {
  const text = typed.trim();
  return /^\+[\d\s().-]+$/.test(text) ? text.replace(/[^\d+]/g, '') : text;
};

export const kindsOf = ({ hosted }: Pick<Visit, 'hosted'>) =>
  hosted.identifiers.map((name) => LOGIN_KINDS[name]);

/** Undefined for a stranger and for somebody who may not sign in. */
export async function whoIsMeant(
  users: Pick<UserStore, 'findCandidate'>,
  visit: Visit,
  identifier: string,
): Promise<User | undefined> {
  if (!isStorableText(identifier)) return undefined;
  const { tenantId, appId } = visit.details;
  const candidate = await users.findCandidate({ tenantId, appId }, identifier, kindsOf(visit));
  return candidate?.user.status === 'Disabled' ? undefined : candidate?.user;
}

export const contactOf = (user: User | undefined, channel: Channel): string | undefined =>
  channel === 'email' ? user?.email : user?.phoneNumber;

/** How a user is called on the pages of their own browser. */
export const nameOf = (user: User | undefined): string | undefined =>
  user && (user.email ?? user.phoneNumber ?? undefined);
