/** What follows when somebody has confirmed to sign out (contract/oidc.md 11): all sessions end, and the browser tells clients and SAML service providers. */
import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';
import { sendFrontChannelPage } from './front-channel-page.ts';
import { settingsOf } from './policies/client-settings.ts';
import { requestState } from './request-state.ts';
import type { EndedSession } from './sessions/ended-session.ts';
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

/** The pages of those clients of this browser's session that want to hear of it here. */
async function framesOf(provider: Provider, { clients }: EndedSession): Promise<URL[]> {
  const frames = await Promise.all(
    clients.map(async ({ clientId, sid }) => {
      const client = await provider.Client.find(clientId);
      return client ? frameOf(settingsOf(client), provider.issuer, sid) : [];
    }),
  );
  return frames.flat();
}

function frameOf(
  settings: Pick<ReturnType<typeof settingsOf>, 'frontChannelLogoutUri' | 'frontChannelNamesSession'>,
  issuer: string,
  sid: string,
): URL[] {
  const { frontChannelLogoutUri, frontChannelNamesSession } = settings;
  if (frontChannelLogoutUri === '') return [];
  const frame = new URL(frontChannelLogoutUri);
  if (frontChannelNamesSession)
    for (const [name, value] of [['iss', issuer] as const, ['sid', sid] as const])
      frame.searchParams.set(name, value);
  return [frame];
}
