/** Codes of the pages: sent to a contact, good once, and only for the interaction that asked for them. */
import { senderOf } from '../applications/application-sender.ts';
import {
  type CodeSettings,
  emailCodeSettings,
  passwordSettings,
  smsCodeSettings,
} from '../applications/sign-in-settings.ts';
import type { UserId } from '../base/ids.ts';
import type { OneTimeCodes } from '../factors/one-time-code.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import { NOBODY } from '../factors/unsent-messages.ts';
import { fill } from '../texts/language.ts';
import { lockedProblem } from './check-password.ts';
import type { Channel } from './progress.ts';
import { type Problem, problem } from './step.ts';
import type { Visit } from './visit.ts';

export type CodePurpose = 'sign_in' | 'sign_up' | 'reset' | 'second_factor';

export interface CodeParts {
  readonly codes: Pick<OneTimeCodes, 'issue' | 'redeem'>;
  readonly messages: SignInMessages;
  /** Does the same work, and sends nothing (factors/unsent-messages.ts). */
  readonly unsent: SignInMessages;
}

export interface CodeRequest {
  readonly channel: Channel;
  readonly purpose: CodePurpose;
  /** What guesses are counted under. */
  readonly subject: string;
  /** Undefined: nobody gets it, and the caller's answer is the same. */
  readonly to: string | undefined;
  /** Stands for the recipient where there is none: what is unknown is counted, too. */
  readonly typed: string;
  readonly userId?: UserId | undefined;
  /** The owner of the contact is told that there is an account, instead of the code. */
  readonly isTaken?: boolean;
}

interface Payload {
  readonly uid: string;
  readonly userId?: UserId;
  readonly to?: string;
}
export type RightCode = Pick<Payload, 'userId' | 'to'>;

const KINDS = {
  sign_in: 'code',
  sign_up: 'verify_code',
  reset: 'reset_code',
  second_factor: 'code',
} as const;

/** Length, life and limit of a code; a code that resets a password has settings of its own (authentication.md 5). */
export function codeSettings(
  { application }: Pick<Visit, 'application'>,
  channel: Channel,
  purpose: CodePurpose,
): CodeSettings {
  const usual = channel === 'email' ? emailCodeSettings(application) : smsCodeSettings(application);
  if (purpose !== 'reset') return usual;
  const { codeLength, resetValidityMinutes } = passwordSettings(application);
  return { ...usual, codeLength, expiresInMinutes: resetValidityMinutes };
}

export class ContactCodes {
  readonly #parts: CodeParts;
  constructor(parts: CodeParts) {
    this.#parts = parts;
  }

  /** @throws 429 where this was typed too often; an address that gets too much gets nothing, and nobody is told */
  async send(visit: Visit, asked: CodeRequest): Promise<void> {
    const { tenantId } = visit.details;
    await this.#parts.messages.assertNotAskedTooOften(tenantId, asked.typed);
    // Strangers are counted alike, so that it takes the same time.
    const mayReceive = await this.#parts.messages.mayReceive(tenantId, asked.to ?? `?:${asked.typed}`);
    await this.#send(visit, mayReceive ? asked : { ...asked, to: undefined });
  }

  async #send(visit: Visit, request: CodeRequest): Promise<void> {
    const { details } = visit;
    const { to, channel, purpose, userId } = request;
    const { codeLength, expiresInMinutes } = codeSettings(visit, channel, purpose);
    const payload: Payload = {
      uid: details.uid,
      ...(userId !== undefined && { userId }),
      ...(to !== undefined && { to }),
    };
    const code = await this.#parts.codes.issue<Payload>({
      ...this.#place(visit, request),
      length: codeLength,
      minutes: expiresInMinutes,
      payload,
    });
    await this.#post(visit, request, code);
  }

  /** What the code was sent for, or what to say; wrong in another interaction than the one that asked for it. */
  async redeem(
    visit: Visit,
    at: Pick<CodeRequest, 'channel' | 'purpose' | 'subject'>,
    code: string,
  ): Promise<{ right: RightCode } | { problem: Problem }> {
    const { texts, ctx, details } = visit;
    const { lockout } = codeSettings(visit, at.channel, at.purpose);
    // People type codes in groups.
    const digits = code.replace(/\s+/g, '');
    const attempt = { ...this.#place(visit, at), code: digits, lockout, ip: ctx.ip };
    const redeemed = await this.#parts.codes.redeem<Payload>(attempt);
    if (redeemed.outcome === 'locked') return lockedProblem(texts, redeemed.until, { field: 'code' });
    if (redeemed.outcome === 'right' && redeemed.payload.uid === details.uid)
      return { right: redeemed.payload };
    const isOver = redeemed.outcome === 'expired';
    return problem(401, isOver ? texts.expiredCode : texts.wrongCode, { field: 'code' });
  }

  #place(
    { details }: Visit,
    { channel, purpose, subject }: Pick<CodeRequest, 'channel' | 'purpose' | 'subject'>,
  ) {
    const { tenantId, appId } = details;
    return { tenantId, appId, purpose: `hosted_${purpose}_${channel}`, subject };
  }

  async #post(visit: Visit, request: CodeRequest, code: string): Promise<void> {
    const { channel, purpose, to, isTaken } = request;
    const { expiresInMinutes: minutes, message } = codeSettings(visit, channel, purpose);
    const messages = to === undefined ? this.#parts.unsent : this.#parts.messages;
    const outgoing = {
      sender: senderOf(visit.application),
      to: to ?? NOBODY[channel],
      language: visit.language,
      minutes,
    };
    if (isTaken) return messages.accountExists(channel, outgoing);
    const kind = KINDS[purpose];
    if (channel === 'email') return messages.mail({ ...outgoing, kind, code, message });
    return messages.text({ ...outgoing, kind, code });
  }
}

/** How long a code is good, in the words of the page. */
export const codeHint = (visit: Visit, channel: Channel, purpose: CodePurpose): string =>
  fill(visit.texts.codeHint, { minutes: codeSettings(visit, channel, purpose).expiresInMinutes });
