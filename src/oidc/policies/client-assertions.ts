/** Decides for whom and how long a client assertion is good (R45, contract C7, RFC 7523 section 3). */
import { errors } from 'oidc-provider';

/** Seconds. Each assertion is remembered until it expires, so it must not be good for ever. */
const LONGEST = 86_400;

/** The issuer, the token endpoint and the called endpoint, each with and without the prefix `/cis` (D1, C7). */
export const assertionAudiences = (plain: Iterable<string>): Set<string> =>
  new Set([...plain].flatMap((url) => [url, withPrefix(url)]));

function withPrefix(url: string): string {
  const { origin } = new URL(url);
  return `${origin}/cis${url.slice(origin.length)}`;
}

/** @throws InvalidClientAuth for an assertion that is good for longer than a day. */
export function assertShortLived(claims: { exp?: unknown }, now: number): void {
  if (Number(claims.exp) > now + LONGEST)
    throw new errors.InvalidClientAuth(`exp must not be more than ${LONGEST} seconds ahead`);
}
