/** The door of our own pages and of SAML: they ask for a login, the browser goes through the hosted pages, the answer comes in-process. */
import type Koa from 'koa';
import type Provider from 'oidc-provider';
import { HOUSE_CLIENT_ID } from '../../base/house.ts';
import type { ClientId, TenantId, UserId } from '../../base/ids.ts';
import { hashSecret, newSecret, sameHash } from '../../base/secrets.ts';
import type { EphemeralStore, ItemKey } from '../../storage/ephemeral-store.ts';

/** The one redirect URI of the house, on our own origin. */
export const HOUSE_CALLBACK = '/account/signed-in';
/** The same for SAML clients. */
export const SAML_CALLBACK = '/saml/signed-in';
export const HANDOFF_PARAMETER = 'login_handoff';
/** For this long a sign-in may take. */
const HANDOFF_SECONDS = 3600;
const COOKIE = 'tessera_handoff';
const SECRET = /^[\w-]{43}$/;

export interface LoginWish {
  /** Path on our own origin, query included, to which the browser comes back. */
  readonly returnTo: string;
  readonly prompt?: 'login' | 'none';
  /** Seconds since the last authentication, at most. */
  readonly maxAge?: number;
  readonly acrValues?: string;
  readonly uiLocales?: string;
  /** Who is expected to sign in, as the sign-in page takes it. */
  readonly loginHint?: string;
  /** The SAML client in whose name the SAML face asks; absent for the house's own pages. */
  readonly samlClientId?: ClientId;
  /** Who asks, and gets the answer: the answer to one purpose is none to another. */
  readonly purpose: string;
}

export interface LoginAnswer {
  readonly userId: UserId;
  /** Epoch seconds. */
  readonly authTime: number;
  readonly amr: readonly string[];
  readonly acr: string;
  readonly sessionUid: string;
  /** Names the session to this client alone. */
  readonly sid: string;
  /** Epoch seconds. */
  readonly sessionEndsAt: number;
}

export type HandoffOutcome =
  | { readonly outcome: 'signed_in'; readonly returnTo: string; readonly answer: LoginAnswer }
  /** The user or the engine said no, with the OAuth error. */
  | { readonly outcome: 'refused'; readonly returnTo: string; readonly error: string }
  /** Nobody in this browser asked, or it was answered already. */
  | { readonly outcome: 'foreign' };

export interface LoginHandoff {
  /** Sends the browser to the sign-in (303). @throws Error for a place outside of this origin */
  start(ctx: Koa.Context, wish: LoginWish): Promise<void>;
  /** Takes the callback, once, in the browser that was sent away. */
  answer(ctx: Koa.Context, purpose: string): Promise<HandoffOutcome>;
}

interface Parts {
  readonly provider: () => Provider;
  readonly ephemeral: Pick<EphemeralStore, 'put' | 'get' | 'consume'>;
  readonly tenantId: TenantId;
  readonly issuer: string;
  /** When the session ends for this client, in epoch seconds. */
  endFor(clientId: ClientId, session: { readonly exp: number }): Promise<number>;
}

interface Pending {
  readonly browser: string;
  readonly nonce: string;
  readonly purpose: string;
  readonly returnTo: string;
  readonly clientId: ClientId;
}

export const handoffAt = (tenantId: TenantId, secret: string): ItemKey => ({
  tenantId,
  kind: 'LoginHandoff',
  key: hashSecret(secret),
});
const answerAt = (tenantId: TenantId, state: string): ItemKey => ({
  tenantId,
  kind: 'LoginHandoffAnswer',
  key: hashSecret(state),
});

/** A path as it stands, or undefined where a browser would leave the origin by it. */
export function pathOnOrigin(path: string, origin: string): string | undefined {
  const url = path.startsWith('/') ? URL.parse(path, origin) : null;
  if (url?.origin !== new URL(origin).origin || /[\\\s]/.test(path) || path.startsWith('//'))
    return undefined;
  return `${url.pathname}${url.search}`;
}

