/** Rows of registering, validating and resetting a password (contract/authentication.md 5). */
import type Koa from 'koa';
import { passwordSettings } from '../applications/sign-in-settings.ts';
import type { ClientCaller } from '../base/caller.ts';
import { forbidden } from '../base/errors.ts';
import { bodyOf, type OpenRow, type Row } from '../http/route.ts';
import { type Schema, validate } from '../http/validate.ts';
import type { PasswordRules } from '../users/password-rules.ts';
import type { UserService } from '../users/user-service.ts';
import type { CallingClient, callingClient } from './calling-client.ts';
import { inEvenTime } from './even-time.ts';
import type { PasswordReset } from './password-reset.ts';
import type { Channel, ResetProofs } from './password-reset-proof.ts';
import {
  passwordReset,
  personOf,
  registeredPassword,
  registerPassword,
  resetMessage,
  resetPassword,
  resetTokenAnswer,
  sendResetCode,
  sendResetLink,
  sendResetText,
  validatedPassword,
  validateOldPassword,
  validatePassword,
  validateResetCode,
} from './password-reset-schema.ts';
import type { RedirectSignIns } from './redirect-request.ts';
import { toWordFault } from './text-fault.ts';

export interface PasswordResetRouteParts {
  readonly proofs: ResetProofs;
  readonly reset: PasswordReset;
  readonly redirects: Pick<RedirectSignIns, 'assertRedirectUri'>;
  readonly rules: Pick<PasswordRules, 'assertGood' | 'validatePassword'>;
  readonly users: Pick<UserService, 'create'>;
  readonly clientOf: ReturnType<typeof callingClient>;
}

const tag = 'Passwords';
const at = (path: string): string => `/v1/auth/password/${path}`;
const backend = {
  method: 'post',
  tokens: ['client'],
  permissions: ['auth:execute', 'apps:execute', '[appId]:execute'],
  status: 200,
  toFault: toWordFault,
} as const;

const described = (id: string, summary: string, body: Schema, answer: Schema) => ({
  operation: { id, summary, tag, body, answer },
});

type Handle = (calling: CallingClient, ctx: Koa.Context, caller: ClientCaller) => Promise<unknown>;

export function passwordResetRoutes(parts: PasswordResetRouteParts): (Row | OpenRow)[] {
  const handled = (handle: Handle) => ({
    handle: async (ctx: Koa.Context, caller: ClientCaller) =>
      handle(await parts.clientOf(caller.clientId), ctx, caller),
  });
  const sendLink = (path: string, id: string): Row => ({
    ...backend,
    path: at(path),
    ...described(id, 'Mail a link that resets a password', sendResetLink, resetMessage),
    ...handled(async (calling, ctx) => {
      const body = validate(sendResetLink, bodyOf(ctx));
      parts.redirects.assertRedirectUri(calling, body.redirect_uri);
      const words = { redirectUri: body.redirect_uri, emailContent: body.email_content };
      await inEvenTime(parts.proofs.sendLink(calling, personOf(body), words));
      return { message: 'Email sent successfully' };
    }),
  });
  const redeemCode = (path: string, id: string, channel: Channel): Row => ({
    ...backend,
    path: at(path),
    ...described(id, 'Trade a code for a reset token', validateResetCode, resetTokenAnswer),
    ...handled(async (calling, ctx) => {
      const body = validate(validateResetCode, bodyOf(ctx));
      const code = body.passcode ?? body.code ?? '';
      const given = { channel, code, first: body.reset_token };
      return { result: await parts.proofs.byCode(calling, personOf(body), given) };
    }),
  });
  return [
    {
      ...backend,
      path: at('register'),
      ...described(
        'registerPassword',
        'Make a user with a username and a password',
        registerPassword,
        registeredPassword,
      ),
      ...handled((calling, ctx, caller) => register(parts, calling, ctx, caller)),
    },
    {
      ...backend,
      path: at('validate'),
      ...described(
        'validatePassword',
        'Hold a password against the rules of the application',
        validatePassword,
        validatedPassword,
      ),
      ...handled(async ({ application }, ctx) => {
        const { password } = validate(validatePassword, bodyOf(ctx));
        const found = await parts.rules.validatePassword(passwordSettings(application).policy, password);
        const errors = found.map(({ code, message }) => ({ code, message }));
        return { result: { valid_password: errors.length === 0, errors } };
      }),
    },
    sendLink('reset/email/link', 'sendPasswordResetEmailLink'),
    sendLink('reset/link', 'sendPasswordResetLink'),
    {
      ...backend,
      path: at('reset/email/otp'),
      ...described(
        'sendPasswordResetEmailCode',
        'Mail a code that resets a password',
        sendResetCode,
        resetMessage,
      ),
      ...handled(async (calling, ctx) => {
        const body = validate(sendResetCode, bodyOf(ctx));
        const words = { emailContent: body.email_content };
        await inEvenTime(parts.proofs.sendCode(calling, personOf(body), 'email', words));
        return { message: 'OTP email sent' };
      }),
    },
    {
      ...backend,
      path: at('reset/sms/otp'),
      ...described(
        'sendPasswordResetSmsCode',
        'Send a code that resets a password as a text message',
        sendResetText,
        resetMessage,
      ),
      ...handled(async (calling, ctx) => {
        const body = validate(sendResetText, bodyOf(ctx));
        const words = { customMessage: body.custom_message, senderId: body.sender_id };
        await inEvenTime(parts.proofs.sendCode(calling, personOf(body), 'sms', words));
        return { message: 'SMS sent' };
      }),
    },
    redeemCode('reset/email/otp/validate', 'validatePasswordResetEmailCode', 'email'),
    redeemCode('reset/sms/otp/validate', 'validatePasswordResetSmsCode', 'sms'),
    {
      ...backend,
      path: at('reset/password/validate'),
      ...described(
        'validateOldPassword',
        'Trade the present password for a reset token',
        validateOldPassword,
        resetTokenAnswer,
      ),
      ...handled(async (calling, ctx) => {
        const body = validate(validateOldPassword, bodyOf(ctx));
        return { result: await parts.proofs.byPassword(calling, personOf(body), body.password) };
      }),
    },
    {
      method: 'post',
      path: at('reset'),
      tokens: 'none',
      permissions: [],
      status: 200,
      toFault: toWordFault,
      ...described('resetPassword', 'Set a new password with a reset token', resetPassword, passwordReset),
      handle: (ctx) => parts.reset.reset(validate(resetPassword, bodyOf(ctx))),
    },
  ];
}

async function register(
  { rules, users }: PasswordResetRouteParts,
  { application }: CallingClient,
  ctx: Koa.Context,
  caller: ClientCaller,
): Promise<unknown> {
  const { username, password } = validate(registerPassword, bodyOf(ctx));
  if (!application.settings.allow_public_signup)
    throw forbidden('Public signup is not allowed for this application');
  await rules.assertGood(passwordSettings(application).policy, password, { identifiers: [username] });
  const { user } = await users.create(caller, { values: {}, membership: { username }, password });
  return { message: 'User registered', user_id: user.userId };
}
