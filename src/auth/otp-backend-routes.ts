/** Rows of one-time codes that a backend sends and checks (contract/authentication.md 4). */
import type { ClientCaller } from '../base/caller.ts';
import { bodyOf, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { BackendCodes } from './backend-codes.ts';
import type { callingClient } from './calling-client.ts';
import { authenticateOtp, otpSent, sendOtp } from './otp-backend-schema.ts';
import { EXECUTE, tokenAnswer } from './sign-in-schema.ts';
import { toCodeFault } from './text-fault.ts';

export interface OtpBackendParts {
  readonly clientOf: ReturnType<typeof callingClient>;
  readonly backendCodes: BackendCodes;
}

const post = {
  method: 'post',
  tokens: ['client'],
  permissions: EXECUTE,
  status: 200,
  toFault: toCodeFault,
} as const;
const tag = 'One-time codes';

export const otpBackendRoutes = (parts: OtpBackendParts): Row[] => [
  {
    ...post,
    path: '/v1/auth/otp/send',
    operation: {
      id: 'sendOTP',
      summary: 'Send a one-time code to a user of your application, or get it to send it yourself',
      tag,
      body: sendOtp,
      answer: otpSent,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(sendOtp, bodyOf(ctx));
      return parts.backendCodes.send(await parts.clientOf(clientId), body);
    },
  },
  {
    ...post,
    path: '/v1/auth/otp/authenticate',
    operation: {
      id: 'authenticateOTP',
      summary: 'Redeem a one-time code for tokens',
      tag,
      body: authenticateOtp,
      answer: tokenAnswer,
    },
    async handle(ctx, { clientId }: ClientCaller) {
      const body = validate(authenticateOtp, bodyOf(ctx));
      return parts.backendCodes.authenticate(ctx, await parts.clientOf(clientId), body);
    },
  },
];
