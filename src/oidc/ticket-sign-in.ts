/** Turns the visit of a sign-in ticket into an authorization request of a user who has proved a factor already. */
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import { errors } from 'oidc-provider';
import type { TenantId } from '../base/ids.ts';
import { FIRST_FACTOR_SECONDS, hasMfa, MFA, withFactor } from '../factors/factor.ts';
import type { EphemeralStore } from '../storage/ephemeral-store.ts';
import { isTooOld } from './policies/session-lifetime.ts';
import { requestState } from './request-state.ts';
import { type SignInTicket, TICKET_PARAMETER, ticketAt } from './sessions/sign-in-ticket.ts';

interface Parts {
  readonly ephemeral: Pick<EphemeralStore, 'get' | 'consume'>;
  readonly tenantId: TenantId;
}

/** Replaces the query by what the ticket says; nothing beside the ticket counts. @throws SessionNotFound for one that is no good */
export function acceptTickets(parts: Parts): Middleware {
  return async (ctx, next) => {
    const secret = ctx.path === '/auth' && ctx.method === 'GET' ? ctx.query[TICKET_PARAMETER] : undefined;
    if (secret === undefined) return next();
    const ticket = typeof secret === 'string' ? await redeem(parts, secret) : undefined;
    if (!ticket) throw new errors.SessionNotFound('the sign-in ticket is unknown, used or expired');
    requestState().ticket = ticket;
    ctx.querystring = queryOf(ticket).toString();
    return next();
  };
}

async function redeem({ ephemeral, tenantId }: Parts, secret: string): Promise<SignInTicket | undefined> {
  const at = ticketAt(tenantId, secret);
  const item = await ephemeral.get(at);
  if (!item || !(await ephemeral.consume(at))) return undefined;
  return item.value as unknown as SignInTicket;
}

/** offline_access needs prompt=consent (D8); these flows always give a refresh token (oidc.md 5). */
function queryOf(ticket: SignInTicket): URLSearchParams {
  const { clientId, redirectUri, resource, claims, organizationId, state, nonce, responseType } = ticket;
  const optional = { resource, claims, org_id: organizationId, state, nonce };
  return new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    // Who only wants an ID token gets nothing that outlives it.
    scope: responseType === 'id_token' ? 'openid' : 'openid offline_access',
    prompt: 'consent',
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...(ticket.requireMfa && { acr_values: MFA }),
  });
}

type Session = InstanceType<Provider['Session']>;
/** The engine's session with the members that its types leave out. */
interface OpenSession extends Omit<Session, 'loginAccount'> {
  touched?: boolean;
  readonly new?: boolean;
  amr?: string[];
  acr?: string;
  resetIdentifier(): void;
  loginAccount(login: { accountId: string; amr: string[]; acr: string }): void;
}

/** Signs the ticket's user in to the browser's session, before the engine looks at it. Another user's session ends. */
export function signInByTicket(provider: Provider): void {
  const sessions = provider.Session as unknown as {
    get(ctx: object): Promise<OpenSession>;
    instantiate(payload?: object): OpenSession;
  };
  const { get } = sessions;
  sessions.get = async function withTicket(ctx) {
    const session = await get.call(this, ctx);
    const { ticket } = requestState();
    if (!ticket) return session;
    const isForeign = session.accountId !== undefined && session.accountId !== ticket.userId;
    if (isForeign) await session.destroy();
    const own = isForeign ? this.instantiate() : session;
    (ctx as { oidc?: { entity(name: string, value: object): void } }).oidc?.entity('Session', own);
    signIn(own, ticket);
    return own;
  };
}

function signIn(session: OpenSession, ticket: SignInTicket): void {
  const amr = withFactor(ticket.requireMfa ? firstFactors(session) : [], ticket.factor);
  // A session that somebody else may have planted in the browser must not become this user's (session fixation).
  if (!session.new) session.resetIdentifier();
  session.loginAccount({ accountId: ticket.userId, amr, acr: hasMfa(amr) ? MFA : '' });
  session.touched = true;
}

/** What the same user proved a moment ago, in the same browser. */
function firstFactors(session: OpenSession): readonly string[] {
  const now = Math.floor(Date.now() / 1000);
  const isOld =
    session.loginTs === undefined ||
    isTooOld({ sessionExpiration: FIRST_FACTOR_SECONDS }, session.loginTs, now);
  return isOld ? [] : (session.amr ?? []);
}
