/** Says when a session ends for one client: that of a client group may be over before the browser's session is. */
import type Provider from 'oidc-provider';
import type { ClientId } from '../../base/ids.ts';
import { settingsOf } from '../policies/client-settings.ts';
import { markOfSession } from '../session-memory.ts';
import { clientInSession } from './client-in-session.ts';

/** In epoch seconds. */
export const sessionEnd =
  (provider: () => Provider) =>
  async (clientId: ClientId, session: { readonly exp: number }): Promise<number> => {
    const client = await clientInSession(provider(), clientId);
    const mark = client && markOfSession({ clientId, group: settingsOf(client).group }, session);
    return mark ? Math.min(mark.endsAt, session.exp) : session.exp;
  };