export function loginHandoff(parts: Parts): LoginHandoff {
  const { ephemeral, tenantId, issuer } = parts;
  return {
    async start(ctx, wish) {
      const returnTo = pathOnOrigin(wish.returnTo, issuer);
      if (returnTo === undefined) throw new Error('a handoff must come back to a path of this origin');
      const [state, nonce, visit] = [newSecret(), newSecret(), newSecret()];
      const { purpose, samlClientId } = wish;
      const callback = samlClientId === undefined ? HOUSE_CALLBACK : SAML_CALLBACK;
      const clientId = samlClientId ?? HOUSE_CLIENT_ID;
      const pending: Pending = { browser: browserOf(ctx, callback), nonce, purpose, returnTo, clientId };
      const ttl = { ttlSeconds: HANDOFF_SECONDS };
      await ephemeral.put(answerAt(tenantId, state), { ...pending }, ttl);
      const query = queryOf(wish, { state, nonce, redirectUri: new URL(callback, issuer).href });
      await ephemeral.put(handoffAt(tenantId, visit), { query }, ttl);
      ctx.status = 303;
      ctx.set('Cache-Control', 'no-store');
      ctx.redirect(`${issuer}/auth?${new URLSearchParams({ [HANDOFF_PARAMETER]: visit })}`);
    },
    async answer(ctx, purpose) {
      const pending = await claim(parts, ctx, purpose);
      if (!pending) return { outcome: 'foreign' };
      const { returnTo } = pending;
      const { code, error } = ctx.query;
      if (typeof error === 'string') return { outcome: 'refused', returnTo, error };
      const answer = await redeem(parts, String(code), pending);
      return answer ? { outcome: 'signed_in', returnTo, answer } : { outcome: 'foreign' };
    },
  };
}

/** Hash of the secret by which this browser is known again at the callback; only there is the cookie sent. */
function browserOf(ctx: Koa.Context, callback: string): string {
  const known = ctx.cookies.get(COOKIE, { signed: false });
  const secret = known !== undefined && SECRET.test(known) ? known : newSecret();
  ctx.cookies.set(COOKIE, secret, {
    httpOnly: true,
    // Lax, not Strict: the browser comes back in a redirect chain that another site may have begun.
    sameSite: 'lax',
    path: callback.slice(0, callback.lastIndexOf('/')),
    maxAge: HANDOFF_SECONDS * 1000,
    secure: ctx.secure,
    signed: false,
    overwrite: true,
  });
  return hashSecret(secret);
}

interface Secrets {
  readonly state: string;
  readonly nonce: string;
  readonly redirectUri: string;
}

function queryOf(wish: LoginWish, { state, nonce, redirectUri }: Secrets): string {
  const optional = {
    prompt: wish.prompt,
    max_age: wish.maxAge,
    acr_values: wish.acrValues,
    login_hint: wish.loginHint,
    ui_locales: wish.uiLocales,
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return new URLSearchParams({
    client_id: wish.samlClientId ?? HOUSE_CLIENT_ID,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    state,
    nonce,
    ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  }).toString();
}

/** What was asked for under this state, for the first callback of the same browser; login CSRF ends here. */
async function claim(
  { ephemeral, tenantId }: Parts,
  ctx: Koa.Context,
  purpose: string,
): Promise<Pending | undefined> {
  const { state } = ctx.query;
  const browser = ctx.cookies.get(COOKIE, { signed: false });
  if (typeof state !== 'string' || browser === undefined) return undefined;
  const at = answerAt(tenantId, state);
  const item = await ephemeral.get(at);
  const pending = item?.value as unknown as Pending | undefined;
  if (!pending || pending.purpose !== purpose || !sameHash(pending.browser, hashSecret(browser)))
    return undefined;
  return (await ephemeral.consume(at)) ? pending : undefined;
}

/**
 * Not at the token endpoint: our faces need no tokens, so none are made that could be lost. Their codes rest on no stored
 * grant and are good nowhere else. The nonce shows that the code is the one for this very request.
 */
async function redeem(
  parts: Parts,
  value: string,
  { nonce, clientId }: Pending,
): Promise<LoginAnswer | undefined> {
  const provider = parts.provider();
  const code = await provider.AuthorizationCode.find(value);
  if (!code || code.clientId !== clientId || code.nonce !== nonce || !code.isValid) return undefined;
  await code.consume();
  const { accountId, authTime, amr = [], acr = '', sessionUid } = code;
  if (accountId === undefined || authTime === undefined || sessionUid === undefined) return undefined;
  const session = await provider.Session.findByUid(sessionUid);
  const sid = session?.sidFor(clientId);
  if (session?.accountId !== accountId || sid === undefined) return undefined;
  const sessionEndsAt = await parts.endFor(clientId, session);
  return { userId: accountId as UserId, authTime, amr, acr, sessionUid, sid, sessionEndsAt };
}
