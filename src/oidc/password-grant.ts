/** The grant type `password` (contract/oidc.md 5, RFC 6749 4.3): a trusted backend trades a user's password for tokens. */
import type Koa from 'koa';
import mount from 'koa-mount';
import type Provider from 'oidc-provider';
import { errors, type TokenEndpointGrantContext } from 'oidc-provider';
import { AppError } from '../base/errors.ts';
import type { AppId, ClientId, TenantId } from '../base/ids.ts';
import { signsInOnPagesOnly } from '../clients/client-group.ts';
import type { Places } from '../http/crowd-gate.ts';
import { isStorable } from '../http/validate.ts';
import type { PasswordSettings } from '../users/password-policy.ts';
import type { PasswordSignIn, SignInOutcome } from '../users/password-sign-in.ts';
import type { User } from '../users/user.ts';
import { PASSWORD } from './adapter/client-grant-types.ts';
import type { GrantMemory } from './grant-memory.ts';
import { settingsOf } from './policies/client-settings.ts';
import { DEFAULT_RESOURCE } from './policies/resource-servers.ts';
import { requestState } from './request-state.ts';
import { askTokenEndpoint } from './vouched-request.ts';

export interface PasswordGrantParts {
  readonly tenantId: TenantId;
  readonly passwords: Pick<PasswordSignIn, 'signIn'>;
  /** Shared with the other calls that bring a password: what finds none free is told to come back. */
  readonly passwordCalls: Pick<Places, 'take'>;
  /** What the application asks of passwords, and how many guesses it allows. */
  passwordSettingsOf(tenantId: TenantId, appId: AppId): Promise<PasswordSettings>;
}

type Context = TokenEndpointGrantContext<{
  username?: string;
  password?: string;
  username_type?: string;
  scope?: string;
}>;

const PARAMETERS = ['username', 'password', 'username_type', 'scope'];
const KINDS: Readonly<Record<string, 'username' | 'email' | 'phoneNumber'>> = {
  username: 'username',
  email: 'email',
  phone_number: 'phoneNumber',
};
const MAX_LENGTH = 256;
/** Stands in code and request for the redirect URI that this grant does not have. */
const NO_REDIRECT = 'urn:tessera:password-grant';
const GRANT_SECONDS = 31_536_000;

/** Called once per engine, before it meets a client. */
export function servePasswordGrant(provider: Provider, parts: PasswordGrantParts): void {
  provider.registerGrantType(
    PASSWORD,
    async (given) => {
      const ctx = given as unknown as Context;
      assertOneFactorIsEnough(ctx);
      refuseUnderPolicy(ctx);
      const user = await inCrowd(parts.passwordCalls, () => signedIn(parts, ctx));
      const code = await issueCode(ctx, user);
      // Mounted now: the engine has all of its middleware only after this function.
      const engine = mount('/oidc', provider as unknown as Koa);
      const { id_token: _, ...answer } = await redeem(engine, ctx, code);
      ctx.body = answer;
    },
    PARAMETERS,
  );
}

/** The endpoint serves other grants as well, so the gate stands here and not before it (users/password-load.ts). */
async function inCrowd<T>(places: Pick<Places, 'take'>, work: () => Promise<T>): Promise<T> {
  const leave = places.take();
  if (!leave) throw tooBusy();
  try {
    return await work();
  } catch (error) {
    // The hasher's own queue is full.
    throw error instanceof AppError && error.status === 503 ? tooBusy() : error;
  } finally {
    leave();
  }
}

/** 503 with `Retry-After`, by busy-answers.ts. */
function tooBusy(): errors.OIDCProviderError {
  requestState().isBusy = true;
  return new errors.TemporarilyUnavailable('too many sign-ins at the moment');
}

function assertOneFactorIsEnough({ oidc }: Context): void {
  if (settingsOf(oidc.client).requiresMfa)
    throw new errors.CustomOIDCProviderError(
      'mfa_required',
      'this application asks for two factors; send the user to the authorization endpoint',
    );
}

function refuseUnderPolicy({ oidc }: Context): void {
  if (signsInOnPagesOnly(settingsOf(oidc.client)))
    throw new errors.UnauthorizedClient(
      'the client group of this client has a sign-in policy; send the user to the authorization endpoint',
    );
}

/** @throws InvalidRequest for what is missing or malformed; InvalidGrant, alike for a wrong, an unknown and a locked user */
async function signedIn({ tenantId, passwords, passwordSettingsOf }: PasswordGrantParts, { oidc }: Context) {
  const { username, password, username_type = 'username' } = oidc.params;
  if (!username || !password) throw new errors.InvalidRequest('username and password are required');
  const identifierKind = Object.hasOwn(KINDS, username_type) ? KINDS[username_type] : undefined;
  if (identifierKind === undefined)
    throw new errors.InvalidRequest('username_type must be username, email or phone_number');
  if (!isStorable([username, password]) || username.length > MAX_LENGTH || password.length > MAX_LENGTH)
    throw wrong();
  const appId = settingsOf(oidc.client).appId as AppId;
  const settings = await passwordSettingsOf(tenantId, appId);
  const request = { tenantId, appId, identifier: username, identifierKind, password, settings };
  return userOf(await passwords.signIn(request));
}

const wrong = () => new errors.InvalidGrant('the username or the password is not right');

function userOf(outcome: SignInOutcome): User {
  if (outcome.outcome === 'ok') return outcome.user;
  if (outcome.outcome === 'expired')
    throw new errors.InvalidGrant('the password has expired and must be changed');
  if (outcome.outcome === 'temporary')
    throw new errors.InvalidGrant('the password is temporary and must be changed');
  throw wrong();
}

/** A code as the authorization endpoint makes it: the exchange then applies every rule that it has for tokens. */
async function issueCode({ oidc }: Context, { userId }: User): Promise<string> {
  const { provider, client } = oidc;
  const scope = oidc.params.scope || 'openid';
  const authTime = Math.floor(Date.now() / 1000);
  const grant = new provider.Grant({ clientId: client.clientId, accountId: userId });
  grant.addOIDCScope(scope);
  grant.addResourceScope(DEFAULT_RESOURCE, scope);
  const memory: GrantMemory = { authTime };
  Object.assign(grant, { tessera: memory, expiresIn: GRANT_SECONDS });
  const code = new provider.AuthorizationCode({
    accountId: userId,
    client,
    grantId: await grant.save(),
    redirectUri: NO_REDIRECT,
    scope,
    resource: DEFAULT_RESOURCE,
    amr: ['pwd'],
    acr: '',
    authTime,
  } as unknown as ConstructorParameters<Provider['AuthorizationCode']>[0]);
  return code.save();
}

/** @throws what the engine refuses, such as a missing proof of possession */
async function redeem(
  engine: Koa.Middleware,
  ctx: Context,
  code: string,
): Promise<Readonly<Record<string, unknown>>> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: NO_REDIRECT };
  const clientId = ctx.oidc.client.clientId as ClientId;
  const { status, body } = await askTokenEndpoint(engine, ctx as unknown as Koa.Context, { clientId, form });
  if (status === 200) return body;
  if (status >= 500) throw new Error(`the code of a password grant was not exchanged: ${body.error}`);
  throw new errors.CustomOIDCProviderError(String(body.error), String(body.error_description));
}
