/** Sends codes and links in the application's name, and not too often to the same person. */
import type { ApplicationSender } from '../applications/application-sender.ts';
import { tooMany } from '../base/errors.ts';
import { isHouse } from '../base/house.ts';
import type { AppId, TenantId } from '../base/ids.ts';
import type { EmailContent } from '../messages/email-content-schema.ts';
import { withEmailContent } from '../messages/email-content-schema.ts';
import { mailContent } from '../messages/mail-layout.ts';
import type { Messages } from '../messages/message.ts';
import type { Database } from '../storage/database.ts';
import { fill, type Language } from '../texts/language.ts';
import { type MailTexts, MESSAGE_TEXTS, type MessageKind } from '../texts/message-texts.ts';
import type { GuessLimiter } from '../users/guess-limiter.ts';

/** In whose name something is sent. */
export type Sender = ApplicationSender;

interface Outgoing {
  readonly sender: Sender;
  readonly to: string;
  readonly language: Language;
  readonly minutes: number;
}
export interface MailToSend extends Outgoing {
  readonly kind: MessageKind;
  readonly code?: string;
  readonly link?: string;
  /** The caller's words instead of ours. */
  readonly emailContent?: EmailContent | undefined;
  /** Address and subject that the application has set for the method. */
  readonly message?: { readonly from?: string; readonly subject?: string; readonly primaryColor?: string };
}
export interface TextToSend extends Outgoing {
  readonly kind: 'code' | 'reset_code' | 'verify_code';
  readonly code: string;
  /** Has `{otp}` and `{app}` (authentication.md 1). */
  readonly customMessage?: string | undefined;
  readonly senderId?: string | undefined;
}

/** So many to one address or number within a minute; counted over all nodes. */
const PER_MINUTE = 5;
const MINUTE = 60;

interface Rate {
  readonly perMinute?: number;
}

const tooOften = (until: Date) =>
  tooMany(
    'Too many messages were sent to this recipient; wait a moment',
    Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000)),
  );

export class SignInMessages {
  readonly #db: Database;
  readonly #messages: Messages;
  readonly #limiter: GuessLimiter;
  constructor(parts: { db: Database; messages: Messages; limiter: GuessLimiter }) {
    this.#db = parts.db;
    this.#messages = parts.messages;
    this.#limiter = parts.limiter;
  }

  /**
   * Counts a message to this recipient, whether or not one is sent: who is unknown must not be told by it.
   * @throws 429 with the seconds to wait
   */
  async assertNotTooOften(tenantId: TenantId, to: string, rate: Rate = {}): Promise<void> {
    const until = await this.#count(tenantId, `send:${to.toLowerCase()}`, rate);
    if (until) throw tooOften(until);
  }

  /**
   * Counts what a person has typed, apart from the address that it led to: of two identifiers of one account neither must
   * use up the other's messages, or the limit would tell that they belong together. @throws 429
   */
  async assertNotAskedTooOften(tenantId: TenantId, typed: string, rate: Rate = {}): Promise<void> {
    const until = await this.#count(tenantId, `asked:${typed.toLowerCase()}`, rate);
    if (until) throw tooOften(until);
  }

  /** Counts like `assertNotTooOften`, for an address that the person may not know: the limit must not tell whose it is. */
  async mayReceive(tenantId: TenantId, to: string, rate: Rate = {}): Promise<boolean> {
    return (await this.#count(tenantId, `send:${to.toLowerCase()}`, rate)) === undefined;
  }

  /** @returns until when it is too often */
  async #count(tenantId: TenantId, key: string, { perMinute = PER_MINUTE }: Rate): Promise<Date | undefined> {
    const lockout = {
      tiers: [{ attempts: perMinute, durationSeconds: MINUTE }],
      failuresExpireSeconds: MINUTE,
      isFixedWindow: true,
    } as const;
    const counted = await this.#limiter.guess({ tenantId, key, lockout }, async () => undefined);
    return counted.outcome === 'locked' ? counted.until : undefined;
  }

  async mail(request: MailToSend): Promise<void> {
    await this.#post(request, MESSAGE_TEXTS[request.language].mails[request.kind]);
  }

