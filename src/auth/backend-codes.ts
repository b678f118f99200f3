/** One-time codes of the backend family: sent to a user of the application, and redeemed for tokens (contract/authentication.md 4). */
import type Koa from 'koa';
import { newId } from '../base/secrets.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import { locked, methodMissing, userNotActive } from '../factors/factor-faults.ts';
import type { CodeOutcome, CodePlace, OneTimeCodes } from '../factors/one-time-code.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { TokenAnswer } from '../oidc/sessions/backend-sign-in.ts';
import { isOwnContact, type ProvedContact } from '../users/proved-contact.ts';
import type { User } from '../users/user.ts';
import { withApprovalData } from './approval-data.ts';
import { arriveAtBackend, type BackendArrivalParts } from './backend-arrival.ts';
import { type backendUsers, languageOf } from './backend-users.ts';
import type { CallingClient } from './calling-client.ts';
import { type CodeMethod, codeMethod, codeMethods, recipientOf } from './code-method.ts';
import type { AuthenticateOtp, OtpSent, SendOtp } from './otp-backend-schema.ts';

interface Payload {
  readonly proved?: ProvedContact;
  readonly approvalData?: Readonly<Record<string, unknown>>;
}

export interface BackendCodeParts extends BackendArrivalParts {
  readonly codes: Pick<OneTimeCodes, 'issue' | 'redeem' | 'withdraw' | 'isKnown'>;
  readonly signInMessages: Pick<SignInMessages, 'assertNotTooOften' | 'mail' | 'text'>;
  readonly findUser: ReturnType<typeof backendUsers>;
}

const wrongCode = () => new TextCodeError(400, 'auth_invalid_credentials', 'The passcode is not right');
const expired = () =>
  new TextCodeError(400, 'auth_otp_passcode_expired', 'The passcode has expired or was used before');

export class BackendCodes {
  readonly #parts: BackendCodeParts;
  constructor(parts: BackendCodeParts) {
    this.#parts = parts;
  }

  /** @throws 400, 403, 404 in the words of section 4; 429 */
  async send(calling: CallingClient, body: SendOtp): Promise<OtpSent> {
    const method = codeMethod(calling.application, body);
    if (!method.settings.configured) throw methodMissing(method.name);
    const user = await this.#parts.findUser(calling, body);
    if (!user) throw new TextCodeError(404, 'user_not_found', 'The application has no such user');
    if (user.status === 'Disabled') throw userNotActive();
    const to = body.channel === 'direct' ? undefined : recipientOf(method, user, body);
    if (to !== undefined) await this.#parts.signInMessages.assertNotTooOften(user.tenantId, to);
    const requestId = body.generate_request_id ? newId<string>() : undefined;
    const code = await this.#issue(calling, user, { method, body, to, requestId });
    if (to !== undefined) await this.#deliver(calling, user, { method, body, to, code });
    return {
      message: 'OTP sent',
      ...(body.approval_data && { approval_data: body.approval_data }),
      ...(to === undefined && { code }),
      ...(requestId !== undefined && { request_id: requestId }),
    };
  }

  /** @throws 400, 403 in the words of section 4; a stranger's code is counted and refused like a user's */
  async authenticate(ctx: Koa.Context, calling: CallingClient, body: AuthenticateOtp): Promise<TokenAnswer> {
    const user = await this.#parts.findUser(calling, body);
    const subject = user?.userId ?? `${body.identifier_type} ${body.identifier}`;
    const method = await this.#methodOf(calling, subject);
    const ip = body.client_attributes?.ip_address;
    const outcome = await this.#parts.codes.redeem<Payload>({
      ...placeOf(calling, method, subject),
      clientId: calling.client.clientId,
      lockout: method.settings.lockout,
      code: body.passcode,
      ...(body.request_id !== undefined && { requestId: body.request_id }),
      ...(ip !== undefined && { ip }),
    });
    const { proved, approvalData } = payloadOf(outcome);
    const request = { ...body, claims: withApprovalData(body.claims, approvalData) };
    const tokens =
      user &&
      (await arriveAtBackend(this.#parts, ctx, calling, { user, factor: method.factor, proved }, request));
    if (!tokens) throw wrongCode();
    return tokens;
  }

  async #issue(
    calling: CallingClient,
    user: User,
    { method, body, to, requestId }: Sending & { readonly requestId: string | undefined },
  ): Promise<string> {
    const { settings } = method;
    const others = codeMethods(calling.application).filter(({ name }) => name !== method.name);
    // A user has one code at a time, whichever way it went.
    for (const other of others) await this.#parts.codes.withdraw(placeOf(calling, other, user.userId));
    const contact = to === undefined ? undefined : method.contactOf(to);
    // An address that only the caller knows of proves none of the user's.
    const payload: Payload = {
      ...(contact && isOwnContact(user, contact) && { proved: contact }),
      ...(body.approval_data && { approvalData: body.approval_data }),
    };
    return this.#parts.codes.issue({
      ...placeOf(calling, method, user.userId),
      length: settings.codeLength,
      minutes: body.expires_in ?? settings.expiresInMinutes,
      payload,
      ...(!settings.crossClientsAllowed && { clientId: calling.client.clientId }),
      ...(requestId !== undefined && { requestId }),
    });
  }

  async #deliver(
    { sender }: CallingClient,
    user: User,
    { method, body, to, code }: Sending & { readonly to: string; readonly code: string },
  ): Promise<void> {
    const minutes = body.expires_in ?? method.settings.expiresInMinutes;
    const outgoing = { kind: 'code', sender, to, code, minutes, language: languageOf(user) } as const;
    if (method.name === 'sms')
      return this.#parts.signInMessages.text({
        ...outgoing,
        customMessage: body.custom_sms_input?.custom_message,
        senderId: body.custom_sms_input?.sender_id,
      });
    const { message } = method.settings;
    return this.#parts.signInMessages.mail({ ...outgoing, message, emailContent: body.email_content });
  }

  /** The one by which the last code went. */
  async #methodOf(calling: CallingClient, subject: string): Promise<CodeMethod> {
    const [email, sms] = codeMethods(calling.application);
    return (await this.#parts.codes.isKnown(placeOf(calling, sms, subject))) ? sms : email;
  }
}

interface Sending {
  readonly method: CodeMethod;
  readonly body: SendOtp;
  /** Absent where the caller delivers the code itself. */
  readonly to?: string | undefined;
}

const placeOf = ({ application }: CallingClient, { name }: CodeMethod, subject: string): CodePlace => ({
  tenantId: application.tenantId,
  appId: application.appId,
  purpose: `backend_${name}`,
  subject,
});

function payloadOf(outcome: CodeOutcome<Payload>): Payload {
  if (outcome.outcome === 'right') return outcome.payload;
  if (outcome.outcome === 'locked') throw locked(outcome.until);
  throw outcome.outcome === 'expired' ? expired() : wrongCode();
}
