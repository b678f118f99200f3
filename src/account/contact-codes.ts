/** A contact that waits for its code: kept outside of the account until the code has shown that it is the person's. */
import { emailCodeSettings, smsCodeSettings } from '../applications/sign-in-settings.ts';
import { HOUSE_APP_ID } from '../base/house.ts';
import type { TenantId, UserId } from '../base/ids.ts';
import type { CodeOutcome, CodePlace, OneTimeCodes } from '../factors/one-time-code.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import type { ContactKind } from '../users/contact-service.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';

interface Parts {
  readonly codes: Pick<OneTimeCodes, 'issue' | 'redeem'>;
  readonly limiter: Pick<GuessLimiter, 'guess'>;
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'remove'>;
}
interface Whose {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly kind: ContactKind;
}

interface Proved {
  readonly value: string;
}

const MINUTES = 10;
const LENGTH = 6;
const settingsOf = (kind: ContactKind) =>
  kind === 'email' ? emailCodeSettings(undefined) : smsCodeSettings(undefined);

export class ContactCodes {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  readonly minutes = MINUTES;

  /** @returns the code, to be sent to the contact and nowhere else */
  async begin(whose: Whose, value: string): Promise<string> {
    const options = { ttlSeconds: MINUTES * 60, userId: whose.userId };
    await this.#parts.ephemeral.put(at(whose), { value }, options);
    return this.#parts.codes.issue({ ...place(whose), length: LENGTH, minutes: MINUTES, payload: { value } });
  }

  /** The contact to which the last code went. */
  async pending(whose: Whose): Promise<string | undefined> {
    const item = await this.#parts.ephemeral.get(at(whose));
    return item && String(item.value.value);
  }

  /**
   * The payload names the contact that is proved: the one the code was sent to. Guesses count for that contact, whoever
   * makes them: the right code of a contact of one's own must not buy more guesses at somebody else's.
   */
  async finish(whose: Whose, code: string, ip: string): Promise<CodeOutcome<Proved>> {
    const value = await this.pending(whose);
    if (value === undefined) return { outcome: 'expired' };
    const { tenantId, kind } = whose;
    const { lockout } = settingsOf(kind);
    const seen: { last: CodeOutcome<Proved> } = { last: { outcome: 'wrong' } };
    const guess = await this.#parts.limiter.guess(
      { tenantId, key: `own_${kind}:${value}`, lockout },
      async () => {
        seen.last = await this.#parts.codes.redeem<Proved>({ ...place(whose), code, ip, lockout });
        // A code of another contact, begun at the same moment, shows nothing of this one.
        return seen.last.outcome === 'right' && seen.last.payload.value === value ? seen.last : undefined;
      },
    );
    if (guess.outcome === 'locked') return guess;
    if (guess.outcome === 'wrong') return seen.last.outcome === 'right' ? { outcome: 'wrong' } : seen.last;
    await this.forget(whose);
    return guess.value;
  }

  async forget(whose: Whose): Promise<void> {
    await this.#parts.ephemeral.remove(at(whose));
  }
}

/** By user, not by contact: guesses count for the user, and a new code takes the place of the old one. */
const place = ({ tenantId, userId, kind }: Whose): CodePlace => ({
  tenantId,
  appId: HOUSE_APP_ID,
  purpose: `own_${kind}`,
  subject: userId,
});

const at = ({ tenantId, userId, kind }: Whose): ItemKey => ({
  tenantId,
  kind: 'PendingContact',
  key: `${userId} ${kind}`,
});
