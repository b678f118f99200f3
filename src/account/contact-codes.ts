/** A contact that waits for its code: kept outside of the account until the code has shown that it is the person's. */
import { emailCodeSettings, smsCodeSettings } from '../applications/sign-in-settings.ts';
import { HOUSE_APP_ID } from '../base/house.ts';
import type { TenantId, UserId } from '../base/ids.ts';
import type { CodeOutcome, CodePlace, OneTimeCodes } from '../factors/one-time-code.ts';
import type { EphemeralStore, ItemKey } from '../storage/ephemeral-store.ts';
import type { ContactKind } from '../users/contact-service.ts';

interface Parts {
  readonly codes: Pick<OneTimeCodes, 'issue' | 'redeem'>;
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'remove'>;
}
interface Whose {
  readonly tenantId: TenantId;
  readonly userId: UserId;
  readonly kind: ContactKind;
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

  /** The payload names the contact that is proved: the one the code was sent to. */
  async finish(whose: Whose, code: string, ip: string): Promise<CodeOutcome<{ readonly value: string }>> {
    const { lockout } = settingsOf(whose.kind);
    const outcome = await this.#parts.codes.redeem<{ value: string }>({ ...place(whose), code, ip, lockout });
    if (outcome.outcome === 'right') await this.forget(whose);
    return outcome;
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
