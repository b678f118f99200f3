/** Decides for whom and how long a client assertion is good (R45, contract C7, RFC 7523 section 3). */
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { checkFapiAssertion } from './fapi.ts';

/** Seconds. Each assertion is remembered until it expires, so it must not be good for ever. */
const LONGEST = 86_400;

/** The issuer, the token endpoint and the called endpoint, each with and without the prefix `/cis` (D1, C7). */
export const assertionAudiences = (plain: Iterable<string>): Set<string> =>
  new Set([...plain].flatMap((url) => [url, withPrefix(url)]));

function withPrefix(url: string): string {
  const { origin } = new URL(url);
  return `${origin}/cis${url.slice(origin.length)}`;
}

type Claims = Record<string, unknown>;

/** @throws InvalidClientAuth for one that is good for longer than a day, or that FAPI does not allow. */
export async function checkAssertion(
  ctx: KoaContextWithOIDC,
  claims: Claims,
  header: Claims,
  client: Client,
): Promise<void> {
  if (Number(claims.exp) > Date.now() / 1000 + LONGEST)
    throw new errors.InvalidClientAuth(`exp must not be more than ${LONGEST} seconds ahead`);
  checkFapiAssertion(ctx, claims, header, client);
}