  /** Tells the owner of an account that the password is another one now. */
  async passwordChanged(request: Outgoing): Promise<void> {
    await this.#post(request, MESSAGE_TEXTS[request.language].passwordChanged);
  }

  /** Tells the owner of an account that what was set for signing in before they proved their address is gone. */
  async credentialsRemoved(request: Outgoing): Promise<void> {
    await this.#post(request, MESSAGE_TEXTS[request.language].credentialsRemoved);
  }

  /** Something else in the same form, in a transaction of the caller; `flushed` sends it. */
  async notice(db: Database, request: Outgoing, texts: MailTexts): Promise<void> {
    await this.#enqueue(db, request, texts);
  }

  /** The same by itself, sent at once. */
  async announce(request: Outgoing, texts: MailTexts): Promise<void> {
    await this.#post(request, texts);
  }

  flushed(): void {
    this.#messages.flushed();
  }

  /** Tells somebody at whose address a sign-up began that there is an account already. */
  async accountExists(channel: 'email' | 'sms', request: Outgoing): Promise<void> {
    const texts = MESSAGE_TEXTS[request.language];
    if (channel === 'email') return this.#post(request, texts.accountExists);
    await this.#postText(request, fill(texts.accountExistsText, { app: request.sender.appName }));
  }

  async text({
    sender,
    to,
    language,
    minutes,
    kind,
    code,
    customMessage,
    senderId,
  }: TextToSend): Promise<void> {
    const text =
      customMessage === undefined
        ? fill(MESSAGE_TEXTS[language].texts[kind], { code, app: sender.appName })
        : fill(customMessage, { otp: code, app: sender.appName });
    await this.#postText({ sender, to, language, minutes }, text, senderId);
  }

  async #postText({ sender, to, minutes }: Outgoing, text: string, senderId?: string): Promise<void> {
    await this.#messages.enqueue(this.#db, {
      channel: 'sms',
      tenantId: sender.tenantId,
      ...appOf(sender),
      to,
      text,
      expiresAt: new Date(Date.now() + minutes * 60_000),
      ...(senderId !== undefined && { senderId }),
    });
    this.#messages.flushed();
  }

  async #post(request: Outgoing & Partial<MailToSend>, texts: MailTexts): Promise<void> {
    await this.#enqueue(this.#db, request, texts);
    this.#messages.flushed();
  }

  async #enqueue(db: Database, request: Outgoing & Partial<MailToSend>, texts: MailTexts): Promise<void> {
    const { sender, to, language, minutes, code, link, message } = request;
    const values = { app: sender.appName, minutes, ...(code !== undefined && { code }) };
    const primaryColor = message?.primaryColor || sender.primaryColor;
    const content = mailContent(
      withEmailContent(
        {
          subject: fill(message?.subject || texts.subject, values),
          appName: sender.appName,
          lang: language,
          headerText: fill(texts.header, values),
          bodyText: fill(texts.body, values),
          infoText: fill(texts.info, values),
          ...(code !== undefined && { code }),
          ...(link !== undefined && { link, linkText: texts.link }),
          ...(primaryColor !== '' && { primaryColor }),
          ...logoOf(sender.logo),
        },
        request.emailContent,
      ),
    );
    await this.#messages.enqueue(db, {
      channel: 'email',
      tenantId: sender.tenantId,
      ...appOf(sender),
      to,
      ...content,
      expiresAt: new Date(Date.now() + minutes * 60_000),
      ...(message?.from && { from: message.from }),
    });
  }
}

/** The house is no application. */
const appOf = ({ appId }: Sender): { appId?: AppId } => (isHouse(appId) ? {} : { appId });

/** A data URL travels with the mail; anything else that is a web address is linked. */
function logoOf(logo: string): { base64logo?: string; logoUrl?: string } {
  const [, base64] = /^data:image\/(?:png|jpeg|gif);base64,([A-Za-z0-9+/=]+)$/.exec(logo) ?? [];
  if (base64 !== undefined) return { base64logo: base64 };
  return /^https:\/\//.test(logo) ? { logoUrl: logo } : {};
}
