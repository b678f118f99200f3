/**
 * Decides whether somebody who has just signed in is offered a passkey on the hosted pages, and remembers who does not
 * want one now. What is asked for before a passkey is made elsewhere is asked for here, too: nobody is offered what the
 * account pages would refuse (strong-sign-in.ts), and a mailbox or a phone that opened the session must not be enough for a
 * key that its holder then keeps, where the user has a password (as for a first authenticator app).
 */
import type { Application } from '../applications/application.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import type { UserStore } from '../users/user-store.ts';
import { hasShownCredential } from './factor.ts';
import type { PasskeyList } from './passkey-list.ts';
import { isStrongSignIn, type SecondFactorSources } from './strong-sign-in.ts';

export interface OfferedTo {
  readonly tenantId: TenantId;
  readonly appId: AppId;
  readonly userId: UserId;
  /** What the session has proved. */
  readonly amr: readonly string[];
}

interface Parts {
  readonly applications: { find(tenantId: TenantId, appId: AppId): Promise<Application | undefined> };
  readonly users: Pick<UserStore, 'find'>;
  readonly passkeys: Pick<PasskeyList, 'list'>;
  readonly totp: SecondFactorSources['totp'];
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'put'>;
}

const AGAIN_AFTER_SECONDS = 30 * 24 * 3600;

export class PasskeyOffer {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Where the page is to be shown. */
  async isDue(to: OfferedTo): Promise<boolean> {
    const { applications, ephemeral } = this.#parts;
    if (!offersPasskeys(await applications.find(to.tenantId, to.appId))) return false;
    return (await this.mayAdd(to)) && (await ephemeral.get(declinedAt(to))) === undefined;
  }

  /** Whether this session is good enough for the user's first passkey. */
  async mayAdd({ tenantId, userId, amr }: OfferedTo): Promise<boolean> {
    const { users, passkeys, totp } = this.#parts;
    const user = await users.find(tenantId, userId);
    if (!user || user.status === 'Disabled' || (user.hasPassword && !hasShownCredential(amr))) return false;
    if ((await passkeys.list(tenantId, userId)).length > 0) return false;
    return isStrongSignIn(amr) || (await totp.list({ tenantId, userId })).length === 0;
  }

  /** The user is not asked again for 30 days, by whichever application. */
  async decline(of: Pick<OfferedTo, 'tenantId' | 'userId'>): Promise<void> {
    const options = { ttlSeconds: AGAIN_AFTER_SECONDS, userId: of.userId };
    await this.#parts.ephemeral.put(declinedAt(of), {}, options);
  }
}

/** It has named the method, and has it on its hosted pages. */
function offersPasskeys(application: Application | undefined): boolean {
  if (!application) return false;
  const { hosted_login: hosted, login_preferences: preferences } = application.settings;
  const methods = [hosted.primary_method, ...hosted.secondary_methods];
  const isNamed = preferences.auth_methods.webauthn_api !== undefined;
  return hosted.passkey_offer && isNamed && methods.includes('passkey');
}

const declinedAt = ({ tenantId, userId }: Pick<OfferedTo, 'tenantId' | 'userId'>): ItemKey => ({
  tenantId,
  kind: 'PasskeyOfferDeclined',
  key: userId,
});
