/** CIBA in poll mode: who is asked, on which channel, with which link (contract/oidc.md 14, C19). */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { AppError } from '../base/errors.ts';
import type { AppId, TenantId, UserId } from '../base/ids.ts';
import { signsInOnPagesOnly } from '../clients/client-group.ts';
import { html } from '../http/html.ts';
import { parseObject } from '../http/json-body.ts';
import { isStorable, validate } from '../http/validate.ts';
import type { Messages, OutgoingMessage } from '../messages/message.ts';
import type { Database } from '../storage/database.ts';
import type { User } from '../users/user.ts';
import type { UserStore } from '../users/user-store.ts';
import { type BackchannelContext, backchannelContext } from './backchannel-schema.ts';
import { settingsOf } from './policies/client-settings.ts';
import { assertMayEnter, type OrganizationParts } from './policies/organization-sign-in.ts';

export interface BackchannelParts extends OrganizationParts {
  readonly db: Database;
  readonly users: Pick<UserStore, 'find' | 'findMember'>;
  readonly messages: Messages;
  /** Counts what is sent to one recipient. @throws 429 with the seconds to wait */
  readonly sendLimit: { assertNotTooOften(tenantId: TenantId, to: string): Promise<void> };
}

/** CIBA Core 13 has no error of its own for it. */
class AskedTooOften extends errors.OIDCProviderError {
  constructor() {
    super(403, 'access_denied');
    this.error_description = 'this user was asked too often; wait as many seconds as Retry-After says';
  }
}

const DEFAULT_SECONDS = 600;
const MOST_SECONDS = 3600;
const BINDING_MESSAGE = /^[a-zA-Z0-9\-._+/!?#]{1,20}$/;
const KINDS = { phone: 'phoneNumber', email: 'email', user_id: 'userId' } as const;

/** One sentence for everybody who cannot be asked: the client does not learn which it is. */
const nobody = () =>
  new errors.UnknownUserId(
    'login_hint names nobody who can be asked on this channel: the user must exist, not be disabled, and have a verified contact',
  );

/** @throws InvalidRequest */
function contextOf({ oidc }: KoaContextWithOIDC): BackchannelContext {
  const text = oidc.params?.request_context;
  try {
    return validate(backchannelContext, typeof text === 'string' ? parseObject(Buffer.from(text)) : {});
  } catch (error) {
    if (error instanceof AppError)
      throw new errors.InvalidRequest(`request_context: ${error.message.replace(/^The body/, 'it')}`);
    throw error;
  }
}

/** Seconds: as asked for, an hour at most. */
export const backchannelSeconds = (ctx: KoaContextWithOIDC | undefined): number => {
  const asked = Number(ctx?.oidc?.params?.requested_expiry ?? DEFAULT_SECONDS);
  return Math.min(asked, MOST_SECONDS);
};

/** Values of the engine's `features.ciba`. */
export const backchannel = (parts: BackchannelParts) => ({
  enabled: true as const,
  deliveryModes: ['poll' as const],
  async validateRequestContext(ctx: KoaContextWithOIDC) {
    contextOf(ctx);
    if (ctx.oidc.client && settingsOf(ctx.oidc.client).backchannelLoginUri === '')
      throw new errors.UnauthorizedClient(
        'this client has no page to send users to: set ciba_authorization.login_uri',
      );
    if (ctx.oidc.client && signsInOnPagesOnly(settingsOf(ctx.oidc.client)))
      throw new errors.UnauthorizedClient(
        'the client group of this client has a sign-in policy; send the user to the authorization endpoint',
      );
  },
  async validateBindingMessage(_ctx: KoaContextWithOIDC, message?: string) {
    if (message !== undefined && !BINDING_MESSAGE.test(message))
      throw new errors.InvalidBindingMessage(
        'binding_message must have 1 to 20 characters out of a-z, A-Z, 0-9 and - . _ + / ! ? #',
      );
  },
  async processLoginHintToken(): Promise<undefined> {
    throw new errors.InvalidRequest('login_hint_token is not supported: send login_hint');
  },
  processLoginHint: (ctx: KoaContextWithOIDC, hint = '') => userOfHint(parts, contextOf(ctx), hint),
  /** The last question before the request is kept. */
  async verifyUserCode(ctx: KoaContextWithOIDC, account: { accountId: string }) {
    const user = await parts.users.find(parts.tenantId, account.accountId as UserId);
    const context = contextOf(ctx);
    const to = user && contactOf(user, context);
    if (!user || to === undefined) throw nobody();
    await assertMayEnter(parts, ctx);
    if (context.channel !== 'link') await assertAskedSeldom(parts, ctx, [user.userId, to]);
  },
  async triggerAuthenticationDevice(
    ctx: KoaContextWithOIDC,
    request: { jti: string },
    account: { accountId: string },
    client: Client,
  ) {
    const user = await parts.users.find(parts.tenantId, account.accountId as UserId);
    const context = contextOf(ctx);
    const to = user && contactOf(user, context);
    if (to === undefined) throw nobody();
    const link = linkOf(
      settingsOf(client).backchannelLoginUri,
      request.jti,
      ctx.oidc.params?.binding_message,
    );
    if (context.channel === 'link') ctx.body = { ...(ctx.body as object), link };
    else await parts.messages.enqueue(parts.db, messageTo(to, { ...context, link, client }, parts.tenantId));
  },
});

/** Per user and per address, over all clients, with what signing in sends there. @throws AskedTooOften */
async function assertAskedSeldom(
  { sendLimit, tenantId }: BackchannelParts,
  ctx: KoaContextWithOIDC,
  recipients: readonly string[],
): Promise<void> {
  try {
    for (const one of recipients) await sendLimit.assertNotTooOften(tenantId, one);
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 429) throw error;
    ctx.set('Retry-After', String(error.retryAfterSeconds ?? 1));
    throw new AskedTooOften();
  }
}

