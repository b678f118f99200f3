/** Decides whether a refresh token is issued (D8) and whether a presented one is replaced (C21, C22). */
import { type Client, errors, type KoaContextWithOIDC, type RefreshToken } from 'oidc-provider';
import { requestState } from '../request-state.ts';
import type { Lifetimes } from './token-lifetimes.ts';

/** The engine has already dropped offline_access where the request had no prompt=consent. */
export async function refreshTokenIssue(
  _ctx: KoaContextWithOIDC,
  client: Client,
  source: { scopes: Set<string> },
): Promise<boolean> {
  return client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access');
}

/** Rotates at every use, except when a used token came back in the grace window: then its successor is repeated. */
export function refreshTokenRotation(
  ctx: KoaContextWithOIDC,
  numbersFor: (client: Client) => Lifetimes,
  now: number,
): boolean {
  const token = ctx.oidc.entities.RefreshToken as RefreshToken | undefined;
  const client = ctx.oidc.client;
  if (!token || !client) throw new errors.InvalidGrant('refresh token not found');
  if ((token.iiat ?? 0) + numbersFor(client).maxRotation <= now)
    throw new errors.InvalidGrant('the period in which this refresh token can be rotated is over');
  return requestState().successor === undefined;
}
