/** The first half of a reset: sends links and codes, and turns what comes back into a reset token. Never tells who exists. */
import { passwordSettings } from '../applications/sign-in-settings.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import type { Factor } from '../factors/factor.ts';
import { locked } from '../factors/factor-faults.ts';
import type { CodePlace, OneTimeCodes } from '../factors/one-time-code.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { Sealer } from '../keys/sealer.ts';
import type { EmailContent } from '../messages/email-content-schema.ts';
import type { ResetToken, ResetTokens } from '../oidc/sessions/reset-token.ts';
import { chooseLanguage } from '../texts/language.ts';
import type { PasswordSignIn } from '../users/password-sign-in.ts';
import { isStorableText, type User } from '../users/user.ts';
import type { SignInIdentifier, UserStore } from '../users/user-store.ts';
import type { CallingClient } from './calling-client.ts';
import { resetLink } from './reset-link.ts';

export interface Person {
  readonly identifier: string;
  readonly identifierKind: SignInIdentifier;
}
export type Channel = 'email' | 'sms';

export interface ResetProofParts {
  readonly users: Pick<UserStore, 'findCandidate' | 'find'>;
  readonly codes: OneTimeCodes;
  readonly messages: Pick<SignInMessages, 'assertNotAskedTooOften' | 'mayReceive' | 'mail' | 'text'>;
  readonly resets: ResetTokens;
  readonly passwords: Pick<PasswordSignIn, 'signIn'>;
  readonly sealer: Pick<Sealer, 'seal' | 'open'>;
}

/** Whom to send something, and where. */
interface Recipient {
  readonly user: User;
  readonly to: string;
}
/** What a code is about; nobody where the identifier is a stranger's. */
interface CodePayload {
  readonly to?: string;
  /** The reset token of the first of two factors. */
  readonly sealedFirst?: string;
}
interface LinkWish {
  readonly redirectUri: string;
  readonly emailContent?: EmailContent | undefined;
  readonly first?: string | undefined;
}

const CONTEXT = 'reset token of the first factor';

const FACTORS: Readonly<Record<Channel, Factor>> = { email: 'eotp', sms: 'sms' };
const addressOf = (user: User, channel: Channel): string | undefined =>
  channel === 'email' ? user.email : user.phoneNumber;

const languageOf = (user: User) => chooseLanguage([user.profile.language ?? ''], '');
const wrongCode = () =>
  new TextCodeError(400, 'auth_invalid_credentials', 'The code is not right; send a new one if it is lost');
const wrongPassword = () =>
  new TextCodeError(400, 'auth_invalid_credentials', 'The identifier or the password is not right');
export const noResetToken = () =>
  new TextCodeError(
    400,
    'invalid_reset_token',
    'reset_token is no reset token of this application, was used, has expired, or the password or the address was changed meanwhile',
  );

export class ResetProofs {
  readonly #parts: ResetProofParts;
  constructor(parts: ResetProofParts) {
    this.#parts = parts;
  }

