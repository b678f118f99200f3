/** Decides whether a refresh token is issued (D8) and whether a presented one is replaced (C21, C22). */
import { type Client, errors, type KoaContextWithOIDC, type RefreshToken } from 'oidc-provider';
import { requestState } from '../request-state.ts';
import { assertGranted, assertOne } from './resource-servers.ts';
import type { Lifetimes } from './token-lifetimes.ts';

interface Rules {
  readonly numbersFor: (client: Client) => Lifetimes;
  /** @throws InvalidTarget where the client does not have this resource any more. */
  readonly assertResource: (ctx: KoaContextWithOIDC, uri: string, client: Client) => Promise<unknown>;
  /** Epoch seconds. */
  readonly now: number;
}

/** The engine has already dropped offline_access where the request had no prompt=consent. */
export async function refreshTokenIssue(
  _ctx: KoaContextWithOIDC,
  client: Client,
  source: { scopes: Set<string> },
): Promise<boolean> {
  return client.grantTypeAllowed('refresh_token') && source.scopes.has('offline_access');
}

/**
 * Rotates at every use, except when a used token came back in the grace window: then its successor is repeated.
 * Everything that can be wrong with the request is found here, before the token is used up.
 */
export async function refreshTokenRotation(
  ctx: KoaContextWithOIDC,
  { numbersFor, assertResource, now }: Rules,
): Promise<boolean> {
  const token = ctx.oidc.entities.RefreshToken as RefreshToken | undefined;
  const client = ctx.oidc.client;
  if (!token || !client) throw new errors.InvalidGrant('refresh token not found');
  if ((token.iiat ?? 0) + numbersFor(client).maxRotation <= now)
    throw new errors.InvalidGrant('the period in which this refresh token can be rotated is over');
  const [granted] = [token.resource].flat();
  assertOne(ctx.oidc.params?.resource);
  assertGranted(ctx.oidc.params?.resource, granted);
  if (granted !== undefined) await assertResource(ctx, granted, client);
  return requestState().successor === undefined;
}
