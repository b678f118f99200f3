/** Checks one of our own JWT access tokens: signature, then everything that can end it early. */
import { createLocalJWKSet, errors, type JWK, jwtVerify, type JWTPayload } from 'jose';
import { sql } from 'kysely';
import type { AppId, ClientId, TenantId, UserId } from '../base/ids.ts';
import type { Database } from '../storage/database.ts';

/** The claims of contract/tokens-and-sessions.md section 2, as issued by this server. */
export interface AccessTokenClaims extends JWTPayload {
  readonly jti: string;
  readonly sub: string;
  readonly exp: number;
  readonly iat: number;
  readonly aud: string;
  readonly client_id: ClientId;
  readonly app_id: AppId;
  readonly tid: TenantId;
  readonly scope?: string;
  readonly roles?: readonly string[];
  /** Grant behind a user token. */
  readonly gid?: string;
  readonly cnf?: { readonly 'x5t#S256'?: string };
}

export interface VerifiedToken {
  readonly claims: AccessTokenClaims;
  readonly kind: 'AccessToken' | 'ClientCredentials';
}

export interface TokenStatus {
  readonly live: boolean;
  /** Payload of the grant behind a live user token. */
  readonly grant?: Record<string, unknown>;
}

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

const publicPart = ({ kty, kid, alg, use, crv, x, y, n, e }: JWK): JWK =>
  JSON.parse(JSON.stringify({ kty, kid, alg, use, crv, x, y, n, e })) as JWK;

/** @returns a function that yields the verified token, or undefined for anything that is not a valid one of ours. */
export function tokenVerifier(parts: { keys: readonly JWK[]; issuer: string; tenantId: TenantId }) {
  const keySet = createLocalJWKSet({ keys: parts.keys.map(publicPart) });
  return async (token: string): Promise<VerifiedToken | undefined> => {
    try {
      const { payload } = await jwtVerify(token, keySet, { issuer: parts.issuer, typ: 'at+jwt', algorithms: ALGORITHMS, requiredClaims: ['jti', 'exp', 'sub', 'client_id'] });
      const claims = payload as AccessTokenClaims;
      if (claims.tid !== parts.tenantId) return undefined;
      return { claims, kind: claims.sub === claims.client_id ? 'ClientCredentials' : 'AccessToken' };
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  };
}

/** One query: revoked? client there? and for user tokens: grant alive, user not disabled? */
export async function tokenStatus(db: Database, tenantId: TenantId, { claims, kind }: VerifiedToken): Promise<TokenStatus> {
  if (kind === 'ClientCredentials') {
    const { rows } = await sql`select 1 from clients c where c.tenant_id = ${tenantId} and c.client_id = ${claims.client_id}
      and not exists (select 1 from revoked_tokens r where r.tenant_id = ${tenantId} and r.jti = ${claims.jti})`.execute(db);
    return { live: rows.length === 1 };
  }
  const { rows: [row] } = await sql<{ payload: Record<string, unknown> }>`select g.payload from grants g
    join users u on u.tenant_id = g.tenant_id and u.user_id = g.user_id
    where g.tenant_id = ${tenantId} and g.grant_id = ${claims.gid ?? ''} and g.expires_at > now()
      and g.client_id = ${claims.client_id} and u.user_id = ${claims.sub} and u.status <> 'Disabled'
      and not exists (select 1 from revoked_tokens r where r.tenant_id = ${tenantId} and r.jti = ${claims.jti})`.execute(db);
  return row ? { live: true, grant: row.payload } : { live: false };
}

export const userIdOf = (claims: AccessTokenClaims): UserId => claims.sub as UserId;
