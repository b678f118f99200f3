/** Checks the DPoP proof beside an access token at our own routes (RFC 9449 section 7). */
import { calculateJwkThumbprint, decodeJwt, EmbeddedJWK, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Context } from 'koa';
import { hashSecret } from '../base/secrets.ts';
import type { UsedOnce } from './used-once.ts';
import type { AccessTokenClaims } from './verified-token.ts';

export const PROOF_ALGORITHMS = ['ES256', 'EdDSA', 'Ed25519', 'PS256'] as const;
/** How far the clocks of client and server may be apart, and how long a proof is remembered. */
const FRESH_SECONDS = 60;

/** What is wrong with how a bound token was presented, for a developer. */
export class ProofFault extends Error {
  readonly code: 'invalid_token' | 'invalid_dpop_proof';
  constructor(code: ProofFault['code'], message: string) {
    super(message);
    this.code = code;
  }
}

const bad = (message: string): ProofFault => new ProofFault('invalid_dpop_proof', message);

interface Presented {
  readonly ctx: Context;
  readonly scheme: string;
  readonly token: string;
  readonly claims: AccessTokenClaims;
}

/**
 * A token bound to a key comes with the scheme DPoP and a proof of that key; any other comes without.
 * Freshness is told by `iat`: these routes hand out no nonces and take those of the token endpoint as they are.
 * @throws ProofFault
 */
export function proofCheck(parts: { origin: string; isFirst: UsedOnce }) {
  return async ({ ctx, scheme, token, claims }: Presented): Promise<void> => {
    const key = claims.cnf?.jkt;
    const isProved = scheme.toLowerCase() === 'dpop';
    if (key === undefined && !isProved) return;
    if (key === undefined)
      throw new ProofFault('invalid_token', 'this token is bound to no key: send it as Bearer');
    if (!isProved)
      throw new ProofFault(
        'invalid_token',
        'this token is bound to a key: send it with the scheme DPoP and a proof in the header DPoP',
      );
    const proof = await verifiedProof(ctx.get('DPoP'));
    if (proof.thumbprint !== key)
      throw bad('the proof is signed with another key than the token is bound to');
    if (proof.htm !== ctx.method) throw bad(`htm must be the method of the request, ${ctx.method}`);
    if (!isHere(proof.htu, parts.origin, ctx.path))
      throw bad('htu must be the URL of the request, without query');
    if (proof.ath !== hashSecret(token)) throw bad('ath must be the SHA-256 of the access token');
    if (Math.abs(Date.now() / 1000 - proof.iat) > FRESH_SECONDS)
      throw bad('iat is not recent: sign a proof for each request, with a right clock');
    if (!(await parts.isFirst(claims.client_id, proof.jti, proof.iat + 2 * FRESH_SECONDS)))
      throw bad('the proof was used before: sign a new one, with a new jti, for each request');
  };
}

interface Proof extends JWTPayload {
  readonly thumbprint: string;
  readonly jti: string;
  readonly iat: number;
}

async function verifiedProof(proof: string): Promise<Proof> {
  if (proof === '') throw bad('the header DPoP is missing');
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: [...PROOF_ALGORITHMS],
      typ: 'dpop+jwt',
      requiredClaims: ['jti', 'iat', 'htm', 'htu', 'ath'],
    });
    if (typeof payload.jti !== 'string' || payload.jti === '') throw bad('jti must be a text');
    const thumbprint = await calculateJwkThumbprint(protectedHeader.jwk ?? {});
    return { ...payload, jti: payload.jti, iat: payload.iat ?? 0, thumbprint };
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throw bad('the proof must be a JWT of type dpop+jwt, signed with the public key in its header');
    throw error;
  }
}

/** D1: the same route is reachable with and without the prefix. */
function isHere(htu: unknown, origin: string, path: string): boolean {
  const url = typeof htu === 'string' ? URL.parse(htu) : null;
  return (
    url !== null && [path, `/cis${path}`].some((allowed) => url.origin + url.pathname === origin + allowed)
  );
}

/** The path with /cis, where the proof of this request was signed for it; not a check, only a choice of two (D1). */
export function provedPath(oidc: object, path: string): string {
  // The published types leave the context of a request out.
  const proof = (oidc as { ctx: Context }).ctx.get('DPoP');
  if (proof === '') return path;
  try {
    const { htu } = decodeJwt(proof);
    return URL.parse(String(htu))?.pathname === `/cis${path}` ? `/cis${path}` : path;
  } catch {
    return path;
  }
}
