/** Where the clients of a session want to hear of its end in the browser (OpenID Connect Front-Channel Logout 1.0 section 3). */
import type Provider from 'oidc-provider';
import { settingsOf } from '../policies/client-settings.ts';
import { clientInSession } from './client-in-session.ts';
import type { EndedSession } from './ended-session.ts';

export type FramesOf = (ended: Pick<EndedSession, 'clients'>) => Promise<readonly URL[]>;

/** The pages of those clients of a browser's session that want to hear in it that it is over. */
export async function framesOf(
  provider: Provider,
  { clients }: Pick<EndedSession, 'clients'>,
): Promise<URL[]> {
  const frames = await Promise.all(
    clients.map(async ({ clientId, sid }) => {
      const client = await clientInSession(provider, clientId);
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
