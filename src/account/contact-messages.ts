/** What the account pages send: codes to new contacts, and word of every change to the addresses that were there before. */
import { senderOf } from '../applications/application-sender.ts';
import { houseApplication } from '../applications/house-application.ts';
import type { TenantId, UserId } from '../base/ids.ts';
import { accountNotice } from '../factors/account-notice.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { Database } from '../storage/database.ts';
import type { AccountMail } from '../texts/account-mail-texts.ts';
import type { Language } from '../texts/language.ts';
import type { ContactKind } from '../users/contact-service.ts';
import type { User } from '../users/user.ts';

interface Parts {
  readonly messages: Pick<SignInMessages, 'mail' | 'text' | 'notice' | 'flushed' | 'assertNotTooOften'>;
  readonly tenantId: TenantId;
  readonly houseName: () => string;
}

export interface Reader {
  readonly userId: UserId;
  readonly language: Language;
}

export class ContactMessages {
  readonly #parts: Parts;
  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws 429 where too many went to this contact, or were asked for by this user */
  async sendCode(
    kind: ContactKind,
    to: string,
    { userId, language }: Reader,
    { code, minutes }: { code: () => Promise<string>; minutes: number },
  ): Promise<void> {
    const { messages, tenantId } = this.#parts;
    await messages.assertNotTooOften(tenantId, userId);
    await messages.assertNotTooOften(tenantId, to);
    const common = { sender: this.#sender(), to, language, minutes, code: await code() };
    await (kind === 'email'
      ? messages.mail({ ...common, kind: 'verify_code' })
      : messages.text({ ...common, kind: 'verify_code' }));
  }

  /** To the user's confirmed primary address as it was; nobody else would learn that somebody took the account over. */
  async tell(db: Database, user: User, what: AccountMail, language: Language): Promise<void> {
    const notice = accountNotice({ user, sender: this.#sender(), what, language });
    if (notice) await this.#parts.messages.notice(db, ...notice);
  }

  flushed(): void {
    this.#parts.messages.flushed();
  }

  #sender() {
    return senderOf(houseApplication(this.#parts.tenantId, this.#parts.houseName()));
  }
}
