/** Lets signed-in users show that an email or phone number of theirs is their own, by a code or a link that went there. */
import {
  type CodeSettings,
  emailCodeSettings,
  magicLinkSettings,
  smsCodeSettings,
} from '../applications/sign-in-settings.ts';
import type { UserCaller } from '../base/caller.ts';
import { AppError, notFound } from '../base/errors.ts';
import type { AppId, ClientId, TenantId, UserId } from '../base/ids.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import type { CodePlace, OneTimeCodes } from '../factors/one-time-code.ts';
import type { OneTimeLinks } from '../factors/one-time-link.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { EmailContent } from '../messages/email-content-schema.ts';
import { chooseLanguage } from '../texts/language.ts';
import type { ContactKind, ContactService } from '../users/contact-service.ts';
import type { User } from '../users/user.ts';
import type { CallingClient, callingClient } from './calling-client.ts';
import type { RedirectSignIns } from './redirect-request.ts';

export interface ContactVerificationParts {
  readonly tenantId: TenantId;
  readonly contacts: Pick<ContactService, 'own' | 'verify'>;
  readonly codes: OneTimeCodes;
  readonly links: OneTimeLinks;
  readonly messages: Pick<SignInMessages, 'assertNotTooOften' | 'mail' | 'text'>;
  readonly redirects: Pick<RedirectSignIns, 'assertRedirectUri'>;
  readonly clientOf: ReturnType<typeof callingClient>;
  /** The configured public address; a request header has no say in what a mail links to. */
  readonly publicUrl: URL;
}

/** All that a visit needs: the browser that opens the link brings nothing. */
interface LinkPayload {
  readonly userId: UserId;
  readonly appId: AppId;
  readonly clientId: ClientId;
  readonly email: string;
  readonly redirectUri: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export const VISIT_PATH = '/v1/verification/links/email/visit';
const PURPOSE = 'verify_email';
/** For which a late or second visitor is still led to the redirect URI. */
const MEMORY_MINUTES = 1440;

const languageOf = (user: User) => chooseLanguage([user.profile.language ?? ''], '');
const settingsOf = (kind: ContactKind, { application }: CallingClient): CodeSettings =>
  kind === 'email' ? emailCodeSettings(application) : smsCodeSettings(application);

export class ContactVerification {
  readonly #parts: ContactVerificationParts;
  constructor(parts: ContactVerificationParts) {
    this.#parts = parts;
  }

