/** Which public keys a client may hand in, so that none of them fails only when it is needed (RFC 7517, RFC 7518). */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type { Jwk } from './client.ts';

const CURVES: Readonly<Record<string, readonly string[]>> = {
  EC: ['P-256', 'P-384', 'P-521'],
  OKP: ['Ed25519', 'X25519'],
};
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
const LEAST_RSA_BITS = 2048;

/** What is wrong with this key, as the rest of a sentence; undefined if nothing. */
export function publicKeyProblem(jwk: Jwk): string | undefined {
  if (!['RSA', 'EC', 'OKP'].includes(String(jwk.kty)) || PRIVATE.some((name) => name in jwk))
    return 'must be a public RSA, EC or OKP key';
  if (['alg', 'kid', 'use'].some((name) => jwk[name] !== undefined && !isFilled(jwk[name])))
    return 'must have texts as alg, kid and use';
  const curves = CURVES[String(jwk.kty)];
  if (curves && !curves.includes(String(jwk.crv))) return `must be on a curve out of ${curves.join(', ')}`;
  return materialProblem(jwk);
}

const isFilled = (value: unknown): boolean => typeof value === 'string' && value !== '';

function materialProblem(jwk: Jwk): string | undefined {
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
    if ((asymmetricKeyDetails?.modulusLength ?? LEAST_RSA_BITS) < LEAST_RSA_BITS)
      return `must have at least ${LEAST_RSA_BITS} bits`;
    return undefined;
  } catch {
    return 'is not a valid key';
  }
}
