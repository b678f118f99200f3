/** Rows of signing in with a password: for a browser that goes on to the redirect URI, and for a backend. */
import type Koa from 'koa';
import { passwordSettings } from '../applications/sign-in-settings.ts';
import type { ClientCaller } from '../base/caller.ts';
import { AppError } from '../base/errors.ts';
import type { OrganizationId } from '../base/ids.ts';
import { TextCodeError } from '../base/text-code-error.ts';
import { type FactorLocked, locked } from '../factors/factor-faults.ts';
import { bodyOf, type OpenRow, type Row } from '../http/route.ts';
import { validate } from '../http/validate.ts';
import type { BackendSignInDoor } from '../oidc/sessions/backend-sign-in.ts';
import type { ResetTokens } from '../oidc/sessions/reset-token.ts';
import type { PasswordSignIn, SignInOutcome } from '../users/password-sign-in.ts';
import type { User } from '../users/user.ts';
import type { SignInIdentifier } from '../users/user-store.ts';
import type { callingClient } from './calling-client.ts';
import {
  type PasswordAuthenticate,
  type PasswordLogin,
  passwordAuthenticate,
  passwordLogin,
  passwordLoginAnswer,
} from './password-login-schema.ts';
import type { RedirectSignIns } from './redirect-request.ts';
import { EXECUTE, tokenAnswer } from './sign-in-schema.ts';
import { toWordFault } from './text-fault.ts';

export interface PasswordLoginParts {
  readonly passwords: Pick<PasswordSignIn, 'signIn'>;
  readonly redirects: RedirectSignIns;
  readonly backend: Pick<BackendSignInDoor, 'signIn'>;
  readonly clientOf: ReturnType<typeof callingClient>;
  readonly resets: Pick<ResetTokens, 'issue'>;
}

const KINDS = { username: 'username', email: 'email', phone_number: 'phoneNumber' } as const;

export const passwordLoginRoutes = (parts: PasswordLoginParts): (Row | OpenRow)[] => [
  {
    method: 'post',
    path: '/v1/auth/password/login',
    tokens: 'none',
    permissions: [],
    status: 200,
    operation: {
      id: 'passwordLogin',
      summary: 'Check a password and get the URL at which the browser goes on',
      tag: 'Passwords',
      body: passwordLogin,
      answer: passwordLoginAnswer,
    },
    handle: (ctx) => login(parts, ctx, validate(passwordLogin, bodyOf(ctx))),
  },
  {
    method: 'post',
    path: '/v1/auth/password/authenticate',
    tokens: ['client'],
    permissions: EXECUTE,
    status: 200,
    operation: {
      id: 'passwordAuthenticate',
      summary: 'Sign a user in with a password, from a backend',
      tag: 'Passwords',
      body: passwordAuthenticate,
      answer: tokenAnswer,
    },
    toFault: toWordFault,
    handle: (ctx, caller: ClientCaller) =>
      authenticate(parts, ctx, caller, validate(passwordAuthenticate, bodyOf(ctx))),
  },
];

async function login(parts: PasswordLoginParts, ctx: Koa.Context, body: PasswordLogin): Promise<unknown> {
  const calling = await parts.clientOf(body.client_id);
  const request = await parts.redirects.accept(calling, body);
  const [[name, identifier]] = Object.entries({
    username: body.username,
    email: body.email,
    phone_number: body.phone_number,
  }).filter(([, value]) => value !== undefined) as [[keyof typeof KINDS, string]];
  const settings = passwordSettings(calling.application);
  const signedIn = await parts.passwords.signIn({
    ...calling.sender,
    identifier,
    identifierKind: KINDS[name],
    password: body.password,
    ip: ctx.ip,
    settings,
  });
  if (signedIn.outcome === 'expired' || signedIn.outcome === 'temporary')
    throw new AppError(403, `${signedIn.outcome === 'expired' ? 'password_expired' : 'temporary_password'}`, {
      members: {
        reset_token: await parts.resets.issue(
          {
            userId: signedIn.user.userId,
            appId: calling.client.appId,
            clientId: calling.client.clientId,
            factors: ['pwd'],
          },
          settings.resetValidityMinutes,
        ),
      },
    });
  const user = userOf(signedIn, (message) => new AppError(401, message), toNumberFault);
  const url = await parts.redirects.url(calling, request, { userId: user.userId, factor: 'pwd' });
  return { result: { url } };
}

async function authenticate(
  parts: PasswordLoginParts,
  ctx: Koa.Context,
  { clientId }: ClientCaller,
  body: PasswordAuthenticate,
): Promise<unknown> {
  const { application, sender, client } = await parts.clientOf(clientId);
  const kind: SignInIdentifier = KINDS[body.username_type ?? 'username'];
  const settings = passwordSettings(application);
  const ip = body.client_attributes?.ip_address;
  const signedIn = await parts.passwords.signIn({
    ...sender,
    identifier: body.username,
    identifierKind: kind,
    password: body.password,
    settings,
    ...(ip !== undefined && { ip }),
  });
  const user = userOf(signedIn, (message) => new TextCodeError(400, 'auth_invalid_credentials', message));
  return parts.backend.signIn(ctx, {
    clientId: client.clientId,
    appId: client.appId,
    userId: user.userId,
    factor: 'pwd',
    ...(body.resource !== undefined && { resource: body.resource }),
    ...(body.claims && { claims: body.claims }),
    ...(body.org_id !== undefined && { organizationId: body.org_id as OrganizationId }),
    ...(body.session_id !== undefined && { sessionId: body.session_id }),
  });
}

/** The redirect family has the status as number (section 1). */
const toNumberFault = (fault: FactorLocked): AppError =>
  new AppError(fault.status, fault.message, {
    ...(fault.retryAfterSeconds !== undefined && { retryAfterSeconds: fault.retryAfterSeconds }),
  });

/** The same words for a wrong password, an unknown and a disabled user. */
function userOf(
  signedIn: SignInOutcome,
  wrong: (message: string) => AppError,
  inForm: (fault: FactorLocked) => AppError = (fault) => fault,
): User {
  switch (signedIn.outcome) {
    case 'ok':
      return signedIn.user;
    case 'locked':
      throw inForm(locked(signedIn.until));
    case 'expired':
      throw new TextCodeError(403, 'password_expired', 'The password has expired and must be changed');
    case 'temporary':
      throw new TextCodeError(403, 'temporary_password', 'The password is temporary and must be changed');
    default:
      throw wrong('The identifier or the password is not right');
  }
}
