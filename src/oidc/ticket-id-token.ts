/** Ends the visit of a ticket that asks for an ID token: its code is redeemed here, and the token goes into the fragment (contract C33). */
import type Koa from 'koa';
import mount from 'koa-mount';
import type Provider from 'oidc-provider';
import { requestState } from './request-state.ts';
import type { SignInTicket } from './sessions/sign-in-ticket.ts';
import { askTokenEndpoint } from './vouched-request.ts';

/** What the answer has besides the code; goes along into the fragment. */
const COMPANIONS = ['state', 'iss', 'session_state'];

/** Stands inside of `acceptTickets`. An answer without a code, such as `mfa_required`, stays in the query (authentication.md 7). */
export function answerWithIdToken(provider: Provider): Koa.Middleware {
  return async (ctx, next) => {
    await next();
    const { ticket } = requestState();
    const location = ctx.response.get('location');
    if (ticket?.responseType !== 'id_token' || location === '') return;
    const target = new URL(location);
    const code = target.searchParams.get('code');
    if (code === null) return;
    const engine = mount('/oidc', provider as unknown as Koa);
    const answer = await idTokenFor(engine, ctx, ticket, code);
    ctx.redirect(inFragment(target, answer));
  };
}

async function idTokenFor(
  engine: Koa.Middleware,
  ctx: Koa.Context,
  { clientId, redirectUri }: SignInTicket,
  code: string,
): Promise<Readonly<Record<string, string>>> {
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
  const { status, body } = await askTokenEndpoint(engine, ctx, { clientId, form });
  if (status === 200) return { id_token: String(body.id_token) };
  return {
    error: String(body.error ?? 'server_error'),
    error_description: String(body.error_description ?? 'the ID token could not be made'),
  };
}

function inFragment(target: URL, answer: Readonly<Record<string, string>>): string {
  const fragment = new URLSearchParams(answer);
  target.searchParams.delete('code');
  for (const name of COMPANIONS) {
    const value = target.searchParams.get(name);
    if (value === null) continue;
    fragment.set(name, value);
    target.searchParams.delete(name);
  }
  target.hash = fragment.toString();
  return target.href;
}
