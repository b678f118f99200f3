/** Checks one of our own access tokens in-process and says who is calling; used by the admin and auth faces. */
import type Koa from 'koa';
import type { Caller } from '../base/caller.ts';
import { unauthorized } from '../base/errors.ts';
import type { TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';
import { tokenStatus } from './adapter/token-status.ts';
import { PROOF_ALGORITHMS, ProofFault, proofCheck } from './dpop-proof.ts';
import type { UsedOnce } from './used-once.ts';
import type { VerifiedToken } from './verified-token.ts';

interface Parts {
  readonly db: Database;
  readonly tenantId: TenantId;
  readonly verify: (token: string) => Promise<VerifiedToken | undefined>;
  readonly issuer: string;
  readonly isFirst: UsedOnce;
}

/** @throws 401 for no, a malformed, expired, revoked or foreign token, or a bound one without its proof (contract C1, C4). */
export function callerFromToken({ db, tenantId, verify, issuer, isFirst }: Parts) {
  const checkProof = proofCheck({ origin: new URL(issuer).origin, isFirst });
  return async (ctx: Koa.Context): Promise<Caller> => {
    const [, scheme, token] =
      /^(Bearer|DPoP) ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(ctx.get('authorization')) ?? [];
    if (scheme === undefined || token === undefined) throw unauthorized();
    const verified = await verify(token);
    if (!verified || !(await tokenStatus(db, tenantId, verified)).live) throw unauthorized();
    await checkProof({ ctx, scheme, token, claims: verified.claims }).catch(refuse);
    return toCaller(verified);
  };
}

/** RFC 9449 section 7.1: the challenge says what was wrong; the body stays as for any token that is no good. */
function refuse(error: unknown): never {
  if (!(error instanceof ProofFault)) throw error;
  throw unauthorized(
    `DPoP error="${error.code}", error_description="${error.message}", algs="${PROOF_ALGORITHMS.join(' ')}"`,
  );
}

function toCaller({ claims, kind }: VerifiedToken): Caller {
  const head = { tenantId: claims.tid, clientId: claims.client_id, appId: claims.app_id };
  if (kind === 'AccessToken')
    return { ...head, kind: 'user', userId: claims.sub as UserId, scopes: new Set(claims.scope?.split(' ')) };
  return { ...head, kind: claims.roles?.includes('Admin') ? 'admin' : 'client' };
}