async function userOfHint(
  { users, tenantId }: BackchannelParts,
  { login_hint_type: type }: BackchannelContext,
  hint: string,
): Promise<string> {
  const value = type === 'email' ? hint.trim().toLowerCase() : hint;
  const found = isStorable(value) ? await users.findMember({ tenantId }, KINDS[type], value) : undefined;
  const user = found?.user;
  const isVerified =
    type === 'user_id' || (type === 'email' ? user?.emailVerifiedAt : user?.phoneNumberVerifiedAt);
  if (!user || !isVerified || user.status === 'Disabled') throw nobody();
  return user.userId;
}

/** The verified address of this channel. A link can be brought by either. */
function contactOf(user: User, { channel }: BackchannelContext): string | undefined {
  const email = user.emailVerifiedAt && user.email;
  const phone = user.phoneNumberVerifiedAt && user.phoneNumber;
  if (channel === 'link') return email ?? phone;
  return channel === 'email' ? email : phone;
}

/** The query that the address has stays as it is. */
function linkOf(loginUri: string, id: string, bindingMessage: unknown): string {
  const query = new URLSearchParams({ auth_req_id: id });
  if (typeof bindingMessage === 'string') query.set('binding_message', bindingMessage);
  return `${loginUri}${loginUri.includes('?') ? '&' : '?'}${query}`;
}

function messageTo(
  to: string,
  content: BackchannelContext & { readonly link: string; readonly client: Client },
  tenantId: TenantId,
): OutgoingMessage {
  const { channel, custom_message: words, link, client } = content;
  const settings = settingsOf(client);
  const head = { tenantId, appId: settings.appId as AppId, to, text: `${words} ${link}` };
  if (channel !== 'email') return { ...head, channel: 'sms' };
  return {
    ...head,
    channel,
    subject: `Sign in to ${settings.appName}`,
    html: html`<p>${words}</p><p><a href="${link}">${link}</a></p>`.toString(),
  };
}
