/** What a client assertion must fulfil beyond its signature, issuer and audience (RFC 7523 section 3). */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { checkFapiAssertion } from './fapi.ts';

/** Its jti is remembered until it expires, so a far end would be kept for ever. */
const MAX_SECONDS = 86_400;

type Claims = Record<string, unknown>;

export async function checkAssertion(
  ctx: KoaContextWithOIDC,
  claims: Claims,
  header: Claims,
  client: Client,
): Promise<void> {
  if (Number(claims.exp) > Date.now() / 1000 + MAX_SECONDS)
    throw new errors.InvalidClientAuth('exp of a client assertion must be at most a day ahead');
  checkFapiAssertion(ctx, claims, header, client);
}
