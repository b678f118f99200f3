/** Rows of one-time codes whose user goes on to the redirect URI (contract/authentication.md 4). */
import { emailCodeSettings, smsCodeSettings } from '../applications/sign-in-settings.ts';
import type { ClientCaller } from '../base/caller.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import { normalEmail } from '../users/user.ts';
import { withApprovalData } from './approval-data.ts';
import type { CallingClient, callingClient } from './calling-client.ts';
import {
  otpSent,
  type SendEmailOtp,
  type SendSmsOtp,
  sendEmailOtp,
  sendSmsOtp,
  validateEmailOtp,
  validateSmsOtp,
} from './otp-redirect-schema.ts';
import type { CodeChannel, RedirectCodes } from './redirect-codes.ts';
import type { RedirectSignIns } from './redirect-request.ts';
import { EXECUTE, urlAnswer } from './sign-in-schema.ts';

export interface OtpRedirectParts {
  readonly clientOf: ReturnType<typeof callingClient>;
  readonly redirects: Pick<RedirectSignIns, 'accept'>;
  readonly redirectCodes: RedirectCodes;
  readonly signInMessages: Pick<SignInMessages, 'mail' | 'text'>;
}

const post = { method: 'post', tokens: ['client'], permissions: EXECUTE, status: 200 } as const;
const tag = 'One-time codes';

export const otpRedirectRoutes = (parts: OtpRedirectParts): Row[] => [
  {
    ...post,
    path: '/v1/auth/otp/email',
    operation: {
      id: 'sendEmailOtp',
      summary: 'Mail a one-time code',
      tag,
      body: sendEmailOtp,
      answer: otpSent,
    },
    handle: async (ctx, { clientId }: ClientCaller) =>
      sendMail(parts, await parts.clientOf(clientId), validate(sendEmailOtp, bodyOf(ctx))),
  },
  {
    ...post,
    path: '/v1/auth/otp/email/validation',
    operation: {
      id: 'validateEmailOtp',
      summary: 'Check a mailed code and get the URL at which the browser goes on',
      tag,
      body: validateEmailOtp,
      answer: urlAnswer,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(validateEmailOtp, bodyOf(ctx));
      const calling = await parts.clientOf(clientId);
      return { result: await parts.redirectCodes.validate(calling, byEmail(calling, body.email), body) };
    },
  },
  {
    ...post,
    path: '/v1/auth/otp/sms',
    operation: {
      id: 'sendSmsOtp',
      summary: 'Send a one-time code as a text message',
      tag,
      body: sendSmsOtp,
      answer: otpSent,
    },
    handle: async (ctx, { clientId }: ClientCaller) =>
      sendText(parts, await parts.clientOf(clientId), validate(sendSmsOtp, bodyOf(ctx))),
  },
  {
    ...post,
    path: '/v1/auth/otp/sms/validation',
    operation: {
      id: 'validateSms',
      summary: 'Check a code from a text message and get the URL at which the browser goes on',
      tag,
      body: validateSmsOtp,
      answer: urlAnswer,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(validateSmsOtp, bodyOf(ctx));
      const calling = await parts.clientOf(clientId);
      return {
        result: await parts.redirectCodes.validate(calling, bySms(calling, body.phone_number), body),
      };
    },
  },
];

function byEmail({ application }: CallingClient, given: string): CodeChannel {
  const address = normalEmail(given);
  const settings = emailCodeSettings(application);
  return { method: 'email_otp', factor: 'eotp', settings, contact: { email: address }, address };
}

function bySms({ application }: CallingClient, address: string): CodeChannel {
  const settings = smsCodeSettings(application);
  return { method: 'sms', factor: 'sms', settings, contact: { phoneNumber: address }, address };
}

async function sendMail(
  { redirects, redirectCodes, signInMessages }: OtpRedirectParts,
  calling: CallingClient,
  body: SendEmailOtp,
): Promise<unknown> {
  const channel = byEmail(calling, body.email);
  const { settings, address } = channel;
  await redirectCodes.send(calling, channel, {
    request: await redirects.accept(calling, withData(body)),
    mayCreate: body.create_new_user ?? false,
    deliver: (code, language) =>
      signInMessages.mail({
        ...{ kind: 'code', sender: calling.sender, to: address, code, language },
        minutes: settings.expiresInMinutes,
        message: settings.message,
        emailContent: body.email_content,
      }),
  });
  return sent('OTP email sent', body);
}

async function sendText(
  { redirects, redirectCodes, signInMessages }: OtpRedirectParts,
  calling: CallingClient,
  body: SendSmsOtp,
): Promise<unknown> {
  const channel = bySms(calling, body.phone_number);
  await redirectCodes.send(calling, channel, {
    request: await redirects.accept(calling, withData(body)),
    mayCreate: body.create_new_user ?? false,
    deliver: (code, language) =>
      signInMessages.text({
        ...{ kind: 'code', sender: calling.sender, to: channel.address, code, language },
        minutes: channel.settings.expiresInMinutes,
        customMessage: body.custom_message,
        senderId: body.sender_id,
      }),
  });
  return sent('SMS sent', body);
}

const withData = <Body extends SendEmailOtp | SendSmsOtp>(body: Body) => ({
  ...body,
  claims: withApprovalData(body.claims, body.approval_data),
});

const sent = (message: string, { approval_data }: SendEmailOtp | SendSmsOtp) => ({
  message,
  ...(approval_data && { approval_data }),
});
