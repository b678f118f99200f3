/** Decides whether a verified access token is still live. */
import type { LiveGrant, StateReader } from './adapter/state-reader.ts';
import type { VerifiedToken } from './verified-token.ts';

export interface TokenStatus {
  readonly isLive: boolean;
  /** What a live user token rests on. */
  readonly grant?: LiveGrant;
}

const DEAD: TokenStatus = { isLive: false };

/**
 * What stands for a token on the deny list. The client belongs to it: an application may sign with a key that it knows,
 * and so can repeat the `jti` of anybody's token. No `client_id` has a space.
 */
export const revocationName = ({ client_id, jti }: VerifiedToken['claims']): string => `${client_id} ${jti}`;

/** Not revoked, the client there, and the resource that it is for; for a user token also: the grant alive, and the user not disabled. */
export async function tokenStatus(
  states: Pick<StateReader, 'read'>,
  { claims, kind, audience }: VerifiedToken,
): Promise<TokenStatus> {
  const { client_id: clientId, gid: grantId, rid: resourceId, sub } = claims;
  const { isRevoked, clientExists, audienceExists, grant } = await states.read({
    revocation: revocationName(claims),
    audience,
    resourceId,
    ...(kind === 'ClientCredentials' ? { clientId } : { grantId }),
  });
  if (isRevoked || !audienceExists) return DEAD;
  if (kind === 'ClientCredentials') return { isLive: clientExists };
  // A grant goes with its client and its user: while it is there, so are they.
  const isLive =
    grant?.clientId === clientId && grant.user.userId === sub && grant.user.status !== 'Disabled';
  return isLive ? { isLive, grant } : DEAD;
}
