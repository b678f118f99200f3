/** Checks the signature, issuer, type, expiry and tenant of one of our own JWT access tokens. */
import { hash } from 'node:crypto';
import { createLocalJWKSet, errors, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import type { AppId, ClientId, OrganizationId, ResourceId, TenantId } from '../base/ids.ts';

import { isStorable } from '../http/validate.ts';
import type { HeldApplicationKey } from '../keys/key-ring.ts';
import type { Resource } from '../resources/resource.ts';
import { keySpeaksFor, type Speaker } from './application-token.ts';

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
  /** Resource whose URI is the audience; a later resource of that URI is another one. */
  readonly rid?: ResourceId;
  /** Grant behind a user token. */
  readonly gid?: string;
  /** Browser session in which a user token came into being; no credential. */
  readonly sid?: string;
  /** Organization for which the user signed in. */
  readonly org_id?: OrganizationId;
  /** Who acts for the user (contract/oidc.md 16), and with which permissions. */
  readonly act?: { readonly sub: string };
  readonly permissions?: readonly string[];
  readonly cnf?: { readonly 'x5t#S256'?: string; readonly jkt?: string };
}

export interface VerifiedToken {
  readonly claims: AccessTokenClaims;
  readonly kind: 'AccessToken' | 'ClientCredentials';
  /** What the token is for, where the claims do not show it. */
  readonly audience: string;
  /** What the engine looks for in place of the id: the token itself, or what stands for it. */
  readonly presented?: string;
}

/** About 1 kB each. */
const MAX_REMEMBERED = 10_000;

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** What may be shown of a key. */
export const publicPart = ({ kty, kid, alg, use, crv, x, y, n, e }: JWK): JWK =>
  JSON.parse(JSON.stringify({ kty, kid, alg, use, crv, x, y, n, e })) as JWK;

/** @returns a function that yields the verified token, or undefined for anything that is not a valid one of ours. */
export function tokenVerifier(parts: {
  keys: readonly JWK[];
  applicationKeys: readonly HeldApplicationKey[];
  issuer: string;
  tenantId: TenantId;
  findClient: (tenantId: TenantId, clientId: ClientId) => Promise<Speaker | undefined>;
  findResource: (uri: string) => Promise<Pick<Resource, 'resourceId'> | undefined>;
}) {
  const ofApplications = parts.applicationKeys.map(({ publicJwk }) => publicJwk);
  const keySet = createLocalJWKSet({ keys: [...parts.keys, ...ofApplications].map(publicPart) });
  const speaksFor = keySpeaksFor(parts);
  // A signature that was good under these keys stays good; whether the token is still live is asked at each use.
  const verified = new LRUCache<string, VerifiedToken>({ max: MAX_REMEMBERED });
  return async (text: string): Promise<VerifiedToken | undefined> => {
    const key = hash('sha256', text, 'base64url');
    const known = verified.get(key);
    if (known) return known.claims.exp > Date.now() / 1000 ? known : undefined;
    try {
      const { payload, protectedHeader } = await jwtVerify(text, keySet, {
        issuer: parts.issuer,
        typ: 'at+jwt',
        algorithms: ALGORITHMS,
        requiredClaims: ['jti', 'exp', 'sub', 'client_id', 'app_id', 'tid'],
      });
      const claims = payload as AccessTokenClaims;
      // An application may sign with a key that it knows: no shape is taken for granted.
      if (claims.tid !== parts.tenantId || typeof claims.aud !== 'string' || !isStorable(claims.aud))
        return undefined;
      if (!(await speaksFor(protectedHeader.kid, claims))) return undefined;
      const kind = claims.sub === claims.client_id ? 'ClientCredentials' : 'AccessToken';
      const token: VerifiedToken = { claims, kind, audience: claims.aud };
      verified.set(key, token);
      return token;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  };
}
