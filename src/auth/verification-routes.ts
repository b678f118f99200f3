/** Rows with which signed-in users verify their own contact data (contract/authentication.md 9). */
import type { UserCaller } from '../base/caller.ts';
import { bodyOf, type OpenRow, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import { type ContactVerification, VISIT_PATH } from './contact-verification.ts';
import { toWordFault } from './text-fault.ts';
import {
  sendVerificationLink,
  sendVerificationMail,
  sendVerificationText,
  validateEmailCode,
  validateSmsCode,
  verificationMessage,
  verificationResult,
  verificationVisit,
} from './verification-schema.ts';

const tag = 'Verification of contact data';
const own = { method: 'post', tokens: ['user'], permissions: [], status: 200, toFault: toWordFault } as const;
const answer = verificationMessage;

export const verificationRoutes = (verification: ContactVerification): (Row | OpenRow)[] => [
  {
    ...own,
    path: '/v1/verification/links/email',
    operation: {
      id: 'sendVerificationLink',
      summary: 'Mail a link that verifies an email of yours',
      tag,
      body: sendVerificationLink,
      answer,
    },
    async handle(ctx, caller: UserCaller) {
      const { email, redirect_uri, email_content } = validate(sendVerificationLink, bodyOf(ctx));
      await verification.sendLink(caller, { email, redirectUri: redirect_uri, emailContent: email_content });
      return { message: 'Email sent successfully' };
    },
  },
  {
    method: 'get',
    path: VISIT_PATH,
    tokens: 'none',
    permissions: [],
    status: 302,
    operation: {
      id: 'visitVerificationLink',
      summary: 'Where a mailed link leads: goes on to the redirect URI with result=true or result=false',
      tag,
      query: verificationVisit,
    },
    async handle(ctx) {
      const { token } = validate(verificationVisit, { ...ctx.query });
      ctx.redirect(await verification.visit(token));
      return undefined;
    },
  },
  {
    ...own,
    path: '/v1/verification/otp/email/send',
    operation: {
      id: 'sendEmailVerificationCode',
      summary: 'Mail a code that verifies an email of yours',
      tag,
      body: sendVerificationMail,
      answer,
    },
    async handle(ctx, caller: UserCaller) {
      const { email, email_content } = validate(sendVerificationMail, bodyOf(ctx));
      await verification.sendCode(caller, 'email', { value: email, emailContent: email_content });
      return { message: 'OTP email sent' };
    },
  },
  {
    ...own,
    path: '/v1/verification/otp/email/validate',
    operation: {
      id: 'validateEmailVerificationCode',
      summary: 'Verify an email of yours with the code that went there',
      tag,
      body: validateEmailCode,
      answer: verificationResult,
    },
    async handle(ctx, caller: UserCaller) {
      const { email, passcode } = validate(validateEmailCode, bodyOf(ctx));
      await verification.redeemCode(caller, 'email', { value: email, code: passcode, ip: ctx.ip });
      return { result: true, message: 'Email verified' };
    },
  },
  {
    ...own,
    path: '/v1/verification/otp/sms/send',
    operation: {
      id: 'sendSmsVerificationCode',
      summary: 'Send a code that verifies a phone number of yours',
      tag,
      body: sendVerificationText,
      answer,
    },
    async handle(ctx, caller: UserCaller) {
      const { phone_number, custom_message, sender_id } = validate(sendVerificationText, bodyOf(ctx));
      const words = { customMessage: custom_message, senderId: sender_id };
      await verification.sendCode(caller, 'phoneNumber', { value: phone_number, ...words });
      return { message: 'SMS sent' };
    },
  },
  {
    ...own,
    path: '/v1/verification/otp/sms/validate',
    operation: {
      id: 'validateSmsVerificationCode',
      summary: 'Verify a phone number of yours with the code that went there',
      tag,
      body: validateSmsCode,
      answer: verificationResult,
    },
    async handle(ctx, caller: UserCaller) {
      const { phone_number, passcode } = validate(validateSmsCode, bodyOf(ctx));
      await verification.redeemCode(caller, 'phoneNumber', {
        value: phone_number,
        code: passcode,
        ip: ctx.ip,
      });
      return { result: true, message: 'Phone number verified' };
    },
  },
];
