/** Says how long each thing the engine makes lives, in seconds (contract/tokens-and-sessions.md section 4). */
import type { Client, Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { backchannelSeconds } from '../backchannel.ts';
import { endOfSession } from '../session-memory.ts';
import { consentEnd } from './consented-grant.ts';
import { SESSION_SECONDS, sessionTtl } from './session-lifetime.ts';
import { grantTtl, type Lifetimes, refreshTokenTtl, withinConsent } from './token-lifetimes.ts';

/** How long a person may take to sign in. */
export const INTERACTION_SECONDS = 3600;

/** What a third party gets ends with the user's consent, if not before. `now` in epoch seconds. */
export const timeToLive = (
  numbersFor: (client: Client) => Lifetimes,
  now: () => number,
): NonNullable<Configuration['ttl']> => ({
  AccessToken: (ctx, token, client) =>
    withinConsent(
      token.resourceServer?.accessTokenTTL ?? numbersFor(client).accessToken,
      consentEnd(ctx, client),
      now(),
    ),
  ClientCredentials: (_ctx, token, client) =>
    token.resourceServer?.accessTokenTTL ?? numbersFor(client).accessToken,
  AuthorizationCode: 60,
  DeviceCode: 600,
  BackchannelAuthenticationRequest: (ctx) => backchannelSeconds(ctx),
  IdToken: 3600,
  Interaction: INTERACTION_SECONDS,
  Session: (_ctx, session) => sessionTtl(endOfSession(session), now()),
  RefreshToken: (ctx, token, client) =>
    withinConsent(
      refreshTokenTtl(numbersFor(client), token.iiat ?? now(), now()),
      consentEnd(ctx, client),
      now(),
    ),
  Grant: (ctx: KoaContextWithOIDC) =>
    ctx.oidc.client
      ? withinConsent(
          grantTtl(numbersFor(ctx.oidc.client), ctx.oidc.requestParamScopes.has('offline_access')),
          consentEnd(ctx, ctx.oidc.client),
          now(),
        )
      : SESSION_SECONDS,
});
