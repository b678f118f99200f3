/** Finds the client of what has begun already, a sign-in or a session: that may be an internal one, which exists in no other look-up. */
import type Provider from 'oidc-provider';
import { withInternalClients } from '../request-state.ts';

/** `clientId` stands in what we have stored; it must not come from a request. */
export const clientInSession = (
  provider: Provider,
  clientId: string,
): Promise<Awaited<ReturnType<Provider['Client']['find']>>> =>
  withInternalClients(() => provider.Client.find(clientId));