  /** @throws 404 for an address that is not the user's, 400 for a foreign redirect URI, 429 */
  async sendLink(
    caller: UserCaller,
    request: { email?: string | undefined; redirectUri: string; emailContent?: EmailContent | undefined },
  ): Promise<void> {
    const calling = await this.#parts.clientOf(caller.clientId);
    const { redirectUri } = request;
    this.#parts.redirects.assertRedirectUri(calling, redirectUri);
    const { user, value: email } = await this.#parts.contacts.own(caller, 'email', request.email);
    await this.#parts.messages.assertNotTooOften(caller.tenantId, email);
    const minutes = magicLinkSettings(calling.application).expiresInMinutes;
    const { userId, appId, clientId, tenantId } = caller;
    const expiresAt = Date.now() + minutes * 60_000;
    const token = await this.#parts.links.issue<LinkPayload>({
      tenantId,
      purpose: PURPOSE,
      minutes: minutes + MEMORY_MINUTES,
      payload: { userId, appId, clientId, email, redirectUri, expiresAt },
      userId,
    });
    const link = new URL(VISIT_PATH, this.#parts.publicUrl.origin);
    link.searchParams.set('token', token);
    await this.#parts.messages.mail({
      sender: calling.sender,
      to: email,
      language: languageOf(user),
      minutes,
      kind: 'verify_link',
      link: link.href,
      emailContent: request.emailContent,
    });
  }

  /** @throws 404 for an address or number that is not the user's, 429 */
  async sendCode(
    caller: UserCaller,
    kind: ContactKind,
    given: {
      value?: string | undefined;
      emailContent?: EmailContent | undefined;
      customMessage?: string | undefined;
      senderId?: string | undefined;
    },
  ): Promise<void> {
    const calling = await this.#parts.clientOf(caller.clientId);
    const { user, value } = await this.#parts.contacts.own(caller, kind, given.value);
    await this.#parts.messages.assertNotTooOften(caller.tenantId, value);
    const { codeLength: length, expiresInMinutes: minutes } = settingsOf(kind, calling);
    const place = placeOf(caller, kind, value);
    const code = await this.#parts.codes.issue({ ...place, length, minutes, payload: {} });
    const head = { sender: calling.sender, to: value, language: languageOf(user), minutes, code };
    const { emailContent, customMessage, senderId } = given;
    if (kind === 'email') await this.#parts.messages.mail({ ...head, kind: 'verify_code', emailContent });
    else await this.#parts.messages.text({ ...head, customMessage, senderId, kind: 'verify_code' });
  }

  /** @throws 400 for a wrong or late code, 403 where guessing is locked, 404 where the contact is not the user's */
  async redeemCode(
    caller: UserCaller,
    kind: ContactKind,
    given: { value?: string | undefined; code: string; ip: string },
  ): Promise<void> {
    const calling = await this.#parts.clientOf(caller.clientId);
    const { value } = await this.#parts.contacts.own(caller, kind, given.value);
    const { lockout } = settingsOf(kind, calling);
    const { code, ip } = given;
    const attempt = await this.#parts.codes.redeem({ ...placeOf(caller, kind, value), code, lockout, ip });
    if (attempt.outcome === 'locked')
      throw new TextCodeError(
        403,
        'auth_locked',
        `Too many failed attempts; try again after ${attempt.until.toISOString()}`,
      );
    if (attempt.outcome === 'expired')
      throw new TextCodeError(
        400,
        'auth_otp_passcode_expired',
        'There is no such code any more; send a new one',
      );
    if (attempt.outcome === 'wrong')
      throw new TextCodeError(400, 'auth_invalid_credentials', 'The code is not right');
    await this.#parts.contacts.verify(caller, caller.userId, { kind, value, changeToPrimary: false });
  }

  /**
   * The address to which a visitor of the link goes on: `result=true` for the first visit in time, of an address that is
   * still the user's. @throws 404 for what is no link of ours
   */
  async visit(token: string): Promise<string> {
    const { tenantId } = this.#parts;
    const visited = await this.#parts.links.visit<LinkPayload>(tenantId, PURPOSE, token);
    if (!visited) throw notFound('This link is unknown or too old; ask for a new one');
    const { payload, isFirst } = visited;
    const calling = await this.#parts.clientOf(payload.clientId);
    this.#parts.redirects.assertRedirectUri(calling, payload.redirectUri);
    const isVerified = isFirst && payload.expiresAt > Date.now() && (await this.#verify(payload));
    const target = new URL(payload.redirectUri);
    target.searchParams.set('result', String(isVerified));
    return target.href;
  }

  async #verify({ userId, appId, clientId, email }: LinkPayload): Promise<boolean> {
    const head = { tenantId: this.#parts.tenantId, userId, appId, clientId };
    const owner: UserCaller = { ...head, kind: 'user', scopes: new Set(), isThirdParty: false };
    try {
      await this.#parts.contacts.verify(owner, userId, {
        kind: 'email',
        value: email,
        changeToPrimary: false,
      });
      return true;
    } catch (error) {
      if (error instanceof AppError && error.status === 404) return false;
      throw error;
    }
  }
}

/** The user stands in it: a code opens nothing for anybody else who has the same address among theirs. */
const placeOf = ({ tenantId, appId, userId }: UserCaller, kind: ContactKind, value: string): CodePlace => ({
  tenantId,
  appId,
  purpose: `verify_${kind}`,
  subject: `${userId}:${value}`,
});
