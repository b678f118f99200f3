/**
 * Decides for whom an authentication in a browser counts. Clients without a group share one kind of session, the tenant's
 * browser session; each client group has one of its own (contract/saml.md 4, tokens-and-sessions.md 5). The engine keeps one
 * session for a browser, with a mark for each kind: so they all end with a sign-out, a new password or a disabled user.
 */
import { type ClientGroup, rulesIn } from '../../clients/client-group.ts';
import { SESSION_SECONDS } from './session-lifetime.ts';

/** Epoch seconds. */
export interface KindMark {
  /** The authentication that counts for this kind. */
  readonly at: number;
  readonly endsAt: number;
  /** The rules that the sign-in went by (`rulesIn`). */
  readonly rules: string;
}
export type KindMarks = Readonly<Record<string, KindMark>>;

/** What this file needs to know of a client. */
export interface KindOwner {
  readonly clientId: string;
  readonly group?: ClientGroup | undefined;
}

const SHARED = '';
/** For whoever asks about the browser session of the tenant itself. */
export const WITHOUT_GROUP: KindOwner = { clientId: '' };

/** Without silent login, every client of the group has to be signed in to by itself. */
const kindOf = ({ clientId, group }: KindOwner): string => {
  if (group === undefined) return SHARED;
  return group.allowsSilentLogin ? group.groupId : `${group.groupId} ${clientId}`;
};

/** Undefined where the session is none for this client. A session without any marks is one of before there were marks. */
export function markFor(
  owner: KindOwner,
  session: { readonly marks: KindMarks | undefined; readonly loginTs: number | undefined },
): KindMark | undefined {
  const { marks, loginTs: at } = session;
  const rules = rulesIn(owner.group);
  if (marks === undefined && owner.group === undefined && at !== undefined)
    return { at, endsAt: at + SESSION_SECONDS, rules };
  const mark = marks?.[kindOf(owner)];
  return mark?.rules === rules ? mark : undefined;
}

/** After a sign-in to this client at `at`; what has ended by `now` is left out. */
export function marksAfter(
  owner: KindOwner,
  marks: KindMarks | undefined,
  { at, now }: { readonly at: number; readonly now: number },
): KindMarks {
  const others = Object.entries(marks ?? {}).filter(([, { endsAt }]) => endsAt > now);
  const endsAt = at + (owner.group?.sessionSeconds ?? SESSION_SECONDS);
  return { ...Object.fromEntries(others), [kindOf(owner)]: { at, endsAt, rules: rulesIn(owner.group) } };
}

/** When the last kind ends; undefined where there is none. */
export const endOfAll = (marks: KindMarks): number | undefined => {
  const ends = Object.values(marks).map(({ endsAt }) => endsAt);
  return ends.length > 0 ? Math.max(...ends) : undefined;
};