  /** The link leads to the redirect URI with the reset token. @throws 400 for a `first` that is none, 429 where it is too often */
  async sendLink(
    calling: CallingClient,
    person: Person,
    { redirectUri, emailContent, first }: LinkWish,
  ): Promise<void> {
    const earlier = await this.#read(first);
    const recipient = await this.#recipient(calling, person, {
      channel: 'email',
      user: await this.#find(calling, person),
    });
    // A first factor of somebody else says nothing about whether this person exists.
    if (!recipient || (earlier && !isOf(earlier, calling, recipient.user))) return;
    const minutes = passwordSettings(calling.application).resetValidityMinutes;
    const { user, to } = recipient;
    if (earlier && !(await this.#parts.resets.use(earlier))) throw noResetToken();
    const factors = both(earlier, 'eml');
    const token = await this.#parts.resets.issue(
      { userId: user.userId, ...headOf(calling), factors },
      minutes,
    );
    await this.#parts.messages.mail({
      sender: calling.sender,
      to,
      language: languageOf(user),
      minutes,
      kind: 'reset_link',
      link: resetLink(redirectUri, token),
      emailContent,
    });
  }

  /** @throws 400 for a `first` that is no reset token, 429 where it is too often */
  async sendCode(
    calling: CallingClient,
    person: Person,
    channel: Channel,
    words: {
      emailContent?: EmailContent | undefined;
      customMessage?: string | undefined;
      senderId?: string | undefined;
      first?: string | undefined;
    },
  ): Promise<void> {
    const { first } = words;
    await this.#read(first);
    const candidate = await this.#find(calling, person);
    const recipient = await this.#recipient(calling, person, { channel, user: candidate });
    const { codeLength: length, resetValidityMinutes: minutes } = passwordSettings(calling.application);
    // Made for strangers as well: their codes then expire and lock like anybody's.
    const code = await this.#parts.codes.issue<CodePayload>({
      ...placeOf(calling, person, channel, candidate),
      length,
      minutes,
      clientId: calling.client.clientId,
      payload: {
        ...(recipient && { to: recipient.to }),
        ...(first !== undefined && { sealedFirst: this.#parts.sealer.seal(first, CONTEXT) }),
      },
    });
    if (!recipient) return;
    const { user, to } = recipient;
    const head = { sender: calling.sender, to, language: languageOf(user), minutes, code };
    const { emailContent, customMessage, senderId } = words;
    if (channel === 'email') await this.#parts.messages.mail({ ...head, kind: 'reset_code', emailContent });
    else await this.#parts.messages.text({ ...head, customMessage, senderId, kind: 'reset_code' });
  }

  /**
   * @returns a reset token; `first` is one of another factor, which the new one stands for as well.
   * @throws 400 for a wrong or late code, 403 where guessing is locked
   */
  async byCode(
    calling: CallingClient,
    person: Person,
    { channel, code, first }: { channel: Channel; code: string; first?: string | undefined },
  ): Promise<string> {
    const candidate = await this.#find(calling, person);
    const settings = passwordSettings(calling.application);
    const attempt = await this.#parts.codes.redeem<CodePayload>({
      ...placeOf(calling, person, channel, candidate),
      code,
      clientId: calling.client.clientId,
      lockout: settings.lockout,
    });
    if (attempt.outcome === 'locked') throw locked(attempt.until);
    if (attempt.outcome === 'expired')
      throw new TextCodeError(
        400,
        'auth_otp_passcode_expired',
        'There is no such code any more; send a new one',
      );
    // A code that went to an address which is another's by now proves nothing.
    if (attempt.outcome === 'wrong' || !candidate || attempt.payload.to !== addressOf(candidate, channel))
      throw wrongCode();
    const { sealedFirst } = attempt.payload;
    const kept = sealedFirst === undefined ? undefined : this.#parts.sealer.open(sealedFirst, CONTEXT);
    const factors = both(await this.#used(calling, candidate, first ?? kept), FACTORS[channel]);
    return this.#parts.resets.issue(
      { userId: candidate.userId, ...headOf(calling), factors },
      settings.resetValidityMinutes,
    );
  }

  /** The present password, which may be temporary or expired. Counts like a guess at the sign-in. @throws 400, 403 */
  async byPassword(
    calling: CallingClient,
    person: Person,
    { password, first }: { password: string; first?: string | undefined },
  ): Promise<string> {
    const settings = passwordSettings(calling.application);
    const signedIn = await this.#parts.passwords.signIn({ ...calling.sender, ...person, password, settings });
    if (signedIn.outcome === 'locked') throw locked(signedIn.until);
    if (signedIn.outcome === 'wrong') throw wrongPassword();
    const { userId } = signedIn.user;
    const factors = both(await this.#used(calling, signedIn.user, first), 'pwd');
    return this.#parts.resets.issue({ userId, ...headOf(calling), factors }, settings.resetValidityMinutes);
  }

  async #read(text: string | undefined): Promise<ResetToken | undefined> {
    const token = text === undefined ? undefined : await this.#parts.resets.read(text);
    if (text !== undefined && token === undefined) throw noResetToken();
    return token;
  }

  async #used(calling: CallingClient, user: User, text: string | undefined): Promise<ResetToken | undefined> {
    const token = await this.#read(text);
    if (token && !(isOf(token, calling, user) && (await this.#parts.resets.use(token)))) throw noResetToken();
    return token;
  }

  async #find({ sender }: CallingClient, { identifier, identifierKind }: Person): Promise<User | undefined> {
    if (!isStorableText(identifier)) return undefined;
    const found = await this.#parts.users.findCandidate(sender, identifier, identifierKind);
    return found?.user;
  }

  /** Who has a password to reset and an address for it. Strangers are counted alike. @throws 429 where it is too often */
  async #recipient(
    { sender }: CallingClient,
    person: Person,
    { channel, user }: { channel: Channel; user: User | undefined },
  ): Promise<Recipient | undefined> {
    await this.#parts.messages.assertNotAskedTooOften(sender.tenantId, person.identifier);
    const to = user && addressOf(user, channel);
    const mayReceive = await this.#parts.messages.mayReceive(sender.tenantId, to ?? `?:${person.identifier}`);
    if (!user?.hasPassword || user.status === 'Disabled' || to === undefined || !mayReceive) return undefined;
    return { user, to };
  }
}

const isOf = (token: ResetToken, { client }: CallingClient, user: User): boolean =>
  token.userId === user.userId && token.appId === client.appId;

/** What one token stands for after another factor was proved. */
const both = (earlier: ResetToken | undefined, factor: Factor): Factor[] => [
  ...new Set([...(earlier?.factors ?? []), factor]),
];

const headOf = ({ client }: CallingClient) => ({ appId: client.appId, clientId: client.clientId });

/** By user, whatever identifier was typed: guesses at one person's code are counted together. */
const placeOf = (
  { sender }: CallingClient,
  { identifier }: Person,
  channel: Channel,
  user: User | undefined,
): CodePlace => ({
  tenantId: sender.tenantId,
  appId: sender.appId,
  purpose: `reset_${channel}`,
  subject: user?.userId ?? `?:${identifier}`,
});
