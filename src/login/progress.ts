/** How far a sign-in on the pages has come. Kept on the server under the interaction, and ended with it. */
import type { TenantId, UserId } from '../base/ids.ts';
import { hashSecret } from '../base/secrets.ts';
import type { Factor } from '../factors/factor.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import type { ProvedContact } from '../users/proved-contact.ts';
import type { UserProfile } from '../users/user.ts';

export type Channel = 'email' | 'sms';

/** A contact that a code was sent to, or not: where it belongs to nobody or to somebody else, the pages look the same. */
export interface SentCode {
  readonly channel: Channel;
  /** What guesses are counted under (`CodePlace.subject`). */
  readonly subject: string;
  /** As the person typed it: the address that was found is never shown. */
  readonly shownAs: string;
}

/** A person who signs up, until the contacts are confirmed; nobody is made before. */
export interface SignUpDraft {
  readonly contacts: readonly { readonly channel: Channel; readonly to: string }[];
  /** How many of the contacts are confirmed. */
  readonly confirmed: number;
  readonly username?: string;
  readonly passwordHash?: string;
  readonly profile: UserProfile;
}

export interface ResetDraft {
  readonly identifier: string;
  /** What guesses at the codes are counted under. */
  readonly subject: string;
  /** Channels that are still to be proved, the present one first. */
  readonly awaited: readonly Channel[];
  readonly proved: readonly Factor[];
  /** The contacts that the codes have proved. */
  readonly contacts?: readonly ProvedContact[];
  /** Whose contact the first code has proved. */
  readonly userId?: UserId;
  /** Good for one new password (`OneTimeLinks`); there once everything is proved. */
  readonly proof?: string;
}

export interface SecondProgress {
  /** Names of what the user could prove when the pages began (second-factors.ts); looked up again with each answer. */
  readonly choices: readonly string[];
  /** The password is asked for before an app may be set up. */
  readonly awaitsPassword?: boolean;
  /** An authenticator app that is being set up, sealed. */
  readonly enrolment?: string;
  /** The app was set up, and its first code was right. */
  readonly isEnrolled?: boolean;
}

export interface Progress {
  /** The rules that it was made under (visit-rules.ts). */
  readonly rules?: string;
  /** The step that the first address leads to. */
  readonly open?: string;
  /** As typed; whoever is meant, or nobody. */
  readonly identifier?: string;
  /** The session's user is not the one who wants to sign in. */
  readonly another?: boolean;
  readonly sent?: SentCode;
  readonly linkSentTo?: string;
  readonly signUp?: SignUpDraft;
  readonly reset?: ResetDraft;
  /** The password was right and has to be replaced before anybody is signed in. */
  readonly change?: { readonly userId: UserId; readonly reason: 'expired' | 'temporary' };
  readonly second?: SecondProgress;
  /** Room for steps of other files, under the step's name. */
  readonly notes?: Readonly<Record<string, unknown>>;
}

const KIND = 'LoginProgress';
/** An interaction lives one hour (oidc.md 3.2). */
const TTL_SECONDS = 3600;

export class ProgressStore {
  readonly #store: Pick<EphemeralStore, 'get' | 'put' | 'remove'>;
  constructor(ephemeral: Pick<EphemeralStore, 'get' | 'put' | 'remove'>) {
    this.#store = ephemeral;
  }

  async find(tenantId: TenantId, uid: string): Promise<Progress> {
    return ((await this.#store.get(at(tenantId, uid)))?.value as Progress | undefined) ?? {};
  }

  async put(tenantId: TenantId, uid: string, progress: Progress): Promise<void> {
    await this.#store.put(at(tenantId, uid), { ...progress }, { ttlSeconds: TTL_SECONDS });
  }

  async remove(tenantId: TenantId, uid: string): Promise<void> {
    await this.#store.remove(at(tenantId, uid));
  }
}

const at = (tenantId: TenantId, uid: string): ItemKey => ({
  tenantId,
  kind: KIND,
  key: hashSecret(`login progress\n${uid}`),
});
