/** Finds the user whom a person named, with the kinds of identifier that the application takes; the same work for strangers. */
import { LOGIN_KINDS } from '../applications/hosted-login.ts';
import type { ProvedContact } from '../users/proved-contact.ts';
import { isStorableText, type User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { Channel } from './progress.ts';
import type { Visit } from './visit.ts';

const MAX_IDENTIFIER = 255;

/** As it is looked for: people write phone numbers with spaces and brackets. */
export const cleanIdentifier = (typed: string): string => {
  const text = typed.trim().slice(0, MAX_IDENTIFIER);
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

/** What a code proves that went there. */
export const provedBy = (channel: Channel, to: string): ProvedContact =>
  channel === 'email' ? { email: to } : { phoneNumber: to };

/** What a user signs in with here, of what the application takes; undefined where they have none of it. */
export function nameOf(user: User, username: string | undefined, { hosted }: Pick<Visit, 'hosted'>) {
  const names = { email: user.email, phone_number: user.phoneNumber, username };
  return hosted.identifiers.map((kind) => names[kind]).find((name) => name !== undefined);
}
