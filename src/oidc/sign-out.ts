/** What follows when somebody has confirmed to sign out (contract/oidc.md 11): all sessions end, and the browser tells clients and SAML service providers. */
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import { requestState } from './request-state.ts';
import { framesOf } from './sessions/front-channel.ts';
import { sendFrontChannelPage } from './sessions/front-channel-page.ts';
import type { SamlVisits } from './sessions/saml-visits.ts';
import type { SessionControl } from './sessions/session-control.ts';

const CONFIRMED = '/session/end/confirm';
const SUCCESS = '/session/end/success';

interface Parts {
  readonly sessions: Pick<SessionControl, 'leaveAll'>;
  readonly samlVisits: SamlVisits;
}

export function signOutEverywhere(provider: Provider, { sessions, samlVisits }: Parts): Middleware {
  return async (ctx, next) => {
    await next();
    const { endedSession } = requestState();
    if (ctx.path !== CONFIRMED || !endedSession) return;
    await sessions.leaveAll(endedSession.userId);
    const frames = await framesOf(provider, endedSession);
    const target = ctx.response.get('location');
    if (target === '') return;
    const end = target.startsWith(`${provider.issuer}${SUCCESS}`) ? undefined : target;
    const visit = await samlVisits.begin(endedSession, end);
    if (frames.length > 0) {
      ctx.remove('location');
      sendFrontChannelPage(ctx, { frames, next: visit ?? end });
    } else if (visit !== undefined) ctx.redirect(visit);
  };
}
