/** Magic links of the backend family: they lead to the application, which redeems their code (contract/authentication.md 3). */
import type Koa from 'koa';
import { magicLinkSettings } from '../applications/sign-in-settings.ts';
import { forbidden, invalid, notFound } from '../base/errors.ts';
import type { AppId, ClientId, TenantId, UserId } from '../base/ids.ts';
import { newId } from '../base/secrets.ts';
import { methodMissing } from '../factors/factor-faults.ts';
import type { OneTimeLinks } from '../factors/one-time-link.ts';
import type { SignInMessages } from '../factors/sign-in-messages.ts';
import type { TokenAnswer } from '../oidc/sessions/backend-sign-in.ts';
import type { User } from '../users/user.ts';
import { arriveAtBackend, type BackendArrivalParts } from './backend-arrival.ts';
import { type backendUsers, languageOf, type NamedUser } from './backend-users.ts';
import type { CallingClient } from './calling-client.ts';
import type { AuthenticateLink, SendBackendLink } from './link-schema.ts';
import type { RedirectSignIns } from './redirect-request.ts';

interface Payload {
  readonly clientId: ClientId;
  readonly appId: AppId;
  readonly userId: UserId;
  /** Where the link went; absent where it went to the caller. */
  readonly email?: string;
  readonly requestId?: string;
}

export interface BackendLinkParts extends BackendArrivalParts {
  readonly links: OneTimeLinks;
  readonly signInMessages: Pick<SignInMessages, 'assertNotTooOften' | 'mail'>;
  readonly redirects: Pick<RedirectSignIns, 'assertRedirectUri'>;
  readonly findUser: ReturnType<typeof backendUsers>;
  readonly tenantId: TenantId;
}

const PURPOSE = 'backend_link';

export class BackendLinks {
  readonly #parts: BackendLinkParts;
  constructor(parts: BackendLinkParts) {
    this.#parts = parts;
  }

  /** @throws 400, 403, 404 in the words of section 3; 429 */
  async send(
    calling: CallingClient,
    body: SendBackendLink,
  ): Promise<{ message: string; link?: string; request_id?: string }> {
    const settings = magicLinkSettings(calling.application);
    if (!settings.configured) throw methodMissing('email');
    this.#parts.redirects.assertRedirectUri(calling, body.redirect_uri);
    const user = await this.#find(calling, namedUser(body));
    const minutes = body.email_expiration ?? settings.expiresInMinutes;
    const isDirect = body.channel === 'direct';
    if (!isDirect) await this.#assertReachable(user, settings.linksPerUserAndMinute);
    const requestId = body.generate_request_id ? newId<string>() : undefined;
    const link = await this.#link(calling, user, { body, minutes, requestId, isDirect });
    if (!isDirect) await this.#mail(calling, user, { body, minutes, link });
    return {
      message: isDirect ? 'Magic link created' : 'Email sent successfully',
      ...(isDirect && { link }),
      ...(requestId !== undefined && { request_id: requestId }),
    };
  }

  /** A code that is shown by another client, or without its request, stays good for those it is for. */
  async authenticate(ctx: Koa.Context, calling: CallingClient, body: AuthenticateLink): Promise<TokenAnswer> {
    const { links, tenantId } = this.#parts;
    const found = await links.find<Payload>(tenantId, PURPOSE, body.code);
    if (!found || !isFor(found, calling, body.request_id)) throw invalid('Invalid magic link code');
    if (!(await links.redeem(tenantId, PURPOSE, body.code))) throw invalid('Invalid magic link code');
    const user = await this.#parts.findUser(calling, byId(found.userId));
    const proved = found.email === undefined ? undefined : { email: found.email };
    const tokens =
      user && (await arriveAtBackend(this.#parts, ctx, calling, { user, factor: 'eml', proved }, body));
    if (!tokens) throw invalid('User not found');
    return tokens;
  }

  async #find(calling: CallingClient, named: NamedUser): Promise<User> {
    const user = await this.#parts.findUser(calling, named);
    if (!user) throw notFound('User not found');
    if (user.status === 'Disabled') throw forbidden('User is not active');
    return user;
  }

  async #assertReachable({ tenantId, email }: User, perMinute: number): Promise<void> {
    if (email === undefined) throw notFound('The user has no email address');
    await this.#parts.signInMessages.assertNotTooOften(tenantId, email, { perMinute });
  }

  async #link(
    { client }: CallingClient,
    user: User,
    { body, minutes, requestId, isDirect }: Making,
  ): Promise<string> {
    const { clientId, appId } = client;
    const { tenantId, userId, email } = user;
    const payload: Payload = {
      ...{ clientId, appId, userId },
      ...(!isDirect && email !== undefined && { email }),
      ...(requestId !== undefined && { requestId }),
    };
    // Outlives a user who is deleted: the caller is told so then (section 3).
    const code = await this.#parts.links.issue({ tenantId, purpose: PURPOSE, minutes, payload });
    const link = new URL(body.redirect_uri);
    link.searchParams.set('code', code);
    if (body.state !== undefined) link.searchParams.set('state', body.state);
    return link.href;
  }

  async #mail(
    { sender, application }: CallingClient,
    user: User,
    { body, minutes, link }: Pick<Making, 'body' | 'minutes'> & { link: string },
  ): Promise<void> {
    await this.#parts.signInMessages.mail({
      ...{ kind: 'link', sender, to: user.email ?? '', language: languageOf(user), minutes, link },
      message: magicLinkSettings(application).message,
      emailContent: body.email_content,
    });
  }
}

interface Making {
  readonly body: SendBackendLink;
  readonly minutes: number;
  readonly requestId: string | undefined;
  readonly isDirect: boolean;
}

const byId = (userId: UserId): NamedUser => ({ identifier_type: 'user_id', identifier: userId });

const namedUser = ({ email, identifier = '', identifier_type = '' }: SendBackendLink): NamedUser =>
  email === undefined ? { identifier, identifier_type } : { identifier: email, identifier_type: 'email' };

const isFor = (payload: Payload, { client }: CallingClient, requestId: string | undefined): boolean =>
  payload.clientId === client.clientId && payload.appId === client.appId && payload.requestId === requestId;
