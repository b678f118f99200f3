/** Logout tokens: made by the engine, delivered through our queue (OpenID Connect Back-Channel Logout 1.0). */
import Provider, { type Client, type Configuration } from 'oidc-provider';
import type { ClientId, UserId } from '../base/ids.ts';
import type { FetchOutside } from '../http/outbound.ts';
import { settingsOf } from './policies/client-settings.ts';
import { requestState, withRequestState } from './request-state.ts';
import { clientInSession } from './sessions/client-in-session.ts';
import type { LogoutNotice } from './sessions/logout-notice-store.ts';
import { NoticeRefused } from './sessions/logout-notices.ts';

/** The engine's client with the members that its types leave out. */
interface ToldClient extends Omit<Client, 'backchannelLogout'> {
  includeSid(): boolean;
  backchannelLogout(sub: string, sid: string): Promise<void>;
}

type AddNotices = (notices: readonly LogoutNotice[]) => Promise<void>;

/** Refusals that another attempt may overcome. */
const WORTH_ANOTHER = [404, 408, 425, 429];

/** The engine tells a client in the middle of the request; from here on it only writes down that it is to be told. */
export function queueLogout(provider: Provider, add: AddNotices): void {
  const prototype = provider.Client.prototype as unknown as ToldClient;
  const { backchannelLogout } = prototype;
  prototype.backchannelLogout = async function queued(this: ToldClient, sub, sid) {
    if (requestState().speaksTo?.clientId === this.clientId) return backchannelLogout.call(this, sub, sid);
    // With the whole session every client of it is told (session-ends.ts).
    if (Provider.ctx?.oidc.params?.logout) return;
    await add([{ clientId: this.clientId as ClientId, userId: sub as UserId, sid }]);
  };
  prototype.includeSid = function tellsSid(this: Client) {
    return settingsOf(this).wantsSid;
  };
}

/**
 * One attempt, with a token of its own: signed and, where ID tokens are, encrypted like the client's ID tokens.
 * Nothing where the client is gone or does not want to hear any more.
 * @throws NoticeRefused where the client does not take it, another Error where it does not answer
 */
export const tellClient = (provider: Provider, { clientId, userId, sid }: LogoutNotice): Promise<void> =>
  withRequestState(async () => {
    const client = (await clientInSession(provider, clientId)) as unknown as ToldClient | undefined;
    if (!client?.backchannelLogoutUri) return;
    requestState().speaksTo = client as unknown as Client;
    await client.backchannelLogout(userId, sid).catch((error: Error & { response?: Response }) => {
      const status = error.response?.status;
      // A redirect too: it is not followed.
      const isFinal =
        status !== undefined && status >= 300 && status < 500 && !WORTH_ANOTHER.includes(status);
      // The engine's sentence names the URI, which may hold a secret.
      const sentence = status === undefined ? error.message : `it answered ${status}`;
      throw isFinal ? new NoticeRefused(sentence) : new Error(sentence);
    });
  });

/** The engine's own texts are short; so is what a client has to say to one. */
const LIMITS = { timeoutMs: 3000, maxBytes: 1024 * 1024 };

/** How the engine reaches a client; the one thing that it sends is a form. */
export const clientFetch = (fetchClient: FetchOutside): NonNullable<Configuration['fetch']> =>
  (async (url: string | URL, { body }: RequestInit = {}) => {
    if (!(body instanceof URLSearchParams)) throw new Error('the engine sends forms only');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const request = { method: 'POST', headers, body: body.toString(), ...LIMITS } as const;
    const { status } = await fetchClient(String(url), request);
    return new Response(null, { status });
  }) as NonNullable<Configuration['fetch']>;
