/** Decides what a signed-in user can prove beside what the session has proved already (authentication.md 7). */
import { areDifferent, type Factor, isFactor } from '../factors/factor.ts';
import type { PasskeyPlaces } from '../factors/passkey-places.ts';
import type { TotpService } from '../factors/totp-service.ts';
import type { PasskeyStore } from '../users/passkey-store.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { Visit } from './visit.ts';

export type SecondFactorName = 'app' | 'passkey' | 'email' | 'sms' | 'recovery';

export interface SecondFactor {
  readonly name: SecondFactorName;
  readonly factor: Factor;
  /** Where a code would go: the contact may be verified or not (authentication.md 7). */
  readonly to?: string;
}

export interface SecondFactorSources {
  readonly users: Pick<UserStore, 'find'>;
  readonly totp: Pick<TotpService, 'list' | 'countRecoveryCodes'>;
  readonly passkeyStore: Pick<PasskeyStore, 'list'>;
  readonly places: Pick<PasskeyPlaces, 'ofHostedPages'>;
}

export class SecondFactors {
  readonly #parts: SecondFactorSources;
  constructor(parts: SecondFactorSources) {
    this.#parts = parts;
  }

  /** In the order in which they are offered; looked up anew each time, as they may change while a page stands open. */
  async of({ details }: Pick<Visit, 'details'>): Promise<readonly SecondFactor[]> {
    const { tenantId, userId, amr } = details;
    const user = userId && (await this.#parts.users.find(tenantId, userId));
    if (!user || user.status === 'Disabled') return [];
    const proved = amr.filter(isFactor);
    const all = await this.#ofUser(user, details);
    return all.filter(({ factor }) => proved.every((one) => areDifferent(one, factor)));
  }

  async find(visit: Pick<Visit, 'details'>, name: string): Promise<SecondFactor | undefined> {
    return (await this.of(visit)).find((one) => one.name === name);
  }

  async #ofUser(
    user: User,
    { tenantId, clientId }: Pick<Visit['details'], 'tenantId' | 'clientId'>,
  ): Promise<SecondFactor[]> {
    const { totp, passkeyStore, places } = this.#parts;
    const { userId, email, phoneNumber } = user;
    const { party } = await places.ofHostedPages(tenantId, clientId);
    const [apps, codes, passkeys] = await Promise.all([
      totp.list({ tenantId, userId }),
      totp.countRecoveryCodes({ tenantId, userId }),
      passkeyStore.list(tenantId, userId, party.scope),
    ]);
    return [
      ...(apps.length > 0 ? [{ name: 'app', factor: 'otp' } as const] : []),
      ...(passkeys.length > 0 ? [{ name: 'passkey', factor: 'webauthn' } as const] : []),
      ...(email !== undefined ? [{ name: 'email', factor: 'eotp', to: email } as const] : []),
      ...(phoneNumber !== undefined ? [{ name: 'sms', factor: 'sms', to: phoneNumber } as const] : []),
      ...(apps.length > 0 && codes > 0 ? [{ name: 'recovery', factor: 'otp' } as const] : []),
    ];
  }
}

/** Enough for its owner to know it by, too little for anybody else: the first factor alone must not tell contacts. */
export function shortened(contact: string): string {
  const at = contact.lastIndexOf('@');
  return at > 0 ? `${contact.charAt(0)}•••${contact.slice(at)}` : `•••${contact.slice(-3)}`;
}
