/** Rows of registering, validating and resetting a password (contract/authentication.md 5). */
import type Koa from 'koa';
import { passwordSettings } from '../applications/sign-in-settings.ts';
import type { ClientCaller } from '../base/caller.ts';
import { forbidden, invalid } from '../base/errors.ts';
import { bodyOf, type OpenRow, type Row } from '../http/route.ts';
import { type Schema, validate } from '../http/validate.ts';
import type { PasswordRules } from '../users/password-rules.ts';
import type { UserService } from '../users/user-service.ts';
import type { CallingClient, callingClient } from './calling-client.ts';
import { inEvenTime } from './even-time.ts';
import type { handedResetLinks } from './handed-reset-link.ts';
import type { PasswordReset } from './password-reset.ts';
import type { Channel, ResetProofs } from './password-reset-proof.ts';
import {
  madeResetLink,
  makeResetLink,
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
  readonly handLink: ReturnType<typeof handedResetLinks>;
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
        const { password, ...person } = validate(validatePassword, bodyOf(ctx));
        const { policy } = passwordSettings(application);
        const owner = { identifiers: Object.values(person).filter((one) => one !== undefined) };
        const found = await parts.rules.validatePassword(policy, password, owner);
        const errors = found.map(({ code, message }) => ({ code, message }));
        return { result: { valid_password: errors.length === 0, errors } };
      }),
    },
    {
      ...backend,
      path: at('reset/email/link'),
      ...described(
        'sendPasswordResetEmailLink',
        'Mail a link that resets a password',
        sendResetLink,
        resetMessage,
      ),
      ...handled(async (calling, ctx) => {
        const body = validate(sendResetLink, bodyOf(ctx));
        assertNothingWaived(calling, body);
        parts.redirects.assertRedirectUri(calling, body.redirect_uri);
        const { redirect_uri: redirectUri, email_content: emailContent, prev_reset_token: first } = body;
        const wish = { redirectUri, emailContent, first };
        await inEvenTime(parts.proofs.sendLink(calling, personOf(body), wish));
        return { message: 'Reset password email sent' };
      }),
    },
    {
      ...backend,
      path: at('reset/link'),
      ...described(
        'generatePasswordResetLink',
        'Get a link that resets the password of a user of your application alone, to deliver it yourself',
        makeResetLink,
        madeResetLink,
      ),
      ...handled(async (calling, ctx) => {
        const body = validate(makeResetLink, bodyOf(ctx));
        assertNothingWaived(calling, body);
        parts.redirects.assertRedirectUri(calling, body.redirect_uri);
        return { reset_link: await parts.handLink(calling, personOf(body), body.redirect_uri) };
      }),
    },
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
        assertNothingWaived(calling, body);
        const words = { emailContent: body.email_content, first: body.prev_reset_token };
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
        assertNothingWaived(calling, body);
        const { custom_message: customMessage, sender_id: senderId, prev_reset_token: first } = body;
        const words = { customMessage, senderId, first };
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
        if (body.client_id !== undefined && body.client_id !== calling.client.clientId)
          throw invalid('client_id: is not the client of the access token');
        const given = { password: body.password, first: body.prev_reset_token };
        return { result: await parts.proofs.byPassword(calling, personOf(body), given) };
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

/** Published; here the application's setting holds for all of its callers. */
function assertNothingWaived(
  { application }: CallingClient,
  body: { ignore_mfa?: boolean | undefined },
): void {
  if (body.ignore_mfa && passwordSettings(application).requireMfa)
    throw invalid(
      'ignore_mfa: the application asks for two factors; a request cannot waive them (requireMFA)',
    );
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
  return { message: 'Password registered', user_id: user.userId };
}
