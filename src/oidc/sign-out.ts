/** What follows when somebody has confirmed to sign out (contract/oidc.md 11): all sessions end, and the browser tells clients and SAML service providers. */
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { pageLanguage, withLocales } from './page-language.ts';
import { passOn } from './passing-page.ts';
import { requestState } from './request-state.ts';
import { framesOf } from './sessions/front-channel.ts';
import { sendFrontChannelPage } from './sessions/front-channel-page.ts';
import type { SamlVisits } from './sessions/saml-visits.ts';
import type { SessionControl } from './sessions/session-control.ts';

const ASKED = '/session/end';
const CONFIRMED = '/session/end/confirm';
const SUCCESS = '/session/end/success';

interface Parts {
  readonly sessions: Pick<SessionControl, 'leaveAll'>;
  readonly samlVisits: SamlVisits;
}

export function signOutEverywhere(provider: Provider, { sessions, samlVisits }: Parts): Middleware {
  return async (ctx, next) => {
    await next();
    if (ctx.path === ASKED) return confirmForNobody(ctx as unknown as KoaContextWithOIDC);
    const { endedSession } = requestState();
    if (ctx.path !== CONFIRMED) return;
    // Nothing is there where the confirmation was refused.
    const goal: string | undefined = ctx.response.get('location');
    if (goal?.startsWith(`${provider.issuer}${SUCCESS}`)) ctx.redirect(withLocales(ctx, goal));
    if (!endedSession) return;
    await sessions.leaveAll(endedSession.userId);
    const frames = await framesOf(provider, endedSession);
    const target = ctx.response.get('location');
    if (target === '') return;
    const end = target.startsWith(`${provider.issuer}${SUCCESS}`) ? undefined : target;
    const visit = await samlVisits.begin(endedSession, end);
    if (frames.length > 0) {
      ctx.remove('location');
      sendFrontChannelPage(ctx, { frames, next: visit ?? end, lang: pageLanguage(ctx) });
    } else if (visit !== undefined) ctx.redirect(visit);
  };
}

/** Nobody is signed in, so nobody is asked: the browser itself confirms, on a page of ours in place of the engine's. */
function confirmForNobody(ctx: KoaContextWithOIDC): void {
  const session = ctx.oidc?.session as { accountId?: string; state?: { secret?: string } } | undefined;
  const xsrf = session?.state?.secret;
  if (ctx.status !== 200 || session?.accountId !== undefined || xsrf === undefined) return;
  passOn(ctx, 200, withLocales(ctx, ctx.oidc.urlFor('end_session_confirm')), { xsrf, logout: 'yes' });
}
