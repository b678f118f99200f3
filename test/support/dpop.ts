/** DPoP proofs by hand (RFC 9449 section 4.2), right ones and wrong ones. */
import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose';

export interface ProofKey {
  readonly thumbprint: string;
  /** Claims are laid over the right ones; undefined leaves one out. */
  proof(claims: Record<string, unknown>, header?: Partial<JWTHeaderParameters>): Promise<string>;
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

export async function proofKey(): Promise<ProofKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    proof: (claims, header = {}) =>
      new SignJWT({ jti: randomUUID(), iat: Math.floor(Date.now() / 1000), ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey),
  };
}
